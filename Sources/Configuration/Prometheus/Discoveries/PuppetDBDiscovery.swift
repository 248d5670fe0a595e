import Model

/// An element of `puppetdb_sd_configs`.
public struct PuppetDBDiscovery: DiscoveryEntry {
    public static let mechanism = "puppetdb"

    /// `url` of PuppetDB, without the path of its API.
    public var url = ""
    /// `query` in PQL, which finds resources.
    public var query = ""
    /// `include_parameters` of the resources as labels; secrets may be among them.
    public var includesParameters = false
    /// `port` of the targets.
    public var port = 80
    /// `refresh_interval`, which is the time-out of a request too.
    public var refreshInterval = Milliseconds.minutes(1)
    /// How to ask.
    public var client = HTTPClientConfiguration()

    /// Prometheus's defaults.
    public init() {}
}

extension PuppetDBDiscovery: ReadDiscoveryEntry {
    init(_ keys: KeyedElement) {
        self.init()
        keys.string("url", &url)
        if url.isEmpty {
            keys.error("URL is missing")
        } else {
            DiscoverySchemas.checkURL(keys, "url")
        }
        keys.string("query", &query)
        if query.isEmpty { keys.error("query missing") }
        keys.bool("include_parameters", &includesParameters)
        keys.port(&port)
        keys.duration("refresh_interval", &refreshInterval)
        client = HTTPClientReader.read(keys)
    }
}
