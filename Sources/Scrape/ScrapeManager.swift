import Configuration
import Exposition
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

    private struct Pool {
        var configuration: ScrapeConfiguration
        var discovery: Discovery
        var result = TargetBuilder.Result()
        var limitError: String?
    }

    private struct State {
        var pools: [String: Pool] = [:]
        var active: [String: ScrapedTarget] = [:]
        var recorded: [RecordedTarget: ScrapedTarget] = [:]
        var tasks: [String: Task<Void, Never>] = [:]
        var farewells: [Int: Task<Void, Never>] = [:]
        var nextFarewell = 0
        var observer: Observer?
        var isRunning = false
    }

    private let store: Store
    private let transport: any Transporting
    private let clock: any PipelineClock
    private let options: Options
    private let logger: Logger
    private let counters: ScrapeCounters
    private let state = Mutex(State())

    /// A manager of nothing yet.
    public init(
        store: Store, transport: any Transporting, clock: any PipelineClock,
        options: Options = Options(), logger: Logger = Logger(label: "scrape"),
        metrics: MetricsRegistry = MetricsRegistry()
    ) {
        self.store = store
        self.transport = transport
        self.clock = clock
        self.options = options
        self.logger = logger
        counters = ScrapeCounters(metrics)
        metrics.collect(
            "textfile_mtime_seconds", .gauge,
            help: "When the text file was last seen to have been written, on the pipeline's clock."
        ) { [weak self] in self?.fileTimes ?? [] }
    }

    /// When each text file was last seen to have changed, which is Tocsin's own clock: the file's may
    /// differ, and in the demo it does. A file that is gone keeps its last time, and so grows old.
    private var fileTimes: [(labels: Labels, value: Double)] {
        let targets = state.locked { Array($0.active.values) }
        return targets.compactMap(\.fileChange).map {
            (Labels(["file": $0.path]), $0.time.seconds)
        }
    }

    /// Has `observer` told of every scrape from now on.
    public func observe(_ observer: @escaping Observer) {
        state.locked { $0.observer = observer }
    }

    // MARK: What is scraped

    /// Scrapes these from now on. A target that was there before and is still goes on where it is; of
    /// one that is gone everything goes stale after its next interval.
    public func apply(_ configurations: [ScrapeConfiguration]) {
        let known = state.locked { $0.pools }
        var pools: [String: Pool] = [:]
        for configuration in configurations {
            var pool = Pool(
                configuration: configuration,
                discovery: Discovery(configuration, files: options.files))
            if let old = known[configuration.jobName], old.configuration == configuration {
                pool = old
            } else {
                _ = pool.discovery.refresh(now: clock.now)
                build(&pool)
            }
            pools[configuration.jobName] = pool
        }
        state.locked { $0.pools = pools }
        synchronise()
    }

    /// Looks at the files of discovery, and applies what changed. `run` calls it by itself.
    public func refreshDiscovery() {
        var isChanged = false
        for (name, pool) in state.locked({ $0.pools }) where pool.discovery.isWatching {
            var pool = pool
            // Files are read outside of the lock.
            let changed = pool.discovery.refresh(now: clock.now)
            if changed { build(&pool) }
            isChanged = isChanged || changed
            state.locked { state in
                if state.pools[name]?.configuration == pool.configuration {
                    state.pools[name] = pool
                }
            }
        }
        if isChanged { synchronise() }
    }

    private func build(_ pool: inout Pool) {
        let discovery = pool.discovery
        pool.result = TargetBuilder(pool.configuration).build(
            groups: discovery.discoveredGroups, files: discovery.discoveredFiles)
        let (count, limit) = (pool.result.targets.count, pool.configuration.limits.targets)
        let isOver = limit > 0 && count > limit
        pool.limitError =
            isOver ? "target_limit exceeded (number of targets: \(count), limit: \(limit))" : nil
        for problem in pool.result.failures + discovery.problems.values.sorted() {
            logger.error(
                "Creating targets failed",
                metadata: ["job": "\(pool.configuration.jobName)", "err": "\(problem)"])
        }
    }

    /// Makes the running targets those that the pools want.
    private func synchronise() {
        state.locked { state in
            var wanted: [String: (Target, ScrapeConfiguration)] = [:]
            for pool in state.pools.values {
                let settings = pool.configuration.withoutDiscovery
                for target in pool.result.targets { wanted[target.identity] = (target, settings) }
            }
            for (identity, old) in state.active where wanted[identity] == nil {
                state.active[identity] = nil
                state.tasks.removeValue(forKey: identity)?.cancel()
                old.stop()
                farewell(old, &state)
            }
            for (identity, (target, settings)) in wanted {
                let old = state.active[identity]
                if let old, old.configuration == settings { continue }
                old?.stop()
                state.tasks.removeValue(forKey: identity)?.cancel()
                state.active[identity] = ScrapedTarget(
                    target, settings, store: store, continuing: old)
                if state.isRunning { start(identity, &state) }
            }
        }
    }

    // MARK: Running

    /// Scrapes until the task is cancelled.
    public func run() async {
        state.locked { state in
            state.isRunning = true
            for identity in state.active.keys { start(identity, &state) }
        }
        let watcher = Task { await watchDiscovery() }
        // Ends when the task is cancelled, and never before.
        let (stream, continuation) = AsyncStream<Never>.makeStream()
        for await _ in stream {}
        continuation.finish()
        watcher.cancel()
        let tasks = state.locked { state in
            state.isRunning = false
            defer {
                state.tasks = [:]
                state.farewells = [:]
            }
            return Array(state.tasks.values) + Array(state.farewells.values)
        }
        for task in tasks { task.cancel() }
        for task in tasks + [watcher] { await task.value }
    }

    private func watchDiscovery() async {
        while !Task.isCancelled {
            do { try await clock.sleep(until: clock.now + Discovery.pollInterval) } catch { return }
            refreshDiscovery()
        }
    }

    private func start(_ identity: String, _ state: inout State) {
        guard let scraped = state.active[identity] else { return }
        state.tasks[identity] = Task { await loop(scraped) }
    }

    private func loop(_ scraped: ScrapedTarget) async {
        let target = scraped.target
        let schedule = ScrapeSchedule(
            interval: target.interval, offset: target.offset(seed: options.seed))
        var due = schedule.first(from: clock.now)
        while !Task.isCancelled {
            do { try await clock.sleep(until: due) } catch { return }
            let time = schedule.timestamp(due: due, now: clock.now)
            await scrape(scraped, at: time)
            due = schedule.next(after: due, now: clock.now)
        }
    }

    /// Of a target that is gone everything goes stale at its next due time, written when another
    /// interval and a bit have passed: it may have come back by then.
    private func farewell(_ scraped: ScrapedTarget, _ state: inout State) {
        guard let last = scraped.status.lastScrape else { return }
        let interval = scraped.target.interval
        let staleTime = last + interval
        let wait = Milliseconds(interval.value + interval.value / 10)
        guard state.isRunning else {
            scraped.end(at: staleTime)
            return
        }
        let number = state.nextFarewell
        state.nextFarewell += 1
        state.farewells[number] = Task {
            try? await clock.sleep(until: staleTime + wait)
            let successor = self.state.locked { state in
                state.farewells[number] = nil
                return state.active.values.first {
                    $0.target.axisKey == scraped.target.axisKey
                }
            }
            // At a shutdown nothing goes stale: it will go on where it was.
            if Task.isCancelled { return }
            if let successor {
                scraped.yield(to: successor, at: staleTime)
            } else {
                scraped.end(at: staleTime)
            }
        }
    }

    private func scrape(_ scraped: ScrapedTarget, at time: Timestamp) async {
        let start = ContinuousClock.now
        guard let outcome = await outcome(scraped, time), !Task.isCancelled else { return }
        let took = (ContinuousClock.now - start) / .seconds(1)
        _ = store(scraped, outcome, at: time, duration: took)
    }

    // MARK: One scrape

    /// What asking the target gives; nil where a text file has nothing new.
    private func outcome(_ scraped: ScrapedTarget, _ time: Timestamp) async -> ScrapeOutcome? {
        let limitError = state.locked { $0.pools[scraped.target.pool]?.limitError }
        if let limitError { return .failure(limitError) }
        switch scraped.target.source {
        case .recording: return nil
        case .textfile(let path, let maximumAge):
            return fileOutcome(scraped, path, maximumAge, time)
        case .http:
            let scrape = ScrapeRequest(
                configuration: scraped.configuration, target: scraped.target,
                maximumBodyBytes: options.maximumBodyBytes)
            let request: HTTPRequest
            do throws(SecretError) { request = try scrape.make() } catch {
                return .failure(error.message)
            }
            do throws(TransportError) {
                return scrape.outcome(try await transport.send(request))
            } catch {
                return error.kind == .cancelled ? nil : scrape.outcome(error)
            }
        }
    }

    private func fileOutcome(
        _ scraped: ScrapedTarget, _ path: String, _ maximumAge: Milliseconds, _ time: Timestamp
    ) -> ScrapeOutcome? {
        let stamp = options.files.stamp(path)
        switch scraped.lookAtFile(stamp, path: path, maximumAge: maximumAge, now: time) {
        case .nothing: return nil
        case .down(let reason): return .failure(reason)
        case .read:
            let configured = scraped.configuration.limits.bodySize
            let limit = configured > 0 ? Int(configured - 1) : options.maximumBodyBytes
            do throws(FileAccess.ReadError) {
                let bytes = try options.files.read(path, limit)
                return bytes.count > limit ? .failure("body size limit exceeded") : .body(bytes)
            } catch {
                scraped.fileCouldNotBeRead()
                return .failure("open \(path): \(error)")
            }
        }
    }

    private func store(
        _ scraped: ScrapedTarget, _ outcome: ScrapeOutcome, at time: Timestamp, duration: Double
    ) -> ScrapeReport {
        let report = scraped.ingest(outcome, at: time, duration: duration)
        counters.count(report)
        warn(report, scraped.target)
        if let observer = state.locked({ $0.observer }) {
            observer(
                ScrapeObservation(
                    target: scraped.target, time: time, outcome: outcome, duration: duration,
                    report: report))
        }
        return report
    }

    private func warn(_ report: ScrapeReport, _ target: Target) {
        if let error = report.error {
            logger.debug(
                "Scrape failed", metadata: ["target": "\(target.url)", "err": "\(error)"])
        }
        let dropped = [
            (report.duplicates, "samples with different value but same timestamp"),
            (report.outOfOrder, "out-of-order samples"),
            (report.outOfBounds, "samples that are too far into the future"),
        ]
        for (count, what) in dropped where count > 0 {
            logger.warning(
                "Error on ingesting \(what)",
                metadata: ["target": "\(target.url)", "num_dropped": "\(count)"])
        }
    }

    /// Takes in a scrape that was recorded, as if its target had just been asked. The rules of the
    /// scrape configuration of that job apply, where there is one.
    @discardableResult
    public func ingest(
        _ recorded: RecordedTarget, at time: Timestamp, _ outcome: ScrapeOutcome,
        duration: Double = 0
    ) -> ScrapeReport {
        let known = state.locked { $0.recorded[recorded] }
        return store(known ?? remember(recorded), outcome, at: time, duration: duration)
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

    /// What is scraped, and how it fares.
    public var status: ScrapeStatus {
        let (targets, pools) = state.locked { state in
            (Array(state.active.values) + Array(state.recorded.values), state.pools)
        }
        var status = ScrapeStatus()
        status.active = targets.map(\.status).sorted {
            ($0.target.pool, $0.target.url) < ($1.target.pool, $1.target.url)
        }
        for (name, pool) in pools.sorted(by: { $0.key < $1.key }) {
            status.dropped += pool.result.dropped
            status.droppedCounts[name] = pool.result.droppedCount
            status.problems += pool.result.failures + pool.discovery.problems.values.sorted()
        }
        return status
    }

    /// What the targets say of their metrics.
    public var metadata: [(target: Target, metrics: [String: MetricMetadata])] {
        let targets = state.locked { Array($0.active.values) + Array($0.recorded.values) }
        return targets.map { ($0.target, $0.metadata) }
    }
}

