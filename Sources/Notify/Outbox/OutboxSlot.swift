import Model

/// What is owed to one integration about one group. There is one slot for each, and the newest
/// content wins, so that an old "firing" can never overtake a newer "resolved".
public struct OutboxSlot: Sendable, Hashable, Codable {
    /// Whom it is owed to.
    public let key: DeliveryKey
    /// What is to be said.
    public internal(set) var data: NotificationData
    /// Whether resolved alerts are said too.
    public internal(set) var sendResolved: Bool
    /// When a refused one is tried again.
    public internal(set) var groupInterval: Milliseconds
    /// After how long an unchanged group is told again.
    public internal(set) var repeatInterval: Milliseconds
    /// Since when something is owed here.
    public let owedSince: Timestamp
    /// Attempts made so far.
    public internal(set) var attempts = 0
    /// Not to be tried before.
    public internal(set) var notBefore: Timestamp
    /// Whether an attempt is under way.
    public internal(set) var inFlight = false
    /// Whether an attempt may have reached the receiver though nothing was acknowledged.
    public internal(set) var mayHaveArrived = false
    /// Whether the last attempt was refused for good.
    public internal(set) var refused = false
    /// Why the last attempt failed.
    public internal(set) var lastError: String?
    /// What the attempt under way says, where `data` has become newer since. In memory only: after a
    /// restart nobody is left to acknowledge it.
    var sending: NotificationData?

    enum CodingKeys: CodingKey {
        case key, data, sendResolved, groupInterval, repeatInterval, owedSince, attempts, notBefore
        case inFlight, mayHaveArrived, refused, lastError
    }

    init(
        data: NotificationData, sendResolved: Bool, groupInterval: Milliseconds,
        repeatInterval: Milliseconds
    ) {
        key = DeliveryKey(data)
        self.data = data
        self.sendResolved = sendResolved
        self.groupInterval = groupInterval
        self.repeatInterval = repeatInterval
        owedSince = data.now
        notBefore = data.now
    }

    /// Nothing but resolved alerts for somebody who does not want to hear of them: there is nothing
    /// to send, but the log must know.
    var isSilent: Bool { !sendResolved && data.status == .resolved }

    /// What is sent: without resolved alerts where these are not wanted.
    var toSend: NotificationData {
        var sent = data
        if !sendResolved { sent.alerts = data.firing }
        return sent
    }

    var change: StateChange { StateRow.change(.outbox, key: key.row, json: rowJSON) }
}

extension DeliveryKey {
    /// Where the notification goes.
    public init(_ data: NotificationData) {
        self.init(
            groupKey: data.groupKey, receiver: data.receiver, integration: data.integration,
            index: data.index)
    }
}

/// One attempt to deliver, to be made now.
public struct Delivery: Sendable, Hashable {
    /// Whom to.
    public let key: DeliveryKey
    /// What.
    public internal(set) var data: NotificationData
    /// Which attempt for this slot, from 1.
    public let attempt: Int
    /// Tells this attempt from every other one of this process.
    let ticket: UInt64
}
