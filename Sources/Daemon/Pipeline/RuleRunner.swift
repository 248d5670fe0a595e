import Journal
import Model
import Notify
import PromQL
import Rules
import Setup
import Store

/// Evaluates the rules, one group at a time on a thread of its own, and hands what they say to the
/// notifier in the order in which it was computed: an evaluation's rows and those of the groups that its
/// alerts join are one transaction.
public actor RuleRunner {
    private let executor = ThreadExecutor(name: "evaluation")
    private let store: Store
    private let notifications: NotificationPipeline
    private let observe: @Sendable (GroupEvaluation) -> Void
    private let forward: @Sendable ([Notify.Alert]) -> Void
    private var rules: RuleSet
    private var lastHeartbeat = Timestamp.distantPast

    /// How often the time of the last evaluation is written down, at most; a restart reads it to know
    /// how long the daemon was away.
    static let heartbeatInterval = Milliseconds.seconds(1)
    /// The row of the last evaluation's time, in the table `meta`.
    static let heartbeatKey = "last_evaluation"

    nonisolated public var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Evaluates the rules of `runtime`, beginning at `start`. `observe` is told of every
    /// evaluation, before its alerts are handed on; `forward` gets the alerts in the same order.
    public init(
        _ runtime: Runtime, store: Store, engine: Engine,
        notifications: NotificationPipeline, start: GroupStart,
        forward: @escaping @Sendable ([Notify.Alert]) -> Void = { _ in },
        observe: @escaping @Sendable (GroupEvaluation) -> Void
    ) {
        self.forward = forward
        self.store = store
        self.notifications = notifications
        self.observe = observe
        rules = RuleSet(
            runtime.documents.ruleFiles, options: runtime.rules, engine: RuleEngine(engine),
            store: store, start: start)
    }

    /// Takes over what stood in the database when the last daemon stopped.
    public func restore(
        rows: [StateChange.Table: [String: [UInt8]]], now: Timestamp
    ) async {
        let lastEvaluation =
            rows[.meta]?[RuleRunner.heartbeatKey]
            .flatMap { Int64(String(decoding: $0, as: UTF8.self)) }
            .map { Timestamp(milliseconds: $0) }
        let restoration = rules.restore(
            rows: rows[.ruleAlerts] ?? [:], lastEvaluation: lastEvaluation ?? now, now: now)
        hand(restoration)
        await notifications.receive()
    }

    /// When a group is due next; nil where there are no rules.
    public var nextDue: Timestamp? { rules.nextDue }

    /// Evaluates every group that is due at `now`, in the order in which they are due.
    public func evaluate(now: Timestamp) async {
        let current = rules
        while current === rules, evaluateNext(now: now) { await notifications.receive() }
    }

    /// Evaluates the group that has waited longest; false where none is due.
    private func evaluateNext(now: Timestamp) -> Bool {
        let due = rules.groups.enumerated()
            .filter { $0.element.schedule.next <= now }
            .min { a, b in
                (a.element.schedule.next, a.offset) < (b.element.schedule.next, b.offset)
            }?.element
        guard let due, let moment = due.schedule.take(now: now) else { return false }
        hand(due.evaluate(at: moment))
        return true
    }

    /// Goes on with other rules; alerts of rules that are gone end, through the receiver that was told.
    public func replace(
        with runtime: Runtime, engine: Engine, now: Timestamp
    ) async {
        let (next, ended) = rules.replacing(
            with: runtime.documents.ruleFiles, options: runtime.rules,
            engine: RuleEngine(engine), store: store, start: .live(now: now), at: now)
        rules = next
        hand(ended)
        await notifications.receive()
    }

    /// What the API shows.
    public var status: [RuleGroupStatus] { rules.status }

    /// When each group is due, and what was missed.
    public var schedules: [RuleGroupSchedule] {
        rules.groups.map {
            RuleGroupSchedule(file: $0.file, group: $0.name, schedule: $0.schedule)
        }
    }

    /// Hands on what was computed, before anything else is.
    private func hand(_ evaluation: GroupEvaluation) {
        observe(evaluation)
        var step = JournalStep(
            at: evaluation.time, evaluation.changes, followsSamples: !evaluation.changes.isEmpty)
        if evaluation.time - lastHeartbeat >= RuleRunner.heartbeatInterval {
            lastHeartbeat = evaluation.time
            step = step.adding([
                StateChange(
                    .meta, key: RuleRunner.heartbeatKey,
                    value: Array(String(evaluation.time.milliseconds).utf8))
            ])
        }
        if step.changes.isEmpty, evaluation.alerts.isEmpty { return }
        let alerts = evaluation.alerts.map { Notify.Alert($0, at: evaluation.time) }
        notifications.submit(alerts, step)
        forward(alerts)
    }
}

extension Notify.Alert {
    /// A rule's alert as the router takes it.
    init(_ alert: OutgoingAlert, at moment: Timestamp) {
        self.init(
            labels: alert.labels, annotations: alert.annotations, startsAt: alert.startsAt,
            endsAt: alert.endsAt, generatorURL: alert.generatorURL, updatedAt: moment)
    }
}
