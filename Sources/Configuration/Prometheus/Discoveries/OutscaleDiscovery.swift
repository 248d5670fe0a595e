import Model

/// An element of `outscale_sd_configs`.
public struct OutscaleDiscovery: Sendable, Hashable {
    /// `endpoint` in place of the region's own.
    public var endpoint = ""
    /// `region`.
    public var region = "eu-west-2"
    /// `access_key`.
    public var accessKey = ""
    /// `secret_key` or its file.
    public var secretKey = Secret(.inline(""))
    /// `port` of the targets.
    public var port = 80
    /// `refresh_interval`, which is the time-out of a request too.
    public var refreshInterval = Milliseconds.minutes(1)
    /// How to ask.
    public var client = HTTPClientConfiguration()

    /// Prometheus's defaults.
    public init() {}
}

extension OutscaleDiscovery {
    init(_ keys: KeyedElement) {
        keys.string("endpoint", &endpoint)
        keys.string("region", &region)
        if region.isEmpty { keys.error("outscale SD configuration requires a region") }
        keys.string("access_key", &accessKey)
        _ = keys["access_key"]?.secret()
        if accessKey.isEmpty { keys.error("outscale SD configuration requires access_key") }
        if let secret = keys.secret("secret_key") {
            secretKey = secret
        } else {
            keys.error("one of secret_key & secret_key_file must be configured")
        }
        keys.port(&port)
        keys.duration("refresh_interval", &refreshInterval)
        client = HTTPClientReader.read(keys)
    }
}
