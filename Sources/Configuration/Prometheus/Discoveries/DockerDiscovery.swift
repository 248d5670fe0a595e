import Model

/// An element of `docker_sd_configs`.
public struct DockerDiscovery: Sendable, Hashable {
    /// `host`: where the daemon listens, such as `unix:///var/run/docker.sock`.
    public var host = ""
    /// `port` of targets that expose none.
    public var port = 80
    /// `filters` of the containers.
    public var filters: [DiscoveryFilter] = []
    /// `host_networking_host`: the address of containers in the host's network.
    public var hostNetworkingHost = "localhost"
    /// `match_first_network`: of a container in several networks only the first one counts.
    public var matchFirstNetwork = true
    /// `refresh_interval`, which is the time-out of a request too.
    public var refreshInterval = Milliseconds.minutes(1)
    /// How to ask a host of HTTP.
    public var client = HTTPClientConfiguration()

    /// Prometheus's defaults.
    public init() {}
}

/// An element of `filters`: what an API is asked to leave out.
public struct DiscoveryFilter: Sendable, Hashable {
    /// `name`, e.g. `label`.
    public var name: String
    /// `values`, of which any will do.
    public var values: [String]

    /// A filter.
    public init(name: String, values: [String]) {
        self.name = name
        self.values = values
    }
}

extension DockerDiscovery {
    init(_ keys: KeyedElement) {
        host = DockerDiscovery.host(keys)
        keys.port(&port)
        filters = DiscoveryFilter.read(keys)
        keys.string("host_networking_host", &hostNetworkingHost)
        keys.bool("match_first_network", &matchFirstNetwork)
        keys.duration("refresh_interval", &refreshInterval)
        client = HTTPClientReader.read(keys)
    }

    static func host(_ keys: KeyedElement) -> String {
        if keys.has("host"), let element = keys["host"] {
            URLCheck.check(element)
        } else {
            keys.error("host missing")
        }
        return keys.string("host") ?? ""
    }
}

extension DiscoveryFilter {
    /// `filters`; where one without values is an error, `empty` says so.
    static func read(_ keys: KeyedElement, empty: String? = nil) -> [DiscoveryFilter] {
        keys.list("filters") { element in
            element.object { filter in
                let values = filter.strings("values")
                if values.isEmpty, let empty { filter.error(empty) }
                return DiscoveryFilter(name: filter.string("name") ?? "", values: values)
            }
        }
    }
}
