import Model

/// An element of `kuma_sd_configs`.
public struct KumaDiscovery: DiscoveryEntry {
    public static let mechanism = "kuma"

    /// `server`: the URL of Kuma's control plane.
    public var server = ""
    /// `fetch_timeout`: how long the server may wait for something new.
    public var fetchTimeout = Milliseconds.minutes(2)
    /// `client_id`, by which the server knows its clients; empty for the machine's name.
    public var clientID = ""
    /// `refresh_interval`: the shortest time between two requests.
    public var refreshInterval = Milliseconds.seconds(15)
    /// How to ask.
    public var client = HTTPClientConfiguration()

    /// Prometheus's defaults.
    public init() {}
}

extension KumaDiscovery: ReadDiscoveryEntry {
    init(_ keys: KeyedElement) {
        self.init()
        keys.string("server", &server)
        if server.isEmpty {
            keys.error("kuma SD server must not be empty: ")
        } else {
            DiscoverySchemas.checkServer(
                keys, "kuma SD server must not be empty and have a scheme: \(server)")
        }
        keys.duration("fetch_timeout", &fetchTimeout)
        keys.string("client_id", &clientID)
        keys.duration("refresh_interval", &refreshInterval)
        client = HTTPClientReader.read(keys)
    }
}
