import Configuration
import Journal
import Logging
import Model
import Synchronization
import Transport

/// The edge of the notifier: it performs what the state machine decides. Rows go to the journal, and
/// are on the disk before anything is sent; each receiver is tried on its own, and how attempts end is
/// written down.
public actor NotificationPipeline {
    /// How attempts are made and overdue flushes treated.
    public enum Mode: Sendable {
        /// Each attempt is a task of its own, and `advance` does not wait for it. What became overdue
        /// while nobody looked is done once, now.
        case live
        /// `advance` makes each flush at its very moment and waits for each attempt: the same every
        /// time.
        case replay
    }

    private var notifier: Notifier
    private var receivers: ReceiverSet
    private let mode: Mode
    private let transport: any Transporting
    private let clock: any PipelineClock
    private let journal: Journal
    private let logger: Logger
    private let submitted = Mutex<[Submission]>([])
    private var latest = Timestamp.distantPast
    private var attempts: [UInt64: Task<Void, Never>] = [:]
    private var isDraining = false
    private var isClosed = false
    private var drainWaiter: CheckedContinuation<Void, Never>?

    /// What rules say, until it is taken in.
    private struct Submission {
        let alerts: [Alert]
        let step: JournalStep
    }

    /// What it counted.
    public private(set) var counters = NotificationCounters()

    /// A pipeline with the state of `rows` (empty for a fresh start) as of the clock's now.
    ///
    /// - Parameters:
    ///   - integrations: by receiver, in the order of the file.
    ///   - journal: writes its rows, and those of rules.
    public init(
        configuration: NotifierConfiguration, integrations: [String: [any Integration]],
        externalURL: String, settings: NotificationSettings = NotificationSettings(), mode: Mode,
        transport: any Transporting, clock: any PipelineClock,
        rows: [StateChange.Table: [String: [UInt8]]] = [:],
        journal: Journal, logger: Logger = Logger(label: "notify")
    ) {
        self.mode = mode
        self.transport = transport
        self.clock = clock
        self.logger = logger
        self.journal = journal
        receivers = ReceiverSet(integrations)
        let setup = NotifierSetup(
            configuration, receivers: receivers.infos, externalURL: externalURL, settings: settings)
        let now = clock.now
        let (restored, changes) = Notifier.restored(setup, from: rows, at: now)
        notifier = restored
        journal.append(JournalStep(at: now, changes))
        for problem in notifier.restoreProblems { logger.error("\(problem)") }
    }

    // MARK: What the daemon calls

    /// Hands over what rules say, behind all that they said before. `step` holds their own rows, which
    /// are written in one transaction with those of the groups that the alerts join. Whoever computed
    /// them calls this before anything else is computed; `receive()` takes it in.
    public nonisolated func submit(_ alerts: [Alert], _ step: JournalStep) {
        submitted.locked { $0.append(Submission(alerts: alerts, step: step)) }
    }

    /// Takes in what was submitted, and returns when it is on the disk or in memory only.
    @discardableResult
    public func receive() async -> Journal.Durability {
        takeSubmitted()
        return await journal.settled()
    }

    /// Takes in alerts that clients post, and returns when they are on the disk or in memory only.
    @discardableResult
    public func receive(alerts: [Alert], at moment: Timestamp) async -> Journal.Durability {
        await journal.settled(record(at: moment) { $0.receive(alerts, at: moment) })
    }

    /// When `advance` has something to do next.
    public var nextWake: Timestamp? { isDraining ? nil : notifier.nextWake }

    /// Does everything that is due by `moment`.
    public func advance(to moment: Timestamp) async {
        switch mode {
        case .live:
            latest = max(latest, moment)
            if !isDraining, let wake = notifier.nextWake, wake <= moment {
                await step(at: moment)
            } else {
                await write()
            }
        case .replay:
            while !isDraining, let wake = notifier.nextWake, wake <= moment {
                latest = max(latest, wake)
                await step(at: latest)
            }
            latest = max(latest, moment)
            await write()
        }
    }

    /// Goes on under another configuration.
    public func reconfigure(
        _ configuration: NotifierConfiguration, integrations: [String: [any Integration]],
        externalURL: String, settings: NotificationSettings = NotificationSettings(),
        at moment: Timestamp
    ) async {
        let older = receivers
        receivers = ReceiverSet(integrations)
        let setup = NotifierSetup(
            configuration, receivers: receivers.infos, externalURL: externalURL, settings: settings)
        let position = record(at: moment) { $0.reconfigure(setup, at: moment) }
        receivers.keep(notifier.outbox.owed.map(\.key), of: older)
        await journal.settled(position)
    }

    /// Starts nothing new, and returns when every attempt under way has ended (true) or the time is
    /// up (false); what was not acknowledged by then is owed after the next start. The time-out is
    /// the monotonic clock's, like every time-out of I/O.
    public func drain(timeout: Duration) async -> Bool {
        isDraining = true
        if !attempts.isEmpty {
            let timer = Task { [weak self] in
                try? await Task.sleep(for: timeout)
                await self?.endDraining()
            }
            await withCheckedContinuation { drainWaiter = $0 }
            timer.cancel()
        }
        isClosed = true
        let finished = attempts.isEmpty
        for task in attempts.values { task.cancel() }
        await write()
        return finished
    }

    private func endDraining() {
        drainWaiter?.resume()
        drainWaiter = nil
    }

    // MARK: Looking in

    /// How many notifications are owed.
    public var outboxSize: Int { notifier.outbox.count }

    /// What is owed.
    public var outbox: [OutboxSlot] { notifier.outbox.owed }

    /// Every alert.
    public var alerts: [AlertSnapshot] { notifier.alerts(at: clock.now) }

    /// Every group.
    public var groups: [GroupSnapshot] { notifier.groups(at: clock.now) }

    /// Receivers that cannot work as things are.
    public func receiverProblems() async -> [ReceiverProblem] { await receivers.problems() }

    // MARK: Silences

    /// The silences that have every one of the matchers literally, in Alertmanager's order.
    public func silences(having matchers: [Matcher] = []) -> [Silence] {
        notifier.silences.list(having: matchers, at: clock.now)
    }

    /// The silence with this identifier.
    public func silence(_ id: String) -> Silence? { notifier.silences[id] }

    /// Makes a silence, or changes the one with the request's identifier (see `Silences.set`), and
    /// gives its identifier once it is written.
    public func setSilence(_ request: SilenceRequest) async throws(SilenceError) -> String {
        let moment = max(latest, clock.now)
        takeSubmitted()
        let (id, changes) = try notifier.setSilence(request, at: moment)
        await journal.settled(journal.append(JournalStep(at: moment, changes)))
        return id
    }

    /// Ends a silence now; what lay under it is told at its group's next flush.
    public func expireSilence(_ id: String) async throws(SilenceError) {
        let moment = max(latest, clock.now)
        takeSubmitted()
        let changes = try notifier.expireSilence(id, at: moment)
        await journal.settled(journal.append(JournalStep(at: moment, changes)))
    }

    // MARK: Steps

    /// Takes in what rules submitted. First in everything that computes rows: what is computed next is
    /// newer.
    private func takeSubmitted() {
        let all = submitted.locked { submitted in
            defer { submitted = [] }
            return submitted
        }
        for submission in all {
            let moment = submission.step.time
            latest = max(latest, moment)
            journal.append(
                submission.step.adding(notifier.receive(submission.alerts, at: moment)))
        }
    }

    /// Computes a step and hands its rows to the journal at once.
    private func record(
        at moment: Timestamp, _ step: (inout Notifier) -> [StateChange]
    ) -> Journal.Position {
        takeSubmitted()
        latest = max(latest, moment)
        return journal.append(JournalStep(at: moment, step(&notifier)))
    }

    /// Tries again what an earlier step could not write, even where nothing is due.
    private func write() async {
        takeSubmitted()
        journal.retry()
        await journal.settled()
    }

    private func step(at moment: Timestamp) async {
        var deliveries: [Delivery] = []
        let position = record(at: moment) { notifier in
            let (due, changes) = notifier.step(at: moment)
            deliveries = due
            return changes
        }
        await journal.settled(position)
        for delivery in deliveries { await begin(delivery, at: moment) }
    }

    private func begin(_ delivery: Delivery, at moment: Timestamp) async {
        guard let integration = receivers[delivery.key] else {
            logger.error(
                "gave up a notification: its receiver is gone", metadata: metadata(delivery.key))
            counters.countFailure(delivery.key.integration, .removed)
            await journal.settled(record(at: moment) { $0.abandon(delivery) })
            return
        }
        switch mode {
        case .replay:
            let outcome = await integration.deliver(delivery.data, transport: transport)
            await finish(delivery, outcome, at: moment)
        case .live:
            // Its row stays as it is: owed at once after the next start.
            if isDraining { return }
            let transport = transport
            attempts[delivery.ticket] = Task { [weak self] in
                let outcome = await integration.deliver(delivery.data, transport: transport)
                await self?.end(delivery, outcome)
            }
        }
    }

    /// An attempt of the live mode ended.
    private func end(_ delivery: Delivery, _ outcome: DeliveryOutcome) async {
        defer {
            attempts[delivery.ticket] = nil
            if attempts.isEmpty { endDraining() }
        }
        // Cancelled because time was up: its row says that it was under way, which is the truth.
        if isClosed { return }
        await finish(delivery, outcome, at: max(latest, clock.now))
        if !isDraining { await advance(to: max(latest, clock.now)) }
    }

    private func finish(_ delivery: Delivery, _ outcome: DeliveryOutcome, at moment: Timestamp)
        async
    {
        var report: DeliveryReport?
        let position = record(at: moment) { notifier in
            let (changes, made) = notifier.finish(delivery, outcome, at: moment)
            report = made
            return changes
        }
        if let report {
            counters.count(report, at: moment)
            say(report)
        }
        await journal.settled(position)
    }

    private func say(_ report: DeliveryReport) {
        var metadata = metadata(report.key)
        metadata["attempt"] = "\(report.attempt)"
        if !report.reason.isEmpty { metadata["reason"] = "\(report.reason)" }
        switch report.result {
        case .delivered: logger.info("notification delivered", metadata: metadata)
        case .willRetry(let moment):
            metadata["again"] = "\(moment)"
            logger.warning("notification failed, will be tried again", metadata: metadata)
        case .refused(let moment):
            metadata["again"] = "\(moment)"
            logger.error(
                "NOTIFICATION REFUSED by its receiver, tried again at the group's next interval",
                metadata: metadata)
        case .unmade(let moment):
            metadata["again"] = "\(moment)"
            logger.error(
                """
                NOTIFICATION COULD NOT BE MADE and was not sent: mend what the reason names; tried again \
                at the group's next interval
                """,
                metadata: metadata)
        case .gaveUp:
            logger.error(
                """
                NOTIFICATION GIVEN UP: nobody took it for tocsin.notifications.max_age \
                (\(notifier.setup.maximumAge))
                """,
                metadata: metadata)
        case .stale: break
        }
    }

    private func metadata(_ key: DeliveryKey) -> Logger.Metadata {
        [
            "receiver": "\(key.receiver)", "integration": "\(key.integration)[\(key.index)]",
            "group": "\(key.groupKey)",
        ]
    }
}
