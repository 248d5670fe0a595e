import Model

/// What is owed to whom, and when it is tried: a pure state machine.
///
/// owed → in flight → acknowledged (and gone) | owed again after a backoff | refused, owed again at
/// the next group interval | given up when it is too old.
public struct Outbox: Sendable {
    /// The wait after the first failed attempt; it doubles with each further one.
    public static let firstBackoff = Milliseconds.seconds(1)
    /// The longest wait between attempts that the receiver did not ask for.
    public static let maximumBackoff = Milliseconds.seconds(60)
    /// The longest wait that a receiver may ask for.
    public static let maximumRetryAfter = Milliseconds.minutes(60)
    /// How many attempts one integration has under way at once; the others wait their turn.
    public static let maximumInFlightPerIntegration = 16

    private(set) var slots: [DeliveryKey: OutboxSlot] = [:]
    private var tickets: [DeliveryKey: UInt64] = [:]
    private var nextTicket: UInt64 = 0
    private var slotsOfGroup: [String: Set<DeliveryKey>] = [:]
    private var inFlight: [IntegrationKey: Int] = [:]

    private struct IntegrationKey: Hashable {
        var receiver: String
        var integration: String
        var index: Int

        init(_ key: DeliveryKey) {
            receiver = key.receiver
            integration = key.integration
            index = key.index
        }
    }

    /// An empty one.
    public init() {}

    /// How many slots hold something.
    public var count: Int { slots.count }

    /// What is owed, in a stable order.
    public var owed: [OutboxSlot] { slots.values.sorted { $0.key < $1.key } }

    /// Whether anything is owed for the group.
    func owesAnything(groupKey: String) -> Bool { slotsOfGroup[groupKey] != nil }

    func owedKeys(groupKey: String) -> [DeliveryKey] { (slotsOfGroup[groupKey] ?? []).sorted() }

    // MARK: Owing

    /// Puts newer content into the slot. One that waits after a failure goes on waiting; one that
    /// was refused gets its next chance.
    mutating func put(_ newer: OutboxSlot) -> [StateChange] {
        var slot = newer
        if let old = slots[newer.key] {
            slot = old
            if old.inFlight { slot.sending = old.sending ?? old.data }
            slot.data = newer.data
            slot.sendResolved = newer.sendResolved
            slot.groupInterval = newer.groupInterval
            slot.repeatInterval = newer.repeatInterval
            if old.refused {
                slot.refused = false
                slot.notBefore = newer.notBefore
            }
        }
        store(slot)
        return [slot.change]
    }

    /// There is nothing to say any more, and `newest` is how things stand. What may have been heard
    /// is put right rather than dropped.
    mutating func withdraw(_ newest: OutboxSlot) -> [StateChange] {
        guard let old = slots[newest.key] else { return [] }
        if old.inFlight || old.mayHaveArrived { return put(newest) }
        return drop(newest.key)
    }

    /// Empties the slot; an attempt under way is no longer waited for.
    mutating func drop(_ key: DeliveryKey) -> [StateChange] {
        guard let slot = slots.removeValue(forKey: key) else { return [] }
        if slot.inFlight { landed(key) }
        slotsOfGroup[key.groupKey]?.remove(key)
        if slotsOfGroup[key.groupKey]?.isEmpty ?? true { slotsOfGroup[key.groupKey] = nil }
        return [StateChange(.outbox, key: key.row, value: nil)]
    }

    private mutating func store(_ slot: OutboxSlot) {
        slots[slot.key] = slot
        slotsOfGroup[slot.key.groupKey, default: []].insert(slot.key)
    }

    private mutating func landed(_ key: DeliveryKey) {
        tickets[key] = nil
        let integration = IntegrationKey(key)
        let count = (inFlight[integration] ?? 0) - 1
        inFlight[integration] = count > 0 ? count : nil
    }

    private func hasRoom(_ key: DeliveryKey) -> Bool {
        inFlight[IntegrationKey(key)] ?? 0 < Outbox.maximumInFlightPerIntegration
    }

    // MARK: Attempts

    /// When the next attempt may begin, nil where nothing waits or everything waits for an end.
    public func nextAttempt() -> Timestamp? {
        slots.values.lazy.filter { !$0.inFlight && hasRoom($0.key) }.map(\.notBefore).min()
    }

