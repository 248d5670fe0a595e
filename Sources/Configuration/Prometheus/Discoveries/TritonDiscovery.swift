import Model

/// An element of `triton_sd_configs`.
public struct TritonDiscovery: Sendable, Hashable {
    /// What is a target.
    public enum Role: String, Sendable, Hashable, CaseIterable {
        case container
        case computeNode = "cn"
    }

    /// `role`.
    public var role = Role.container
    /// `dns_suffix` of the targets' names.
    public var dnsSuffix = ""
    /// `endpoint`: the host of the monitor.
    public var endpoint = ""
    /// `groups` of the containers; none for all.
    public var groups: [String] = []
    /// `port` of the monitor and of the targets.
    public var port = 9163
    /// `version` of the API.
    public var version = 1
    /// `refresh_interval`, which is the time-out of a request too.
    public var refreshInterval = Milliseconds.minutes(1)
    /// How to ask: of an HTTP client's settings there is only `tls_config`.
    public var client = HTTPClientConfiguration()

    /// Prometheus's defaults.
    public init() {}
}

extension TritonDiscovery {
    init(_ keys: KeyedElement) {
        let what = "triton SD configuration requires"
        if let text = keys.string("role") {
            if let role = Role(rawValue: text) {
                self.role = role
            } else {
                keys.error(at: "role", "\(what) role to be 'container' or 'cn'")
            }
        }
        if !keys.has("account") { keys.error("\(what) an account") }
        _ = keys.string("account")
        keys.string("dns_suffix", &dnsSuffix)
        if dnsSuffix.isEmpty { keys.error("\(what) a dns_suffix") }
        keys.string("endpoint", &endpoint)
        if endpoint.isEmpty { keys.error("\(what) an endpoint") }
        groups = keys.strings("groups")
        keys.port(&port)
        keys.read("version", into: &version) { $0.int(Int64.min...Int64.max) }
        keys.duration("refresh_interval", &refreshInterval)
        if refreshInterval <= .zero {
            keys.error(
                at: "refresh_interval", "\(what) RefreshInterval to be a positive integer")
        }
        if let tls = keys["tls_config"].flatMap(HTTPClientReader.tls) { client.tls = tls }
    }
}
