import Configuration
import Model

/// What becomes of alerts from rules and clients, as one pure state machine: groups, the
/// notification log, silences and the outbox. What it decides, and why, are the values of
/// `Verdicts`. Each call gives the rows to be written, in one transaction, before anything else is
/// done.
public struct Notifier: Sendable {
    /// Alerts in their groups.
    public internal(set) var dispatcher: Dispatcher
    /// What is owed.
    public internal(set) var outbox = Outbox()
    /// The silences.
    public internal(set) var silences = Silences()
    var log = NotificationLog()
    var setup: NotifierSetup
    private var nextCleanUp = Timestamp.distantPast

    /// Why rows of an earlier run could not be used, or could not be acted upon.
    public internal(set) var restoreProblems: [String] = []

    /// Without state.
    public init(_ setup: NotifierSetup) {
        self.setup = setup
        dispatcher = Dispatcher(routes: setup.routes)
        dispatcher.inhibitor = Inhibitor(setup.muting.inhibitRules)
    }

    /// With the state of the rows; `changes` is what the present configuration makes of it.
    public static func restored(
        _ setup: NotifierSetup, from rows: [StateChange.Table: [String: [UInt8]]],
        at moment: Timestamp
    ) -> (notifier: Notifier, changes: [StateChange]) {
        var problems: [String] = []
        var notifier = Notifier(setup)
        notifier.dispatcher = Dispatcher(
            routes: setup.routes, alertRows: rows[.alerts] ?? [:], groupRows: rows[.groups] ?? [:],
            at: moment, problems: &problems)
        notifier.log = NotificationLog(rows: rows[.notificationLog] ?? [:], problems: &problems)
        notifier.outbox = Outbox(
            rows: rows[.outbox] ?? [:], at: moment, problems: &problems)
        notifier.silences = Silences(rows: rows[.silences] ?? [:], problems: &problems)
        notifier.restoreProblems = problems.sorted()
        let changes = notifier.reconfigure(setup, at: moment)
        return (notifier, changes)
    }

    /// When `step` has something to do next, nil where nothing is ahead.
    public var nextWake: Timestamp? {
        [dispatcher.nextFlush(), outbox.nextAttempt()].compactMap(\.self).min()
    }

    // MARK: Steps

    /// Takes in alerts, firing and resolved.
    public mutating func receive(_ alerts: [Alert], at moment: Timestamp) -> [StateChange] {
        dispatcher.receive(alerts, at: moment)
    }

    /// Flushes the groups that are due and gives the attempts to be made, once the rows are written.
    public mutating func step(at moment: Timestamp) -> (
        deliveries: [Delivery], changes: [StateChange]
    ) {
        var changes = ChangeList()
        let (due, flushed) = dispatcher.flush(at: moment)
        changes.add(flushed)
        for group in due {
            changes.add(tell(group, at: moment))
            changes.add(settle(group.key))
        }
        changes.add(cleanUp(at: moment))
        var (deliveries, taken) = outbox.take(at: moment)
        changes.add(taken)
        for index in deliveries.indices {
            let key = deliveries[index].key
            deliveries[index].data.memory = log[key]?.memory
            deliveries[index].data.reason = outbox.slots[key].map {
                verdict(on: $0, at: moment).reason
            }
        }
        return (deliveries, changes.list)
    }

    /// Owes each integration of the group's receiver what it has not heard.
    private mutating func tell(_ group: Dispatcher.DueGroup, at moment: Timestamp)
        -> [StateChange]
    {
        let alerts = unmuted(group, at: moment)
        if alerts.isEmpty { return holdBack(group) }
        var changes: [StateChange] = []
        for integration in setup.integrations(of: group.route.receiver) {
            changes += owe(slot(integration, group, alerts, at: moment), at: moment)
        }
        return changes
    }

    /// What the integration would be notified of: the group with these of its alerts.
    func slot(
        _ integration: NotifierSetup.IntegrationInfo, _ group: Dispatcher.DueGroup,
        _ alerts: [Alert], at moment: Timestamp
    ) -> OutboxSlot {
        let data = NotificationData(
            receiver: group.route.receiver, integration: integration.name,
            index: integration.index, groupKey: group.key, groupLabels: group.id.labels,
            alerts: alerts, externalURL: setup.externalURL, now: moment)
        return OutboxSlot(
            data: data, sendResolved: integration.sendResolved,
            groupInterval: group.route.groupInterval,
            repeatInterval: group.route.repeatInterval)
    }

