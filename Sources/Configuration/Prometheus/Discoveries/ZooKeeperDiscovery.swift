import Model

/// An element of `serverset_sd_configs` or `nerve_sd_configs`.
public struct ZooKeeperDiscovery: Sendable, Hashable {
    /// `servers` of ZooKeeper, each with a host and perhaps a port.
    public var servers: [String] = []
    /// `paths` under which members are.
    public var paths: [String] = []
    /// `timeout` of the session.
    public var timeout = Milliseconds.seconds(10)

    /// Prometheus's defaults.
    public init() {}
}

extension ZooKeeperDiscovery {
    init(_ keys: KeyedElement, of mechanism: String) {
        servers = keys.strings("servers")
        paths = keys.strings("paths")
        keys.duration("timeout", &timeout)
        let what = "\(mechanism) SD config"
        if servers.isEmpty { keys.error("\(what) must contain at least one Zookeeper server") }
        if paths.isEmpty { keys.error("\(what) must contain at least one path") }
        for path in paths where !path.hasPrefix("/") {
            keys.error(at: "paths", "\(what) paths must begin with '/': \(path)")
        }
    }
}
