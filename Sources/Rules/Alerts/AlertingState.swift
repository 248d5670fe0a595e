import Model

/// Why a rule's evaluation came to nothing; the wording is Prometheus's.
public struct EvaluationFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public let description: String

    /// A failure with this reason.
    public init(_ description: String) { self.description = description }
}

/// The alerts of one alerting rule and the whole of their life, as a value.
///
/// An alert whose condition holds is *pending* until it has held for `holdDuration`, then *firing*
/// until the condition no longer holds (and `keepFiringFor` has passed), then *inactive*, and kept
/// for 15 minutes so that its end is told more than once.
///
///     var state = AlertingState(parameters)
///     let step = try state.evaluate(at: t, found)   // transitions, alerts to tell, rows to write
///
/// An evaluation that throws has changed nothing: what was firing goes on firing. (Prometheus drops
/// a rule's alerts where `limit` is exceeded; here they are held.) `hold(at:)` then says which of
/// them must be told again, so that nobody downstream believes them over.
public struct AlertingState: Sendable {
    /// What a rule's settings say of its alerts.
    public struct Parameters: Sendable, Hashable {
        /// The rule's name.
        public var name: String
        /// The rule's identity in rows: group file, group, name, labels.
        public var key: String
        /// The link that the alerts carry.
        public var generatorURL = ""
        /// `for`
        public var holdDuration = Milliseconds.zero
        /// `keep_firing_for`
        public var keepFiringFor = Milliseconds.zero
        /// How many alerts the rule may have; 0 is any number.
        public var limit = 0
        /// The group's interval.
        public var interval = Milliseconds.minutes(1)
        /// How long an alert that goes on is not told again.
        public var resendDelay = Milliseconds.minutes(1)
        /// How long the daemon may be away before a pending alert starts over.
        public var outageTolerance = Milliseconds.minutes(60)
        /// How long after an outage a restored alert of a longer `for` fires at the earliest.
        public var gracePeriod = Milliseconds.minutes(10)
        /// How long a restored alert is held at most while its inputs have not been read.
        public var maximumHold = Milliseconds.minutes(10)

        /// Settings of the rule called `name`.
        public init(name: String, key: String) {
            self.name = name
            self.key = key
        }
    }

    /// An element of the rule's result, with labels and annotations expanded.
    public struct Found: Sendable {
        /// The alert's labels.
        public var labels: Labels
        /// The alert's annotations.
        var notes: AlertNotes
        /// The expression's value.
        public var value: Double

        /// An element.
        public init(labels: Labels, annotations: Annotations, value: Double) {
            self.init(labels: labels, notes: AlertNotes(annotations), value: value)
        }

        init(labels: Labels, notes: AlertNotes, value: Double) {
            self.labels = labels
            self.notes = notes
            self.value = value
        }
    }

    /// What an evaluation leads to.
    public struct Step: Sendable {
        /// Changes of state: those of the result in its order, then those that are over.
        public var transitions: [Transition] = []
        /// The alerts to hand on.
        public var toSend: [ActiveAlert] = []
        /// Rows to write before anything is handed on.
        public var changes: [StateChange] = []
        /// What went wrong in templates of alerts that began.
        public var templateErrors: [String] = []
    }

    /// How long an alert that is over is remembered. Its end is told again that long, for
    /// receivers that were down.
    public static let resolvedRetention = Milliseconds.minutes(15)

    /// The rule's settings.
    public let parameters: Parameters
    var alerts: [Labels: ActiveAlert] = [:]
    var holdDeadline = Timestamp.distantPast

    /// A rule without alerts.
    public init(_ parameters: Parameters) { self.parameters = parameters }

    /// Every alert that is remembered, those that are over too, by labels.
    public var all: [ActiveAlert] { alerts.values.sorted { $0.labels < $1.labels } }

    /// Pending and firing alerts, by labels.
    public var active: [ActiveAlert] { all.filter { $0.state != .inactive } }

    /// Calls `body` for every pending and firing alert, in any order.
    func forEachActive(_ body: (ActiveAlert) -> Void) {
        for alert in alerts.values where alert.state != .inactive { body(alert) }
    }

    /// The worst state of any alert.
    public var state: AlertState {
        var worst = AlertState.inactive
        for alert in alerts.values {
            if alert.state == .firing { return .firing }
            if alert.state == .pending { worst = .pending }
        }
        return worst
    }

    /// Takes in the result at `t`. `isHeld` is asked of restored alerts that the result does not
    /// have: whether their inputs have not been read since the restart.
    public mutating func evaluate(
        at t: Timestamp, _ found: [Found], isHeld: (ActiveAlert) -> Bool = { _ in false }
    ) throws(EvaluationFailure) -> Step {
        var seen = Set<Labels>(minimumCapacity: found.count)
        for element in found where !seen.insert(element.labels).inserted {
            throw EvaluationFailure(
                "vector contains metrics with the same labelset after applying alert labels")
        }
        let missing = fates(at: t, seen, isHeld)
        let count = found.count + missing.count { $0.fate == .held || $0.fate == .keepsFiring }
        if parameters.limit > 0, count > parameters.limit {
            throw EvaluationFailure(
                "exceeded limit of \(parameters.limit) with \(count) alerts")
        }
        var step = Step()
        for element in found { see(element, at: t, &step) }
        for (alert, fate) in missing { miss(alert, fate, at: t, &step) }
        send(at: t, &step)
        return step
    }

    /// An evaluation that failed: nothing changes, and what fires is told again when it is due.
    public mutating func hold(at t: Timestamp) -> Step {
        var step = Step()
        send(at: t, &step)
        return step
    }

    /// Ends every alert, as when its rule is gone; firing ones are told as resolved.
    public mutating func end(at t: Timestamp) -> Step {
        var step = Step()
        for alert in active { over(alert, at: t, &step) }
        send(at: t, &step)
        return step
    }
}
