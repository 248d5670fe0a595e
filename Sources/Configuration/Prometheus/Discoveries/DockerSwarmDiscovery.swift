import Model

/// An element of `dockerswarm_sd_configs`.
public struct DockerSwarmDiscovery: Sendable, Hashable {
    /// What is a target.
    public enum Role: String, Sendable, Hashable, CaseIterable {
        case services
        case tasks
        case nodes
    }

    /// `host`: where a manager's daemon listens.
    public var host = ""
    /// `role`.
    public var role = Role.tasks
    /// `port` of targets that publish none.
    public var port = 80
    /// `filters` of what the role names.
    public var filters: [DiscoveryFilter] = []
    /// `refresh_interval`, which is the time-out of a request too.
    public var refreshInterval = Milliseconds.minutes(1)
    /// How to ask a host of HTTP.
    public var client = HTTPClientConfiguration()

    /// Prometheus's defaults.
    public init() {}
}

extension DockerSwarmDiscovery {
    init(_ keys: KeyedElement) {
        host = DockerDiscovery.host(keys)
        if keys.has("role"), let element = keys["role"] {
            let word = element.word(Role.allCases.map(\.rawValue), "role")
            role = word.flatMap(Role.init) ?? role
        } else {
            keys.error("role missing (one of: tasks, services, nodes)")
        }
        keys.port(&port)
        filters = DiscoveryFilter.read(keys)
        keys.duration("refresh_interval", &refreshInterval)
        client = HTTPClientReader.read(keys)
    }
}
