import Model

/// What is counted of a group.
public struct RuleCounters: Sendable, Hashable {
    /// Evaluations of the group.
    public var iterations = 0
    /// Evaluations of single rules.
    public var evaluations = 0
    /// Those that failed.
    public var failures = 0
    /// The samples of the last evaluation.
    public var lastSamples = 0
    /// All evaluations' time together.
    public var totalDuration = Duration.zero
    /// Alerts that began to fire, by their label `severity`.
    public var fired: [String: Int] = [:]

    /// Nothing yet.
    public init() {}

    mutating func count(_ evaluation: GroupEvaluation) {
        iterations &+= 1
        evaluations &+= evaluation.rules.count
        failures &+= evaluation.failures
        lastSamples = evaluation.samples
        totalDuration += evaluation.duration
        for transition in evaluation.transitions where transition.kind == .firing {
            fired[transition.labels.value("severity"), default: 0] &+= 1
        }
    }
}

/// A group as the API and the metrics show it.
public struct RuleGroupStatus: Sendable {
    /// Its name.
    public var name: String
    /// Its file.
    public var file: String
    /// The time between evaluations.
    public var interval: Milliseconds
    /// The most series or alerts of a rule; 0: no limit.
    public var limit: Int
    /// Its rules in order.
    public var rules: [RuleStatus]
    /// How long the last evaluation took.
    public var evaluationTime: Duration
    /// When it was evaluated last.
    public var lastEvaluation: Timestamp?
    /// How far into the past it looks.
    public var queryOffset: Milliseconds
    /// When it is due, and what was missed.
    public var schedule: GroupSchedule
    /// What was counted.
    public var counters: RuleCounters
}

/// A rule as the API shows it.
public struct RuleStatus: Sendable {
    /// What it makes; the raw value is the API's `type`.
    public enum Kind: String, Sendable, Hashable, Codable {
        case alerting
        case recording
    }

    /// What it makes.
    public var kind: Kind
    /// Its name.
    public var name: String
    /// Its expression as the printer writes it.
    public var query: String
    /// `for`
    public var holdDuration: Milliseconds
    /// `keep_firing_for`
    public var keepFiringFor: Milliseconds
    /// Its labels as written, with the group's.
    public var labels: Labels
    /// Its annotations as written.
    public var annotations: Annotations
    /// Its pending and firing alerts, by labels.
    public var alerts: [AlertStatus]
    /// The worst state of its alerts; inactive for a recording rule.
    public var state: AlertState
    /// How the last evaluation went.
    public var health: RuleHealth
    /// Why it failed.
    public var lastError: String?
    /// How long it took.
    public var evaluationTime: Duration
    /// When it was.
    public var lastEvaluation: Timestamp?
}

/// An alert as the API shows it.
public struct AlertStatus: Sendable {
    /// Its labels.
    public var labels: Labels
    /// What people read.
    public var annotations: Annotations
    /// What it is at.
    public var state: AlertState
    /// Since when its condition holds.
    public var activeAt: Timestamp
    /// Since when only `keep_firing_for` keeps it firing.
    public var keepFiringSince: Timestamp?
    /// The expression's value as the API writes it: Go's `%e`-style shortest form.
    public var value: String
    /// The link to the expression.
    public var generatorURL: String
}

extension Rule {
    var status: RuleStatus {
        let state = alerting
        return RuleStatus(
            kind: state == nil ? .recording : .alerting, name: configuration.name,
            query: printedQuery, holdDuration: configuration.forDuration,
            keepFiringFor: configuration.keepFiringFor, labels: labels,
            annotations: configuration.plainAnnotations,
            alerts: state?.active.map { $0.status(generatorURL: generatorURL) } ?? [],
            state: state?.state ?? .inactive, health: health, lastError: lastError,
            evaluationTime: evaluationTime, lastEvaluation: lastEvaluation)
    }
}

extension ActiveAlert {
    func status(generatorURL: String) -> AlertStatus {
        AlertStatus(
            labels: labels, annotations: annotations, state: state, activeAt: activeAt,
            keepFiringSince: keepFiringSince, value: value.goExponent, generatorURL: generatorURL)
    }
}

extension Double {
    /// As Go's `strconv.FormatFloat(v, 'e', -1, 64)`, which is how the rules API writes a value.
    var goExponent: String {
        if isNaN || isInfinite { return GoFloat.fixed(self) }
        if self == 0 { return sign == .minus ? "-0e+00" : "0e+00" }
        let text = GoFloat.general(self, exponentFrom: Int.min)
        return text
    }
}
