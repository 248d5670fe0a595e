import Model

/// What an alert is at.
public enum AlertState: String, Sendable, Hashable, Codable {
    /// Its condition does not hold any more.
    case inactive
    /// Its condition holds, not yet for as long as the rule's `for`.
    case pending
    /// It is to be told.
    case firing
}

/// One element of an alerting rule's result, and what became of it over time.
public struct ActiveAlert: Sendable, Hashable {
    /// Its identity: the series' labels without its name, the rule's labels, `alertname`.
    public var labels: Labels
    /// What people read, as of the last evaluation.
    var notes: AlertNotes
    /// What it is at.
    public var state: AlertState
    /// The expression's value when it last held.
    public var value: Double
    /// Since when the condition holds.
    public var activeAt: Timestamp
    /// Since when it is firing.
    public var firedAt: Timestamp?
    /// Since when it is over; kept for a while, so that its end is told again.
    public var resolvedAt: Timestamp?
    /// When it was last handed on.
    public var lastSentAt: Timestamp?
    /// Until when whoever was told of it believes it without hearing again.
    public var validUntil: Timestamp?
    /// Since when only `keep_firing_for` keeps it firing.
    public var keepFiringSince: Timestamp?
    /// Read back after a restart and not yet confirmed: the last evaluation that knew it.
    public var restoredFrom: Timestamp?

    /// An alert whose condition has begun to hold.
    public init(labels: Labels, annotations: Annotations, value: Double, activeAt: Timestamp) {
        self.init(labels: labels, notes: AlertNotes(annotations), value: value, activeAt: activeAt)
    }

    init(labels: Labels, notes: AlertNotes, value: Double, activeAt: Timestamp) {
        self.labels = labels
        self.notes = notes
        self.state = .pending
        self.value = value
        self.activeAt = activeAt
    }

    /// What people read, as of the last evaluation. Rendered at each call.
    public var annotations: Annotations { notes.rendered().text }

    /// Whether nothing but its value can change while its condition goes on to hold.
    func isSteady(at t: Timestamp, holdDuration: Milliseconds) -> Bool {
        if restoredFrom != nil || keepFiringSince != nil { return false }
        switch state {
        case .firing: return t - activeAt >= holdDuration
        case .pending: return t - activeAt < holdDuration
        case .inactive: return false
        }
    }

    /// Whether it is to be handed on at `t`: at its end, and again whenever the delay has passed.
    func needsSending(at t: Timestamp, resendDelay: Milliseconds) -> Bool {
        if state == .pending { return false }
        guard let lastSentAt else { return true }
        if let resolvedAt, resolvedAt > lastSentAt { return true }
        return lastSentAt + resendDelay < t
    }
}

/// A change of an alert's state, at the evaluation that made it.
public struct Transition: Sendable, Hashable {
    /// What happened.
    public enum Kind: String, Sendable, Hashable, Codable {
        /// The condition began to hold, under a rule with `for`.
        case pending
        /// It has held long enough.
        case firing
        /// A firing alert is over.
        case resolved
        /// A pending alert is over before it fired.
        case inactive
    }

    /// The rule's name.
    public var alert: String
    /// The alert's labels.
    public var labels: Labels
    /// What happened.
    public var kind: Kind
    /// When.
    public var time: Timestamp
    /// The expression's value, where the condition holds.
    public var value: Double?
    /// Since when the condition holds, for a firing alert.
    public var activeAt: Timestamp?

    /// A transition.
    public init(
        alert: String, labels: Labels, kind: Kind, time: Timestamp, value: Double? = nil,
        activeAt: Timestamp? = nil
    ) {
        self.alert = alert
        self.labels = labels
        self.kind = kind
        self.time = time
        self.value = value
        self.activeAt = activeAt
    }
}

extension Transition: Encodable {
    private enum CodingKeys: String, CodingKey {
        case alert, labels, transition, time, value, activeAt
    }

    /// As a replay prints it: times in seconds, the value as the API writes it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(alert, forKey: .alert)
        try container.encode(labels, forKey: .labels)
        try container.encode(kind, forKey: .transition)
        try container.encode(time.seconds, forKey: .time)
        try container.encodeIfPresent(value.map(GoFloat.fixed), forKey: .value)
        try container.encodeIfPresent(activeAt?.seconds, forKey: .activeAt)
    }
}

/// An alert as it is handed to the notifier.
public struct OutgoingAlert: Sendable, Hashable {
    /// Its labels, with the external labels that it does not have itself.
    public var labels: Labels
    /// What people read.
    public var annotations: Annotations
    /// Since when it fires.
    public var startsAt: Timestamp
    /// When it ended, or until when to believe it without hearing again.
    public var endsAt: Timestamp
    /// A link to the rule's expression.
    public var generatorURL: String
    /// Whether it is over.
    public var isResolved: Bool

    /// An alert to hand on.
    public init(
        labels: Labels, annotations: Annotations, startsAt: Timestamp, endsAt: Timestamp,
        generatorURL: String, isResolved: Bool
    ) {
        self.labels = labels
        self.annotations = annotations
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.generatorURL = generatorURL
        self.isResolved = isResolved
    }
}