extension ScrapeConfiguration {
    /// What of it matters to a target once it is found.
    var withoutDiscovery: ScrapeConfiguration {
        var copy = self
        copy.staticTargets = []
        copy.fileDiscoveries = []
        copy.textfiles = []
        copy.relabeling = []
        return copy
    }
}

/// What the manager counts about itself.
struct ScrapeCounters: Sendable {
    private let scrapes: Counter
    private let failed: Counter
    private let duplicates: Counter
    private let outOfOrder: Counter
    private let outOfBounds: Counter

    init(_ registry: MetricsRegistry) {
        scrapes = registry.counter("target_scrapes_total", help: "Scrapes.")
        failed = registry.counter("target_scrapes_failed_total", help: "Scrapes that failed.")
        duplicates = registry.counter(
            "target_scrapes_sample_duplicate_timestamp_total",
            help: "Samples dropped because their series had one in the same scrape.")
        outOfOrder = registry.counter(
            "target_scrapes_sample_out_of_order_total",
            help: "Samples dropped because their series has a newer one.")
        outOfBounds = registry.counter(
            "target_scrapes_sample_out_of_bounds_total",
            help: "Samples dropped because their timestamps are too far ahead.")
    }

    func count(_ report: ScrapeReport) {
        scrapes.increment()
        if report.error != nil { failed.increment() }
        if report.duplicates > 0 { duplicates.increment(by: Double(report.duplicates)) }
        if report.outOfOrder > 0 { outOfOrder.increment(by: Double(report.outOfOrder)) }
        if report.outOfBounds > 0 { outOfBounds.increment(by: Double(report.outOfBounds)) }
    }
}
