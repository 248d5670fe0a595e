import Model

/// An element of `linode_sd_configs`.
public struct LinodeDiscovery: DiscoveryEntry {
    public static let mechanism = "linode"

    /// `region` of the instances; empty for all.
    public var region = ""
    /// `port` of the targets.
    public var port = 80
    /// `tag_separator` between the elements of lists in a label.
    public var tagSeparator = ","
    /// `refresh_interval`, which is the time-out of a request too.
    public var refreshInterval = Milliseconds.minutes(1)
    /// How to ask.
    public var client = HTTPClientConfiguration()

    /// Prometheus's defaults.
    public init() {}
}

extension LinodeDiscovery: ReadDiscoveryEntry {
    init(_ keys: KeyedElement) {
        self.init()
        keys.string("region", &region)
        keys.port(&port)
        keys.string("tag_separator", &tagSeparator)
        keys.duration("refresh_interval", &refreshInterval)
        client = HTTPClientReader.read(keys)
    }
}
