import Model

/// An element of `gce_sd_configs`.
public struct GoogleDiscovery: Sendable, Hashable {
    /// `project` of the instances.
    public var project = ""
    /// `zone` of the instances.
    public var zone = ""
    /// `filter` of the list of instances; "" for all.
    public var filter = ""
    /// `port` of the targets.
    public var port = 80
    /// `tag_separator` between the tags in a label.
    public var tagSeparator = ","
    /// `refresh_interval`.
    public var refreshInterval = Milliseconds.minutes(1)

    /// Prometheus's defaults.
    public init() {}
}

extension GoogleDiscovery {
    init(_ keys: KeyedElement) {
        keys.string("project", &project)
        if project.isEmpty { keys.error("GCE SD configuration requires a project") }
        keys.string("zone", &zone)
        if zone.isEmpty { keys.error("GCE SD configuration requires a zone") }
        keys.string("filter", &filter)
        keys.port(&port)
        keys.string("tag_separator", &tagSeparator)
        keys.duration("refresh_interval", &refreshInterval)
    }
}
