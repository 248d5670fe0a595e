import Configuration
import Model

/// `inhibit_rules` and `time_intervals` of a configuration.
public struct Muting: Sendable {
    /// `inhibit_rules`.
    public var inhibitRules: [InhibitRule] = []
    /// `time_intervals` by name.
    public var timeIntervals: [String: [CalendarInterval]] = [:]

    /// Nothing is muted.
    public init() {}

    /// Those of a configuration.
    public init(_ configuration: NotifierConfiguration) {
        inhibitRules = configuration.inhibitRules
        for interval in configuration.timeIntervals {
            timeIntervals[interval.name, default: []] += interval.intervals
        }
    }

    /// Whether a time interval mutes the route at the moment.
    public func verdict(on route: Route, at moment: Timestamp) -> TimeIntervalVerdict {
        let active = route.activeTimeIntervals
        if !active.isEmpty, !active.contains(where: { contains(moment, $0) }) {
            return .notActive(active)
        }
        let muting = route.muteTimeIntervals.filter { contains(moment, $0) }
        return muting.isEmpty ? .active : .muted(muting)
    }

    private func contains(_ moment: Timestamp, _ name: String) -> Bool {
        timeIntervals[name]?.contains { $0.contains(moment) } ?? false
    }
}
