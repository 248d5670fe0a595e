import Model

/// An element of `nomad_sd_configs`.
public struct NomadDiscovery: Sendable, Hashable {
    /// `server`: a URL of http, https or unix.
    public var server = "http://localhost:4646"
    /// `namespace`.
    public var namespace = "default"
    /// `region`.
    public var region = "global"
    /// `tag_separator` between the tags in a label.
    public var tagSeparator = ","
    /// `allow_stale`: whether a server that is no leader may answer.
    public var allowsStale = true
    /// `refresh_interval`, which is the time-out of a request too.
    public var refreshInterval = Milliseconds.minutes(1)
    /// How to ask.
    public var client = HTTPClientConfiguration()

    /// Prometheus's defaults.
    public init() {}
}

extension NomadDiscovery {
    init(_ keys: KeyedElement) {
        keys.string("server", &server)
        if server.trimmingWhitespace.isEmpty {
            keys.error("nomad SD configuration requires a server address")
        }
        keys.string("namespace", &namespace)
        keys.string("region", &region)
        keys.string("tag_separator", &tagSeparator)
        keys.bool("allow_stale", &allowsStale)
        keys.duration("refresh_interval", &refreshInterval)
        client = HTTPClientReader.read(keys)
    }
}
