import Model
import Zones

/// `notifiers.yml`: a file in Alertmanager's schema. Global fallbacks are filled in, relative
/// paths are resolved against the file's directory.
public struct NotifierConfiguration: Sendable, Hashable {
    /// The file as it was named.
    public var path = ""
    /// `global.resolve_timeout`: when an alert without an end that is not repeated is resolved.
    public var resolveTimeout: Milliseconds = .minutes(5)
    /// `templates`: glob patterns of template files.
    public var templates: [Located<String>] = []
    /// `route`: the root of the tree.
    public var route: RouteConfiguration
    /// `inhibit_rules`.
    public var inhibitRules: [InhibitRule] = []
    /// `receivers`.
    public var receivers: [ReceiverConfiguration] = []
    /// `time_intervals` and `mute_time_intervals`.
    public var timeIntervals: [NamedTimeInterval] = []

    /// A tree, and receivers for it.
    public init(route: RouteConfiguration, receivers: [ReceiverConfiguration] = []) {
        self.route = route
        self.receivers = receivers
    }
}

/// A node of the routing tree as written: nil is "as the parent".
public struct RouteConfiguration: Sendable, Hashable {
    /// What alerts are grouped by.
    public enum GroupBy: Sendable, Hashable {
        /// These labels.
        case labels([String])
        /// `...`: every label, so each alert is alone.
        case all
    }

    /// What the root has where nothing is said, as in Alertmanager.
    public static let defaultGroupWait: Milliseconds = .seconds(30)
    /// See `defaultGroupWait`.
    public static let defaultGroupInterval: Milliseconds = .minutes(5)
    /// See `defaultGroupWait`.
    public static let defaultRepeatInterval: Milliseconds = .minutes(240)

    /// `receiver`; never nil in the root.
    public var receiver: String?
    /// `group_by`; nil: as the parent, and in the root no label.
    public var groupBy: GroupBy?
    /// `group_wait`.
    public var groupWait: Milliseconds?
    /// `group_interval`.
    public var groupInterval: Milliseconds?
    /// `repeat_interval`.
    public var repeatInterval: Milliseconds?
    /// `match`, `match_re` and `matchers`, in Alertmanager's order: by name, value and kind.
    public var matchers: [Matcher] = []
    /// `continue`: whether the siblings behind a match are asked too.
    public var continues = false
    /// `mute_time_intervals`.
    public var muteTimeIntervals: [String] = []
    /// `active_time_intervals`.
    public var activeTimeIntervals: [String] = []
    /// `routes`.
    public var routes: [RouteConfiguration] = []
    /// Where it stands.
    @Incidental public var place = SourcePlace(file: "")

    /// A node for a receiver.
    public init(receiver: String? = nil) { self.receiver = receiver }
}

/// An element of `inhibit_rules`: while an alert that matches the source fires, those that match
/// the target and agree in `equal` are not told of.
public struct InhibitRule: Sendable, Hashable {
    /// `name`.
    public var name = ""
    /// `source_matchers`, `source_match`, `source_match_re`.
    public var sourceMatchers: [Matcher] = []
    /// `target_matchers`, `target_match`, `target_match_re`.
    public var targetMatchers: [Matcher] = []
    /// `equal`: names of labels.
    public var equal: [String] = []
    /// Where it stands.
    @Incidental public var place = SourcePlace(file: "")

    /// A rule.
    public init(source: [Matcher] = [], target: [Matcher] = [], equal: [String] = []) {
        sourceMatchers = source
        targetMatchers = target
        self.equal = equal
    }
}

/// An element of `time_intervals`.
public struct NamedTimeInterval: Sendable, Hashable {
    /// `name`.
    public var name: String
    /// Any of these.
    public var intervals: [CalendarInterval]

    /// A name for intervals.
    public init(_ name: String, _ intervals: [CalendarInterval]) {
        self.name = name
        self.intervals = intervals
    }
}

/// Times in a calendar: all of its non-empty fields must hold, each by one of its ranges.
public struct CalendarInterval: Sendable, Hashable {
    /// `times`: minutes since midnight, the end not included.
    public var times: [Range<Int>] = []
    /// `weekdays`: Sunday is 0.
    public var weekdays: [ClosedRange<Int>] = []
    /// `days_of_month`: from 1; negative ones count from the end of the month, -1 is the last.
    public var daysOfMonth: [DayRange] = []
    /// `months`: 1 to 12.
    public var months: [ClosedRange<Int>] = []
    /// `years`.
    public var years: [ClosedRange<Int>] = []
    /// `location`; nil: UTC.
    public var location: Zone?

    /// Days of a month; of mixed signs the order shows only in a given month.
    public struct DayRange: Sendable, Hashable {
        /// The first day.
        public var first: Int
        /// The last day, included.
        public var last: Int

        /// A range.
        public init(_ first: Int, _ last: Int) {
            self.first = first
            self.last = last
        }
    }

    /// Always.
    public init() {}
}
