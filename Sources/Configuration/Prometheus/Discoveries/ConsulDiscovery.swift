import Model

/// An element of `consul_sd_configs`.
public struct ConsulDiscovery: Sendable, Hashable {
    /// `server`: host and port, perhaps as a URL of http, https or unix.
    public var server = "localhost:8500"
    /// `path_prefix` in front of the API's paths.
    public var pathPrefix = ""
    /// `token` of Consul's access control.
    public var token: Secret?
    /// `datacenter`; empty for that of the agent.
    public var datacenter = ""
    /// `namespace`; empty for the default.
    public var namespace = ""
    /// `partition`; empty for the default.
    public var partition = ""
    /// `tag_separator` between the tags in a label.
    public var tagSeparator = ","
    /// `scheme`.
    public var scheme = "http"
    /// `services` whose instances are targets; none for all.
    public var services: [String] = []
    /// `tags` that a service must all have.
    public var tags: [String] = []
    /// `node_meta` that nodes must have, sorted by name.
    public var nodeMeta: [NamedText] = []
    /// `filter` of the catalog.
    public var filter = ""
    /// `health_filter` of instances.
    public var healthFilter = ""
    /// `allow_stale`: whether a server that is no leader may answer.
    public var allowsStale = true
    /// `refresh_interval`: the shortest time between two requests for the same.
    public var refreshInterval = Milliseconds.seconds(30)
    /// How to ask; `username` and `password` end up here too.
    public var client = HTTPClientConfiguration()

    /// Prometheus's defaults.
    public init() {}
}

extension ConsulDiscovery {
    init(_ keys: KeyedElement) {
        keys.string("server", &server)
        if server.trimmingWhitespace.isEmpty {
            keys.error("consul SD configuration requires a server address")
        }
        keys.string("path_prefix", &pathPrefix)
        keys.string("datacenter", &datacenter)
        keys.string("namespace", &namespace)
        keys.string("partition", &partition)
        keys.string("tag_separator", &tagSeparator)
        keys.string("scheme", &scheme)
        services = keys.strings("services")
        tags = keys.strings("tags")
        nodeMeta = keys.namedTexts("node_meta")
        keys.string("filter", &filter)
        keys.string("health_filter", &healthFilter)
        keys.bool("allow_stale", &allowsStale)
        keys.duration("refresh_interval", &refreshInterval)
        client = HTTPClientReader.read(keys)
        readCredentials(keys)
    }

    private mutating func readCredentials(_ keys: KeyedElement) {
        let user = keys["username"].flatMap { $0.string() } ?? ""
        let password = keys["password"].flatMap { $0.secret() }
        if keys.has("username") || keys.has("password") {
            if client.basicAuth != nil {
                keys.error(
                    "at most one of consul SD configuration username and password and basic auth can be configured"
                )
            }
            client.basicAuth = BasicAuth(username: Secret(.inline(user)), password: password)
        }
        let token = keys["token"].flatMap { $0.secret() }
        guard keys.has("token") else { return }
        self.token = token
        if client.authorization != nil || client.oauth2 != nil {
            keys.error(
                "at most one of consul SD token, authorization, or oauth2 can be configured")
        }
    }
}