    private mutating func owe(_ slot: OutboxSlot, at moment: Timestamp) -> [StateChange] {
        let isNews = verdict(on: slot, at: moment).isNews
        // What most flushes come to; only what may be sent is put in order.
        if !isNews, outbox.slots[slot.key] == nil { return [] }
        var slot = slot
        slot.data.alerts.sort(by: Alert.notificationOrder)
        guard isNews else { return outbox.withdraw(slot) }
        if slot.isSilent, !(outbox.slots[slot.key]?.inFlight ?? false) {
            return conclude(silently: slot, at: moment)
        }
        return outbox.put(slot)
    }

    /// Whether the integration is to be notified of what the slot holds.
    func verdict(on slot: OutboxSlot, at moment: Timestamp) -> NotificationVerdict {
        log.verdict(
            slot.key, ToldAlerts(slot.data), sendResolved: slot.sendResolved,
            repeatInterval: slot.repeatInterval, at: moment)
    }

    /// Nothing is sent, and the log knows that nothing fires any more.
    private mutating func conclude(silently slot: OutboxSlot, at moment: Timestamp) -> [StateChange]
    {
        let entry = NotificationLog.Entry(
            key: slot.key, told: ToldAlerts(slot.data), at: moment,
            repeatInterval: slot.repeatInterval)
        return outbox.drop(slot.key) + [log.record(entry)]
    }

    /// Resolved alerts leave their group once nobody is owed anything about it.
    private mutating func settle(_ groupKey: String) -> [StateChange] {
        outbox.owesAnything(groupKey: groupKey) ? [] : dispatcher.settle(groupKey: groupKey)
    }

    // MARK: Attempts end

    /// Takes in how an attempt ended.
    public mutating func finish(
        _ delivery: Delivery, _ outcome: DeliveryOutcome, at moment: Timestamp
    ) -> (changes: [StateChange], report: DeliveryReport) {
        var changes = ChangeList()
        var report = DeliveryReport(key: delivery.key, attempt: delivery.attempt)
        if case .delivered(let detail, let memory) = outcome {
            guard let (done, acknowledged) = outbox.acknowledge(delivery, at: moment) else {
                return ([], report)
            }
            report.result = .delivered
            report.reason = detail
            changes.add(acknowledged)
            var entry = NotificationLog.Entry(
                key: delivery.key, told: done.told, at: moment,
                repeatInterval: done.repeatInterval)
            // What fires next is another incident.
            if !done.told.firing.isEmpty { entry.memory = memory ?? log[delivery.key]?.memory }
            changes.add(log.record(entry))
            if let newer = done.newer { changes.add(reconsider(newer, at: moment)) }
        } else {
            guard
                let (failure, failed) = outbox.fail(
                    delivery, outcome, at: moment, maximumAge: setup.maximumAge)
            else {
                return ([], report)
            }
            changes.add(failed)
            report.take(outcome, slot: failure.slot)
            if let slot = failure.slot, failure.superseded {
                changes.add(reconsider(slot, at: moment))
            }
        }
        changes.add(settle(delivery.key.groupKey))
        return (changes.list, report)
    }

    /// An attempt with older content has ended: is the newer one still news?
    private mutating func reconsider(_ slot: OutboxSlot, at moment: Timestamp) -> [StateChange] {
        if slot.isSilent { return conclude(silently: slot, at: moment) }
        if slot.mayHaveArrived || verdict(on: slot, at: moment).isNews { return [] }
        return outbox.drop(slot.key)
    }

    /// Gives up what is owed to an integration that does not exist any more.
    public mutating func abandon(_ delivery: Delivery) -> [StateChange] {
        outbox.drop(delivery.key) + settle(delivery.key.groupKey)
    }

    // MARK: House-keeping

    /// How often log and silences are searched for what may be forgotten.
    static let cleanUpInterval = Milliseconds.minutes(15)

