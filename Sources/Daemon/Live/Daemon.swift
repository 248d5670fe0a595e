import Configuration
import Exposition
import Journal
import Logging
import Model
import Notify
import Persistence
import PromQL
import Rules
import Scrape
import Setup
import Store
import Synchronization
import Transport

/// The daemon as it runs live: targets are scraped, rules evaluated, people told, until it is asked to
/// stop. Everything that it does not decide itself is handed to it.
public final class Daemon: Sendable {
    /// What it is made of.
    public struct Setup: Sendable {
        /// What it begins with.
        public var runtime: Runtime
        /// Builds anew from the files, for a reload.
        public var rebuild: @Sendable () -> RuntimeBuild
        /// The pipeline's clock.
        public var clock: any PipelineClock
        /// How to reach others.
        public var transport: any Transporting
        /// How often samples are written to disk, in real time.
        public var sampleInterval = Duration.seconds(1)

        /// A setup.
        public init(
            runtime: Runtime, rebuild: @escaping @Sendable () -> RuntimeBuild,
            clock: any PipelineClock, transport: any Transporting
        ) {
            self.runtime = runtime
            self.rebuild = rebuild
            self.clock = clock
            self.transport = transport
        }
    }

    /// What it keeps of what it scraped.
    public var store: Store { pipeline.store }
    /// The pipeline's clock.
    public let clock: any PipelineClock
    /// The rules.
    public var runner: RuleRunner { pipeline.runner }
    /// The notifier.
    public var notifications: NotificationPipeline { pipeline.notifications }
    /// Alertmanagers beside our own routing.
    public let alertmanagers: AlertmanagerSender
    /// The targets.
    public var scrapes: ScrapeManager { pipeline.scrapes }
    /// What others pushed.
    public let pushes: PushReceiver
    /// How far the daemon has read what the last one left. Who serves before `run` calls `begin` on it.
    public let history = HistoryProgress()
    /// What takes in samples that others collected.
    public let samples: SampleReceiver
    /// The settings that are in force until a restart.
    public let settingsInForce: RestartSettings
    private let alertmanagerDiscovery: AlertmanagerDiscovery
    private let pipeline: Pipeline
    private let journal: Journal
    private let setup: Setup
    private let metrics: SelfMetrics
    private let sampleWriter: SampleWriter
    private let storage: Storage
    private let logger: Logger
    private let state: Mutex<State>
    private let reloads = ReloadQueue()

    private struct State {
        var runtime: Runtime
        var engine: Engine
        var depthClaim: WindowClaim
        var isReady = false
        var storageProblem: String?
        var load = ConfigurationLoad()
    }

    /// How long what is under way at a stop may take to end.
    static let drainTimeout = Duration.seconds(5)
    /// How often old samples are forgotten, in rounds of writing samples.
    static let sweepRounds = 60
    /// How far a loop sleeps at most before it looks again (pipeline time).
    static let maximumNap = Milliseconds(500)

    /// Opens the databases and prepares everything; nothing runs yet. A storage directory that cannot be
    /// used as it is throws; a disk that fails is done without.
    public init(_ setup: Setup, logger: Logger = Logger(label: "daemon")) throws {
        self.setup = setup
        self.logger = logger
        let runtime = setup.runtime
        settingsInForce = runtime.restartSettings
        storage = try Storage(directory: settingsInForce.storagePath, logger: logger)
        let stateWriter = StateWriter(storage.state)
        let sampleWriter = SampleWriter(storage.samples)
        self.sampleWriter = sampleWriter
        clock = setup.clock
        let metrics = SelfMetrics(settingsInForce)
        self.metrics = metrics
        journal = Journal(
            after: storage.lastSequence, samples: { try await sampleWriter.flush() },
            commit: { try await stateWriter.commit($0) })
        alertmanagers = AlertmanagerSender([], transport: setup.transport) { metrics.count($0) }
        alertmanagerDiscovery = AlertmanagerDiscovery(
            alertmanagers, clock: setup.clock, transport: setup.transport)
        var surroundings = Pipeline.Surroundings(
            clock: setup.clock, transport: setup.transport, mode: .live,
            start: .live(now: setup.clock.now), journal: journal)
        surroundings.rows = storage.rows
        surroundings.sink = storage.samples
        surroundings.alertmanagers = alertmanagers
        surroundings.metrics = metrics.registry
        pipeline = Pipeline(
            runtime, in: surroundings, integrations: runtime.integrations
        ) { evaluation in
            metrics.count(evaluation)
            for transition in evaluation.transitions {
                Daemon.log(transition, Logger(label: "alerts"))
            }
        }
        pushes = PushReceiver(
            runtime, rows: storage.rows[.pushedGroups] ?? [:], store: pipeline.store,
            journal: journal, clock: setup.clock, logger: logger)
        samples = SampleReceiver(
            runtime, store: pipeline.store, clock: setup.clock, registry: metrics.registry,
            logger: logger)
        state = Mutex(
            State(
                runtime: runtime, engine: pipeline.engine,
                depthClaim: runtime.claim(on: pipeline.store)))
        report(runtime)
    }

