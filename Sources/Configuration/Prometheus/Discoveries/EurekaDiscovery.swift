import Model

/// An element of `eureka_sd_configs`.
public struct EurekaDiscovery: DiscoveryEntry {
    public static let mechanism = "eureka"

    /// `server`: the URL of Eureka's API, such as `http://host:8761/eureka/v2`.
    public var server = ""
    /// `refresh_interval`.
    public var refreshInterval = Milliseconds.seconds(30)
    /// How to ask.
    public var client = HTTPClientConfiguration()

    /// Prometheus's defaults.
    public init() {}
}

extension EurekaDiscovery: ReadDiscoveryEntry {
    init(_ keys: KeyedElement) {
        self.init()
        keys.string("server", &server)
        if server.isEmpty {
            keys.error("eureka_sd: empty or null eureka server")
        } else {
            DiscoverySchemas.checkServer(keys, "eureka_sd: invalid eureka server URL")
        }
        keys.duration("refresh_interval", &refreshInterval)
        client = HTTPClientReader.read(keys)
    }
}
