import Model

/// An element of `stackit_sd_configs`.
public struct StackitDiscovery: Sendable, Hashable {
    /// `project` of the servers.
    public var project = ""
    /// `region`.
    public var region = "eu01"
    /// `endpoint` in place of the region's own.
    public var endpoint = ""
    /// `service_account_key`, or what `service_account_key_path` names; nil: the client's own settings
    /// say who asks.
    public var accountKey: Secret?
    /// `private_key`, or what `private_key_path` names.
    public var privateKey: Secret?
    /// `credentials_file_path`: a file that may name the private key; "" for the usual one.
    public var credentialsFile = ""
    /// `port` of the targets.
    public var port = 80
    /// `refresh_interval`, which is the time-out of a request too.
    public var refreshInterval = Milliseconds.minutes(1)
    /// How to ask.
    public var client = HTTPClientConfiguration()

    /// Prometheus's defaults.
    public init() {}
}

extension StackitDiscovery {
    init(_ keys: KeyedElement) {
        keys.string("project", &project)
        keys.string("region", &region)
        keys.string("endpoint", &endpoint)
        if endpoint.isEmpty, region.isEmpty {
            keys.error("stackit_sd: endpoint and region missing")
        }
        keys["endpoint"].map(URLCheck.check)
        accountKey = StackitDiscovery.key(keys, "service_account_key")
        privateKey = StackitDiscovery.key(keys, "private_key")
        keys.string("credentials_file_path", &credentialsFile)
        keys.port(&port)
        keys.duration("refresh_interval", &refreshInterval)
        client = HTTPClientReader.read(keys)
    }

    /// A key, which wins, or its file, whose path is relative to the working directory as in Prometheus.
    private static func key(_ keys: KeyedElement, _ name: String) -> Secret? {
        let inline = keys[name]?.secret()
        let path = keys.string(name + "_path") ?? ""
        if keys.has(name) { return inline }
        return path.isEmpty ? nil : Secret(.file(path: path))
    }
}