    private mutating func cleanUp(at moment: Timestamp) -> [StateChange] {
        if moment < nextCleanUp { return [] }
        nextCleanUp = moment + Notifier.cleanUpInterval
        let expired = log.entries.values.filter {
            $0.expiresAt < moment && dispatcher.groups(withKey: $0.key.groupKey).isEmpty
                && outbox.slots[$0.key] == nil
        }
        return expired.map(\.key).sorted().map { log.remove($0) }
            + silences.collectGarbage(at: moment) { dispatcher.alerts[$0] != nil }
    }
}

/// What a notifier works by: the tree, the receivers, and what mutes alerts.
public struct NotifierSetup: Sendable {
    /// An integration as the state machine sees it.
    public struct IntegrationInfo: Sendable, Hashable {
        /// Its kind.
        public var name: String
        /// The position among its receiver's integrations of this kind.
        public var index: Int
        /// Whether it wants to hear of resolved alerts.
        public var sendResolved: Bool

        /// An integration.
        public init(name: String, index: Int, sendResolved: Bool) {
            self.name = name
            self.index = index
            self.sendResolved = sendResolved
        }
    }

    /// The routing tree.
    public var routes: RouteTree
    /// The receivers' integrations by receiver.
    public var receivers: [String: [IntegrationInfo]]
    /// Inhibition and time intervals.
    public var muting: Muting
    /// The base of links to ourselves.
    public var externalURL: String
    /// `tocsin.notifications.max_age`: how long something stays owed to a receiver that never takes it.
    public var maximumAge: Milliseconds

    /// A setup.
    public init(
        routes: RouteTree, receivers: [String: [IntegrationInfo]], muting: Muting = Muting(),
        externalURL: String = "", maximumAge: Milliseconds = NotificationSettings().maximumAge
    ) {
        self.maximumAge = maximumAge
        self.routes = routes
        self.receivers = receivers
        self.muting = muting
        self.externalURL = externalURL
    }

    /// What a configuration says.
    init(
        _ configuration: NotifierConfiguration, receivers: [String: [IntegrationInfo]],
        externalURL: String, settings: NotificationSettings
    ) {
        self.init(
            routes: RouteTree(configuration.route), receivers: receivers,
            muting: Muting(configuration), externalURL: externalURL,
            maximumAge: settings.maximumAge)
    }

    func integrations(of receiver: String) -> [IntegrationInfo] { receivers[receiver] ?? [] }

    func integration(_ key: DeliveryKey) -> IntegrationInfo? {
        integrations(of: key.receiver).first {
            $0.index == key.index && $0.name.bytesEqual(key.integration)
        }
    }
}

/// How an attempt ended, for logs and counters.
public struct DeliveryReport: Sendable, Hashable {
    /// What happened to the notification.
    public enum Result: Sendable, Hashable {
        /// The receiver took it.
        case delivered
        /// It is tried again at this moment.
        case willRetry(at: Timestamp)
        /// It was refused, and is tried again at this moment at the latest.
        case refused(until: Timestamp)
        /// It could not be made, which is tried again at this moment at the latest.
        case unmade(until: Timestamp)
        /// Nobody took it for `NotifierSetup.maximumAge`.
        case gaveUp
        /// Nobody waited for it any more.
        case stale
    }

    /// Whom it was for.
    public var key: DeliveryKey
    /// Which attempt it was.
    public var attempt: Int
    /// What became of it.
    public var result = Result.stale
    /// The receiver's answer, or why it failed.
    public var reason = ""

    fileprivate mutating func take(_ outcome: DeliveryOutcome, slot: OutboxSlot?) {
        switch outcome {
        case .delivered: break
        case .retry(_, let text, _): reason = text
        case .failed(let text), .unmade(let text): reason = text
        }
        guard let slot else {
            result = .gaveUp
            return
        }
        switch outcome {
        case .unmade where slot.refused: result = .unmade(until: slot.notBefore)
        case .failed where slot.refused: result = .refused(until: slot.notBefore)
        default: result = .willRetry(at: slot.notBefore)
        }
    }

    init(key: DeliveryKey, attempt: Int) {
        self.key = key
        self.attempt = attempt
    }
}
