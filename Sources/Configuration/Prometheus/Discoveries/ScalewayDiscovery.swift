import Model

/// An element of `scaleway_sd_configs`.
public struct ScalewayDiscovery: DiscoveryEntry {
    /// What is a target.
    public enum Role: String, Sendable, Hashable, CaseIterable {
        case baremetal
        case instance
    }

    public static let mechanism = "scaleway"

    /// `role`.
    public var role = Role.instance
    /// `api_url`.
    public var apiURL = "https://api.scaleway.com"
    /// `zone` of the servers.
    public var zone = "fr-par-1"
    /// `name_filter` of the servers; empty for all.
    public var nameFilter = ""
    /// `tags_filter`: tags that a server must all have.
    public var tagsFilter: [String] = []
    /// `port` of the targets.
    public var port = 80
    /// `refresh_interval`, which is the time-out of a request too.
    public var refreshInterval = Milliseconds.minutes(1)
    /// How to ask; `secret_key` is one of its headers.
    public var client = HTTPClientConfiguration()

    /// Prometheus's defaults.
    public init() {}
}

extension ScalewayDiscovery: ReadDiscoveryEntry {
    init(_ keys: KeyedElement) {
        self.init()
        keys.role(&role, "role", missing: "role missing (one of: instance, baremetal)")
        // Requests need neither of them: the secret key is Scaleway's token.
        for key in ["project_id", "access_key"] where !keys.has(key) {
            keys.error("\(key) is mandatory")
        }
        _ = keys.string("project_id")
        _ = keys["access_key"]?.secret()
        if keys.has("api_url") {
            keys.string("api_url", &apiURL)
            DiscoverySchemas.checkURL(keys, "api_url")
        }
        keys.string("zone", &zone)
        if zone.isEmpty { keys.error(at: "zone", "default zone cannot be empty") }
        keys.string("name_filter", &nameFilter)
        tagsFilter = keys.strings("tags_filter")
        keys.port(&port)
        keys.duration("refresh_interval", &refreshInterval)
        client = HTTPClientReader.read(keys)
        if let key = keys.secret("secret_key") {
            client.headers.append(HTTPHeader("X-Auth-Token", [key]))
        } else {
            keys.error("one of secret_key & secret_key_file must be configured")
        }
    }
}