    /// Logs what is wrong in a runtime, and what of it waits for a restart.
    private func report(_ runtime: Runtime) {
        for warning in runtime.warnings { logger.warning("\(warning)") }
        for fault in runtime.faults { logger.error("\(fault)") }
        for waiting in settingsInForce.waiting(runtime.restartSettings) {
            logger.warning("\(waiting)")
        }
    }

    private static func log(_ transition: Transition, _ logger: Logger) {
        logger.notice(
            "alert \(transition.kind.rawValue)",
            metadata: [
                "alert": "\(transition.alert)", "labels": "\(transition.labels)",
                "at": "\(transition.time)",
            ])
    }

    // MARK: Running

    /// Restores what the last daemon left, then runs until the task is cancelled; returns once what
    /// was under way has ended and everything is written.
    public func run() async {
        history.begin()
        restoreSamples()
        let now = clock.now
        await runner.restore(rows: storage.rows, now: now)
        history.end()
        scrapes.apply(runtime.configuration.scrapeConfigurations)
        await alertmanagerDiscovery.apply(runtime.configuration.alertmanagers)
        metrics.loaded(runtime, at: now)
        state.locked { $0.load = ConfigurationLoad(lastSuccess: now, succeeded: true) }
        for problem in await notifications.receiverProblems() { logger.error("\(problem)") }
        state.locked { $0.isReady = true }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.scrapes.run() }
            group.addTask { await self.pushes.run() }
            group.addTask { await self.evaluate() }
            group.addTask { await self.notify() }
            group.addTask { await self.alertmanagerDiscovery.run() }
            group.addTask { await self.writeSamples() }
        }
        state.locked { $0.isReady = false }
        await pipeline.forwarder?.finish()
        async let othersTook = alertmanagers.drain(timeout: Daemon.drainTimeout)
        if await !notifications.drain(timeout: Daemon.drainTimeout) {
            logger.warning(
                "deliveries under way did not end in time; they are owed at the next start")
        }
        if await !othersTook { logger.warning("not every alert reached the Alertmanagers") }
        await flushSamples()
        logger.notice("stopped")
    }

    private func restoreSamples() {
        guard let samples = storage.samples else { return }
        do {
            let restoration = try samples.restore(
                into: store, since: clock.now - retention(),
                progress: { history.advance(to: $0, of: $1) })
            if restoration.frames > 0 {
                logger.notice(
                    "samples restored",
                    metadata: [
                        "targets": "\(restoration.axes)", "frames": "\(restoration.frames)",
                        "damaged": "\(restoration.damagedFrames)",
                    ])
            }
        } catch {
            logger.error("samples cannot be restored: \(error)")
        }
    }

    /// How long samples stay on disk: as long as anything in memory reads back.
    private func retention() -> Milliseconds {
        runtime.settings.storage.sampleRetention ?? store.longestDepth
    }

    private func evaluate() async {
        while !Task.isCancelled {
            let now = clock.now
            await runner.evaluate(now: now)
            await notifications.advance(to: clock.now)
            let next = await runner.nextDue ?? .distantFuture
            await nap(until: next)
        }
    }

    private func notify() async {
        while !Task.isCancelled {
            await notifications.advance(to: clock.now)
            let next = await notifications.nextWake ?? .distantFuture
            await nap(until: next)
        }
    }

    /// Sleeps until the moment, though not for long: it may come closer meanwhile. A moment that has
    /// come already and will not go away costs a millisecond, never a busy loop.
    private func nap(until moment: Timestamp) async {
        let now = clock.now
        if moment <= now {
            try? await Task.sleep(for: .milliseconds(1))
        } else {
            try? await clock.sleep(until: min(moment, now + Daemon.maximumNap))
        }
    }

    private func writeSamples() async {
        var rounds = 0
        while !Task.isCancelled {
            try? await Task.sleep(for: setup.sampleInterval)
            await flushSamples()
            rounds += 1
            if rounds % Daemon.sweepRounds == 0 {
                store.sweep(at: clock.now)
                await trimSamples()
            }
        }
    }

    private func trimSamples() async {
        await reportStorage { try await sampleWriter.trim(before: clock.now - retention()) }
    }

    private func flushSamples() async {
        await reportStorage { try await sampleWriter.flush() }
    }

    private func reportStorage(_ write: () async throws -> Void) async {
        do {
            try await write()
            state.locked { $0.storageProblem = nil }
        } catch {
            let isNew = state.locked { state in
                defer { state.storageProblem = "\(error)" }
                return state.storageProblem == nil
            }
            if isNew { logger.error("samples cannot be written: \(error)") }
        }
    }

    // MARK: Reload and status

    /// Builds anew from the files and goes on with that; where anything is wrong nothing changes, and
    /// the log says what.
    public func reload() async throws(Problems) {
        try await reloads.run { await self.reloadNow() }
    }

    private func reloadNow() async -> Result<Void, Problems> {
        do throws(Problems) {
            await apply(try setup.rebuild().getFaultless())
            return .success(())
        } catch {
            metrics.refusedReload()
            state.locked { $0.load.succeeded = false }
            for problem in error.list { logger.error("\(problem)") }
            logger.error(
                "the configuration was not loaded, and nothing has changed: correct the errors and reload"
            )
            return .failure(error)
        }
    }

    private func apply(_ runtime: Runtime) async {
        report(runtime)
        let now = clock.now
        let engine = runtime.engine(over: store)
        // Before the former claim ends: what both keep is never let go.
        let claim = runtime.claim(on: store)
        state.locked {
            $0.runtime = runtime
            $0.engine = engine
            $0.depthClaim = claim
            $0.load = ConfigurationLoad(lastSuccess: now, succeeded: true)
        }
        store.exemplars.resize(to: runtime.exemplarCapacity)
        scrapes.apply(runtime.configuration.scrapeConfigurations)
        await pushes.apply(runtime)
        await samples.apply(runtime)
        // Alerts of rules that are gone end while those that were told are still there.
        await runner.replace(with: runtime, engine: engine, now: now)
        await notifications.reconfigure(
            runtime.documents.notifiers, integrations: runtime.integrations,
            externalURL: runtime.externalURL, settings: runtime.settings.notifications, at: now)
        await alertmanagerDiscovery.apply(runtime.configuration.alertmanagers)
        metrics.loaded(runtime, at: now)
        logger.notice("configuration loaded")
    }

    /// Whether it does its job, and what it lacks.
    public func readiness() async -> Readiness {
        let (isReady, problem) = state.locked { ($0.isReady, $0.storageProblem) }
        var details = runtime.faults.map(\.description)
        details += settingsWaiting.map(\.description)
        details += await notifications.receiverProblems().map(\.description)
        if let degraded = journal.problem { details.append(degraded) }
        if let problem { details.append(problem) }
        details += storage.problems
        return Readiness(isReady: isReady, details: details)
    }

    /// Tocsin's own metrics as text.
    public func exposition() async -> [UInt8] {
        metrics.exposition(
            SelfMetrics.Snapshot(
                notifications: await notifications.counters, owed: await notifications.outboxSize,
                schedules: await runner.schedules, store: store.statistics,
                alertmanagers: await alertmanagers.status, discovery: scrapes.sources,
                alertmanagerDiscovery: alertmanagerSources, journal: journal.status))
    }

    /// How the sources of `alerting.alertmanagers` fare.
    public var alertmanagerSources: [SourceState] { alertmanagerDiscovery.sources }

    /// What it runs on.
    public var runtime: Runtime { state.locked { $0.runtime } }
    /// Answers queries, under the limits and with the features of the present configuration.
    public var engine: Engine { state.locked { $0.engine } }
    /// What of the configuration waits for a restart.
    public var settingsWaiting: [RestartSettings.Waiting] {
        settingsInForce.waiting(runtime.restartSettings)
    }
    /// When the configuration was loaded, and whether the last try succeeded.
    public var load: ConfigurationLoad { state.locked { $0.load } }
}

/// How the configuration was loaded.
public struct ConfigurationLoad: Sendable {
    /// When that last succeeded.
    public var lastSuccess: Timestamp?
    /// Whether the last try did.
    public var succeeded = true

    /// As of a success at a moment, or of none yet.
    public init(lastSuccess: Timestamp? = nil, succeeded: Bool = true) {
        self.lastSuccess = lastSuccess
        self.succeeded = succeeded
    }
}
