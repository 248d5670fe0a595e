import Model

/// An element of `marathon_sd_configs`.
public struct MarathonDiscovery: DiscoveryEntry {
    public static let mechanism = "marathon"

    /// `servers`: URLs, of which any is asked.
    public var servers: [String] = []
    /// `auth_token` or `auth_token_file`: the token of DC/OS.
    public var token: Secret?
    /// `refresh_interval`.
    public var refreshInterval = Milliseconds.seconds(30)
    /// How to ask.
    public var client = HTTPClientConfiguration()

    /// Prometheus's defaults.
    public init() {}
}

extension MarathonDiscovery: ReadDiscoveryEntry {
    init(_ keys: KeyedElement) {
        self.init()
        servers = keys.strings("servers")
        if servers.isEmpty {
            keys.error("marathon_sd: must contain at least one Marathon server")
        }
        keys.duration("refresh_interval", &refreshInterval)
        client = HTTPClientReader.read(keys)
        token = keys.secret(
            "auth_token",
            tooMany: "marathon_sd: at most one of auth_token & auth_token_file must be configured")
        if token != nil { checkToken(keys) }
    }

    private func checkToken(_ keys: KeyedElement) {
        let others: String? =
            if client.basicAuth != nil {
                "basic_auth, auth_token & auth_token_file"
            } else if keys.has("bearer_token") || keys.has("bearer_token_file") {
                "bearer_token, bearer_token_file, auth_token & auth_token_file"
            } else if client.authorization != nil {
                "auth_token, auth_token_file & authorization"
            } else {
                nil
            }
        if let others {
            keys.error("marathon_sd: at most one of \(others) must be configured")
        }
    }
}
