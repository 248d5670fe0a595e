import Configuration
import Exposition
import HTTPClient
import Logging
import Model
import Store
import Synchronization
import Transport

/// Scrapes what the configuration names, each target at its place in its interval.
///
/// `apply` says what is to be scraped, now and at every reload; `run` scrapes until its task is
/// cancelled; `ingest` brings a scrape that was recorded, and is the same code from the exposition
/// on. Every target has its own task: one that hangs, floods or lies costs only itself.
public final class ScrapeManager: Sendable {
    /// What scrapes share.
    public struct Options: Sendable {
        /// Makes two daemons scrape at different moments.
        public var seed: UInt64 = 0
        /// What an exposition may be where the configuration sets no `body_size_limit`.
        public var maximumBodyBytes = 256 << 20
        /// How files are looked at.
        public var files = ScrapeFiles.system

        /// The defaults.
        public init() {}
    }

    /// Is told of every scrape, after its frame is committed.
    public typealias Observer = @Sendable (ScrapeObservation) -> Void

    private struct State {
        var pools: [String: TargetPool] = [:]
        var recorded: [RecordedTarget: ScrapedTarget] = [:]
    }

    private let store: Store
    private let clock: any PipelineClock
    private let logger: Logger
    private let discovery: TargetDiscovery
    private let clients = ClientPool()
    private let loop: ScrapeLoop
    private let active: ActiveTargets
    private let state = Mutex(State())

    /// A manager of nothing yet.
    public init(
        store: Store, transport: any Transporting, clock: any PipelineClock,
        options: Options = Options(), logger: Logger = Logger(label: "scrape"),
        metrics: MetricsRegistry = MetricsRegistry()
    ) {
        self.store = store
        self.clock = clock
        self.logger = logger
        discovery = TargetDiscovery(
            SourceEnvironment(clock: clock, files: options.files, transport: transport))
        loop = ScrapeLoop(
            transport: transport, clock: clock, options: options, logger: logger,
            counters: ScrapeCounters(metrics), clients: clients)
        active = ActiveTargets(store: store, clock: clock, loop: loop)
        discovery.listen { [weak self] pool in self?.rebuild(pool) }
        metrics.collect(
            "textfile_mtime_seconds", .gauge,
            help: "When the text file was last seen to have been written, on the pipeline's clock."
        ) { [weak self] in self?.fileTimes ?? [] }
    }

    /// When each text file was last seen to have changed, which is Tocsin's own clock: the file's may
    /// differ, and in the demo it does. A file that is gone keeps its last time, and so grows old.
    private var fileTimes: [(labels: Labels, value: Double)] {
        active.all.compactMap(\.fileChange).map {
            (Labels(["file": $0.path]), $0.time.seconds)
        }
    }

    /// Has `observer` told of every scrape from now on.
    public func observe(_ observer: @escaping Observer) { loop.observe(observer) }

    // MARK: What is scraped

    /// Scrapes these from now on. A target that was there before and is still goes on where it is; of
    /// one that is gone everything goes stale after its next interval. Targets of `static_configs` are
    /// there at once; other sources look while `run` runs, and until a new one has looked, the targets
    /// that the one in its place found stay.
    public func apply(_ configurations: [ScrapeConfiguration]) {
        let sources = configurations.map { ($0.jobName, TargetSources.of($0.discoveries)) }
        discovery.apply(Dictionary(sources, uniquingKeysWith: { _, last in last }))
        clients.keep(only: Set(configurations.map(\.client)))
        let pools = configurations.map { configuration in
            let (groups, version) = discovery.groups(of: configuration.jobName)
            return (
                configuration.jobName,
                TargetPool(configuration).rebuilt(of: groups, version: version)
            )
        }
        state.locked { state in
            state.pools = Dictionary(pools, uniquingKeysWith: { _, last in last })
        }
        for (name, pool) in pools {
            report(pool)
            // What was found meanwhile found the pools before these.
            if discovery.groups(of: name).version != pool.version { build(name) }
        }
        synchronise()
    }

    private func rebuild(_ pool: String) {
        build(pool)
        synchronise()
    }

    /// Makes the pool's targets of what was found, outside of the lock: there may be many.
    private func build(_ name: String) {
        guard let pool = state.locked({ $0.pools[name] }) else { return }
        let (groups, version) = discovery.groups(of: name)
        let rebuilt = pool.rebuilt(of: groups, version: version)
        let isCurrent = state.locked { state in
            // A later one may have been faster.
            guard let now = state.pools[name], now.version <= version,
                now.configuration == pool.configuration
            else { return false }
            state.pools[name] = rebuilt
            return true
        }
        if isCurrent { report(rebuilt) }
    }

    private func report(_ pool: TargetPool) {
        for problem in pool.result.failures {
            logger.error(
                "Creating targets failed",
                metadata: ["job": "\(pool.configuration.jobName)", "err": "\(problem)"])
        }
    }

    private func synchronise() {
        state.locked { active.replace(with: $0.pools.values) }
    }

    // MARK: Running

    /// Looks for targets and scrapes them until the task is cancelled.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.discovery.run() }
            group.addTask { await self.active.run() }
        }
    }

    // MARK: Recordings

    /// Takes in a scrape that was recorded, as if its target had just been asked. The rules of the
    /// scrape configuration of that job apply, where there is one.
    @discardableResult
    public func ingest(
        _ recorded: RecordedTarget, at time: Timestamp, _ outcome: ScrapeOutcome,
        duration: Double = 0
    ) -> ScrapeReport {
        let known = state.locked { $0.recorded[recorded] }
        return loop.store(
            known ?? remember(recorded), outcome, at: time, duration: duration)
    }

    private func remember(_ recorded: RecordedTarget) -> ScrapedTarget {
        state.locked { state in
            let configuration =
                state.pools[recorded.job]?.configuration
                ?? ScrapeConfiguration(jobName: recorded.job)
            let labels = recorded.labels.merging(
                Labels(["job": recorded.job, "instance": recorded.instance]))
            let url =
                "\(configuration.scheme)://\(recorded.instance)\(configuration.metricsPath)"
            let target = Target(
                pool: recorded.job, source: .recording, discoveredLabels: labels,
                allLabels: labels, url: url, interval: configuration.scrapeInterval,
                timeout: configuration.scrapeTimeout)
            let scraped = ScrapedTarget(target, configuration, store: store)
            state.recorded[recorded] = scraped
            return scraped
        }
    }

    // MARK: Looking

    private var targets: [ScrapedTarget] {
        active.all + state.locked { Array($0.recorded.values) }
    }

    /// What is scraped, and how it fares.
    public var status: ScrapeStatus {
        let pools = state.locked { $0.pools }
        var status = ScrapeStatus()
        status.active = targets.map(\.status).sorted {
            ($0.target.pool, $0.target.url) < ($1.target.pool, $1.target.url)
        }
        status.sources = sources
        for (name, pool) in pools.sorted(by: { $0.key < $1.key }) {
            status.dropped += pool.result.dropped
            status.droppedCounts[name] = pool.result.droppedCount
            status.failures[name] = pool.result.failures
            status.limitErrors[name] = pool.limitError
            status.problems += pool.result.failures
        }
        status.problems += status.sources.flatMap(\.problems)
        return status
    }

    /// How the sources of targets fare.
    public var sources: [SourceState] { discovery.states }

    /// What the targets say of their metrics.
    public var metadata: [(target: Target, metrics: [String: MetricMetadata])] {
        targets.map { ($0.target, $0.metadata) }
    }
}
