import Configuration
import HTTPClient
import Logging
import Model
import Synchronization
import Transport

/// Scrapes a target again and again, each time at its place in the interval.
///
/// It knows nothing of the other targets: one that hangs, floods or lies costs only itself.
final class ScrapeLoop: Sendable {
    private let transport: any Transporting
    private let clock: any PipelineClock
    private let options: ScrapeManager.Options
    private let logger: Logger
    private let counters: ScrapeCounters
    private let clients: ClientPool
    private let observer = Mutex<ScrapeManager.Observer?>(nil)

    init(
        transport: any Transporting, clock: any PipelineClock, options: ScrapeManager.Options,
        logger: Logger, counters: ScrapeCounters, clients: ClientPool
    ) {
        self.clients = clients
        self.transport = transport
        self.clock = clock
        self.options = options
        self.logger = logger
        self.counters = counters
    }

    func observe(_ observer: @escaping ScrapeManager.Observer) {
        self.observer.locked { $0 = observer }
    }

    /// Scrapes until the task is cancelled.
    func run(_ scraped: ScrapedTarget) async {
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

    private func scrape(_ scraped: ScrapedTarget, at time: Timestamp) async {
        let start = ContinuousClock.now
        guard let outcome = await outcome(scraped, time), !Task.isCancelled else { return }
        let took = (ContinuousClock.now - start) / .seconds(1)
        _ = store(scraped, outcome, at: time, duration: took)
    }

    /// What asking the target gives; nil where a text file has nothing new.
    private func outcome(_ scraped: ScrapedTarget, _ time: Timestamp) async -> ScrapeOutcome? {
        if let refusal = scraped.refusal { return .failure(refusal) }
        switch scraped.target.source {
        case .recording: return nil
        case .textfile(let path, let maximumAge):
            return await FileQueue.apart { [self] in
                fileOutcome(scraped, path, maximumAge, time)
            }
        case .http: return await httpOutcome(scraped)
        }
    }

    private func httpOutcome(_ scraped: ScrapedTarget) async -> ScrapeOutcome? {
        let scrape = ScrapeRequest(
            configuration: scraped.configuration, target: scraped.target,
            maximumBodyBytes: options.maximumBodyBytes)
        let client = clients.client(scraped.configuration.client)
        return await scrape.send(by: client, over: transport)?.outcome
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

    /// Stores what a scrape brought, counts it, and tells of it.
    func store(
        _ scraped: ScrapedTarget, _ outcome: ScrapeOutcome, at time: Timestamp, duration: Double
    ) -> ScrapeReport {
        let report = scraped.ingest(outcome, at: time, duration: duration)
        counters.count(report)
        warn(report, scraped.target)
        if let observer = observer.locked({ $0 }) {
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
            (report.outOfOrderExemplars, "out-of-order exemplars"),
        ]
        for (count, what) in dropped where count > 0 {
            logger.warning(
                "Error on ingesting \(what)",
                metadata: ["target": "\(target.url)", "num_dropped": "\(count)"])
        }
    }
}