    /// The attempts to begin now, oldest first. Their rows say that they are under way, so that after
    /// a kill it is known what may have arrived.
    mutating func take(at moment: Timestamp) -> (deliveries: [Delivery], changes: [StateChange]) {
        // Where thousands wait for room, an attempt that ends makes room for one.
        let due = slots.values
            .filter { !$0.inFlight && $0.notBefore <= moment && hasRoom($0.key) }
            .map { (notBefore: $0.notBefore, key: $0.key) }
            .sorted { ($0.notBefore, $0.key) < ($1.notBefore, $1.key) }
        var deliveries: [Delivery] = []
        var changes: [StateChange] = []
        for (_, key) in due where hasRoom(key) {
            guard var slot = slots[key] else { continue }
            slot.inFlight = true
            slot.attempts += 1
            slots[slot.key] = slot
            nextTicket += 1
            tickets[slot.key] = nextTicket
            inFlight[IntegrationKey(slot.key), default: 0] += 1
            changes.append(slot.change)
            deliveries.append(
                Delivery(
                    key: slot.key, data: slot.toSend, attempt: slot.attempts, ticket: nextTicket))
        }
        return (deliveries, changes)
    }

    /// What an acknowledged attempt has told, and whether newer content waits behind it.
    struct Acknowledgement {
        var told: ToldAlerts
        var repeatInterval: Milliseconds
        var newer: OutboxSlot?
    }

    /// The receiver took it. Nil where nobody waits for this attempt any more.
    mutating func acknowledge(_ delivery: Delivery, at moment: Timestamp) -> (
        acknowledgement: Acknowledgement, changes: [StateChange]
    )? {
        guard tickets[delivery.key] == delivery.ticket, var slot = slots[delivery.key] else {
            return nil
        }
        landed(delivery.key)
        var acknowledgement = Acknowledgement(
            told: ToldAlerts(slot.sending ?? slot.data), repeatInterval: slot.repeatInterval)
        slot.inFlight = false
        guard slot.sending != nil else {
            slots[delivery.key] = slot
            return (acknowledgement, drop(delivery.key))
        }
        slot.sending = nil
        slot.attempts = 0
        slot.mayHaveArrived = false
        slot.refused = false
        slot.lastError = nil
        slot.notBefore = moment
        store(slot)
        acknowledgement.newer = slot
        return (acknowledgement, [slot.change])
    }

    /// A failed attempt, and what became of it.
    struct Failure {
        /// Still owed, or nil where it was given up.
        var slot: OutboxSlot?
        /// Whether newer content came while it was under way.
        var superseded = false
    }

    /// The attempt failed; `outcome` says how. What has been owed for longer than `maximumAge` is given
    /// up. Nil where nobody waits for it any more.
    mutating func fail(
        _ delivery: Delivery, _ outcome: DeliveryOutcome, at moment: Timestamp,
        maximumAge: Milliseconds
    ) -> (failure: Failure, changes: [StateChange])? {
        guard tickets[delivery.key] == delivery.ticket, var slot = slots[delivery.key] else {
            return nil
        }
        landed(delivery.key)
        let superseded = slot.sending != nil
        slot.inFlight = false
        slot.sending = nil
        switch outcome {
        case .delivered: return nil
        case .retry(let after, let reason, let mayHaveArrived):
            let asked = min(after ?? .zero, Outbox.maximumRetryAfter)
            slot.notBefore = moment + max(Outbox.backoff(afterAttempt: slot.attempts), asked)
            slot.mayHaveArrived = slot.mayHaveArrived || mayHaveArrived
            slot.refused = false
            slot.lastError = reason
        case .failed(let reason), .unmade(let reason):
            slot.notBefore = superseded ? moment : moment + slot.groupInterval
            slot.refused = !superseded
            slot.lastError = reason
        }
        store(slot)
        if slot.owedSince + maximumAge < moment {
            return (Failure(slot: nil), drop(delivery.key))
        }
        return (Failure(slot: slot, superseded: superseded), [slot.change])
    }

    /// 1 s, 2 s, 4 s … one minute. Without jitter: a replay must be the same each time, and the
    /// receivers of one daemon are few.
    static func backoff(afterAttempt attempt: Int) -> Milliseconds {
        let doublings = min(max(attempt - 1, 0), 16)
        return min(Milliseconds(firstBackoff.value << doublings), maximumBackoff)
    }

    // MARK: After a restart

    /// The state of the rows. What was under way may have arrived, and is owed at once.
    init(rows: [String: [UInt8]], at moment: Timestamp, problems: inout [String]) {
        self.init()
        for (key, bytes) in rows {
            guard var slot: OutboxSlot = StateRow.read(.outbox, key, bytes, &problems) else {
                continue
            }
            if slot.inFlight {
                slot.inFlight = false
                slot.mayHaveArrived = true
                slot.notBefore = min(slot.notBefore, moment)
            }
            store(slot)
        }
    }
}
