import Model

/// An element of `uyuni_sd_configs`.
public struct UyuniDiscovery: DiscoveryEntry {
    public static let mechanism = "uyuni"

    /// `server`: the URL of Uyuni.
    public var server = ""
    /// `username`.
    public var username = ""
    /// `password`.
    public var password = Secret(.inline(""))
    /// `entitlement` that the systems must have.
    public var entitlement = "monitoring_entitled"
    /// `separator` between the groups in a label.
    public var separator = ","
    /// `refresh_interval`.
    public var refreshInterval = Milliseconds.minutes(1)
    /// How to ask.
    public var client = HTTPClientConfiguration()

    /// Prometheus's defaults.
    public init() {}
}

extension UyuniDiscovery: ReadDiscoveryEntry {
    init(_ keys: KeyedElement) {
        self.init()
        for (key, what) in [
            ("server", "server host"), ("username", "a username"),
            ("password", "a password"),
        ] where !keys.has(key) {
            keys.error("Uyuni SD configuration requires \(what)")
        }
        keys.string("server", &server)
        keys["server"].map(URLCheck.check)
        keys.string("username", &username)
        password = keys["password"]?.secret() ?? password
        keys.string("entitlement", &entitlement)
        keys.string("separator", &separator)
        keys.duration("refresh_interval", &refreshInterval)
        client = HTTPClientReader.read(keys)
    }
}
