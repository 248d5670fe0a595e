import Model

/// An element of `digitalocean_sd_configs`.
public struct DigitalOceanDiscovery: DiscoveryEntry {
    /// What is a target.
    public enum Role: String, Sendable, Hashable, CaseIterable {
        case droplets
        case databases
    }

    public static let mechanism = "digitalocean"

    /// `role`.
    public var role = Role.droplets
    /// `port` of the targets.
    public var port = 80
    /// `refresh_interval`, which is the time-out of a request too.
    public var refreshInterval = Milliseconds.minutes(1)
    /// How to ask.
    public var client = HTTPClientConfiguration()

    /// Prometheus's defaults.
    public init() {}
}

extension DigitalOceanDiscovery: ReadDiscoveryEntry {
    init(_ keys: KeyedElement) {
        self.init()
        keys.role(&role, "DigitalOcean SD role", missing: nil)
        keys.port(&port)
        keys.duration("refresh_interval", &refreshInterval)
        client = HTTPClientReader.read(keys)
    }
}
