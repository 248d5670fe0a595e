import Configuration
import Model

/// What a configuration keeps from being told for a while: by inhibition, and at times of the day.
public struct Muting: Sendable {
    /// `inhibit_rules`.
    public var inhibitRules: [InhibitRule] = []
    /// `time_intervals` by name.
    public var timeIntervals: [String: [CalendarInterval]] = [:]

    /// Nothing is muted.
    public init() {}

    /// What a configuration mutes.
    public init(_ configuration: NotifierConfiguration) {
        inhibitRules = configuration.inhibitRules
        for interval in configuration.timeIntervals {
            timeIntervals[interval.name, default: []] += interval.intervals
        }
    }

    /// The names of the intervals that make the route silent at the moment; none where it speaks.
    public func mutes(_ route: Route, at moment: Timestamp) -> [String] {
        let active = route.activeTimeIntervals
        if !active.isEmpty, !active.contains(where: { holds($0, at: moment) }) { return active }
        return route.muteTimeIntervals.filter { holds($0, at: moment) }
    }

    private func holds(_ name: String, at moment: Timestamp) -> Bool {
        timeIntervals[name]?.contains { $0.contains(moment) } ?? false
    }
}

/// Why an alert is not told.
public struct MutingReasons: Sendable, Hashable {
    /// The fingerprint of an alert that inhibits it; one, as in Alertmanager.
    public var inhibitedBy: [Fingerprint] = []
    /// Silences it lies under.
    public var silencedBy: [String] = []
    /// Time intervals that make its route silent.
    public var mutedBy: [String] = []

    /// Whether there is any.
    public var isMuted: Bool { !(inhibitedBy.isEmpty && silencedBy.isEmpty && mutedBy.isEmpty) }
}
