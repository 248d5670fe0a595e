import Model

/// Whether an alert is kept from being notified, and by what. Inhibition and silences concern the alert
/// wherever it is routed; time intervals concern one of its routes.
public struct MutingVerdict: Sendable, Hashable {
    /// The alert that inhibits this one; of several, one of the first rule that has any, as in
    /// Alertmanager.
    public internal(set) var inhibition: Inhibition?
    /// The identifiers of the active silences that match it, in order.
    public internal(set) var silencedBy: [String] = []
    /// What the time intervals of the route decide; `.active` where no route is looked at.
    public internal(set) var timeIntervals = TimeIntervalVerdict.active

    /// Whether anything keeps the alert from being notified.
    public var isMuted: Bool {
        inhibition != nil || !silencedBy.isEmpty || timeIntervals != .active
    }

    /// The fingerprint of the alert that inhibits it, as Alertmanager's API lists it.
    public var inhibitedBy: [Fingerprint] { inhibition.map { [$0.fingerprint] } ?? [] }

    /// The names of the time intervals that mute it, as Alertmanager's API lists them.
    public var mutedBy: [String] { timeIntervals.names }
}

/// Why an alert is inhibited: the alert that fires, and the rule that says so.
public struct Inhibition: Sendable, Hashable {
    /// The labels of the alert that fires.
    public let source: Labels
    /// The rule's position in `inhibit_rules`.
    public let rule: Int

    /// Alertmanager's fingerprint of the source.
    public var fingerprint: Fingerprint { Fingerprint(source) }
}

/// Whether a route notifies at a moment, by `mute_time_intervals` and `active_time_intervals`.
public enum TimeIntervalVerdict: Sendable, Hashable {
    /// No time interval mutes the route.
    case active
    /// It is muted: the moment lies in these of its `mute_time_intervals`.
    case muted([String])
    /// It is muted: the moment lies in none of these, its `active_time_intervals`.
    case notActive([String])

    /// The names of the intervals that mute the route.
    public var names: [String] {
        switch self {
        case .active: []
        case .muted(let names), .notActive(let names): names
        }
    }
}
