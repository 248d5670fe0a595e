/// The settings of an entry of a section `NAME_sd_configs`.
public protocol DiscoveryEntry: Sendable, Hashable {
    /// The mechanism's name, as in `NAME_sd_configs`.
    static var mechanism: String { get }
}

/// Settings that are read here: `ServiceDiscoveries` lists them.
protocol ReadDiscoveryEntry: DiscoveryEntry {
    init(_ keys: KeyedElement)
}

/// Settings of any mechanism.
struct AnyDiscoveryEntry: Sendable, Hashable {
    let settings: any DiscoveryEntry

    static func == (a: AnyDiscoveryEntry, b: AnyDiscoveryEntry) -> Bool {
        isEqual(a.settings, b.settings)
    }

    func hash(into hasher: inout Hasher) { settings.hash(into: &hasher) }

    private static func isEqual<Entry: DiscoveryEntry>(
        _ a: Entry, _ b: any DiscoveryEntry
    ) -> Bool {
        a == b as? Entry
    }
}
