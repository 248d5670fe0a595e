import Model

/// An element of `hetzner_sd_configs`.
public struct HetznerDiscovery: DiscoveryEntry {
    /// Which of Hetzner's APIs is asked.
    public enum Role: String, Sendable, Hashable, CaseIterable {
        case hcloud
        case robot
    }

    public static let mechanism = "hetzner"

    /// `role`.
    public var role = Role.hcloud
    /// `label_selector` of the cloud's servers.
    public var labelSelector = ""
    /// `port` of the targets.
    public var port = 80
    /// `refresh_interval`, which is the time-out of a request too.
    public var refreshInterval = Milliseconds.minutes(1)
    /// How to ask: with a token in the cloud, with a user's name and password at Robot.
    public var client = HTTPClientConfiguration()

    /// Prometheus's defaults.
    public init() {}
}

extension HetznerDiscovery: ReadDiscoveryEntry {
    init(_ keys: KeyedElement) {
        self.init()
        keys.role(&role, "role", missing: "role missing (one of: robot, hcloud)")
        keys.string("label_selector", &labelSelector)
        keys.port(&port)
        keys.duration("refresh_interval", &refreshInterval)
        client = HTTPClientReader.read(keys)
    }
}

extension KeyedElement {
    /// `role`, one of an enumeration's words. Where `missing` is nil it may be left out.
    func role<Role: RawRepresentable<String> & CaseIterable>(
        _ role: inout Role, _ what: String, missing: String?
    ) {
        if has("role"), let element = self["role"] {
            let word = element.word(Role.allCases.map(\.rawValue), what)
            role = word.flatMap(Role.init) ?? role
        } else if let missing {
            error(missing)
        }
    }
}
