import Model

/// An element of `ionos_sd_configs`.
public struct IonosDiscovery: Sendable, Hashable {
    /// `datacenter_id` of the servers.
    public var datacenter = ""
    /// `port` of the targets.
    public var port = 80
    /// `refresh_interval`, which is the time-out of a request too.
    public var refreshInterval = Milliseconds.minutes(1)
    /// How to ask.
    public var client = HTTPClientConfiguration()

    /// Prometheus's defaults.
    public init() {}
}

extension IonosDiscovery {
    init(_ keys: KeyedElement) {
        keys.string("datacenter_id", &datacenter)
        if datacenter.isEmpty { keys.error("datacenter id can't be empty") }
        keys.port(&port)
        keys.duration("refresh_interval", &refreshInterval)
        client = HTTPClientReader.read(keys)
    }
}
