import Configuration
import Journal
import Model
import Notify
import PromQL
import Rules
import Scrape
import Setup
import Store
import Transport

/// Runs a recording through the pipeline that a daemon runs live, with a clock that jumps from event
/// to event. Nothing is sent and nothing is written to disk.
public final class Replay: Sendable {
    /// What happened, in order.
    public enum Event: Sendable {
        case transition(Transition)
        case notification(ReplayedNotification)
    }

    /// What is kept for queries afterwards.
    public var store: Store { pipeline.store }
    /// Answers queries over what was replayed.
    public var engine: Engine { pipeline.engine }
    /// Stands where the replay is.
    public let clock: ReplayClock
    /// The rules.
    public var runner: RuleRunner { pipeline.runner }
    /// The notifier, which delivers to `onEvent`.
    public var notifications: NotificationPipeline { pipeline.notifications }
    /// What it runs on.
    public let runtime: Runtime
    private let pipeline: Pipeline
    private let path: String
    /// The recorded targets.
    public var scrapes: ScrapeManager { pipeline.scrapes }
    private let interval: Milliseconds

    /// The longest silence between two scrapes that is replayed: each evaluation in it takes time.
    public static let maximumGap = Milliseconds.minutes(366 * 24 * 60)

    /// Opens the recording. The runtime's integrations only render here.
    public init(
        recording path: String, runtime: Runtime, onEvent: @escaping @Sendable (Event) -> Void
    ) throws {
        self.path = path
        self.runtime = runtime
        let first = try RecordingReader(path: path).next()
        interval = runtime.configuration.global.evaluationInterval
        let start = Replay.start(first?.time, interval: interval)
        let clock = ReplayClock(at: start)
        self.clock = clock
        let recorded = runtime.integrations.mapValues { list in
            list.map { integration -> any Integration in
                RecordingIntegration(integration) { data, rendered in
                    onEvent(.notification(ReplayedNotification(data: data, rendered: rendered)))
                }
            }
        }
        var surroundings = Pipeline.Surroundings(
            clock: clock, transport: NoTransport(), mode: .replay, start: .at(start),
            journal: .discarding())
        surroundings.keepsEverything = true
        pipeline = Pipeline(runtime, in: surroundings, integrations: recorded) { evaluation in
            for transition in evaluation.transitions { onEvent(.transition(transition)) }
        }
        scrapes.apply(
            runtime.configuration.scrapeConfigurations.map { job in
                var job = job
                // Only what was recorded is there.
                job.discoveries = ServiceDiscoveries()
                return job
            })
    }

    /// Evaluations stand at whole multiples of the interval, from the last one before the first scrape.
    private static func start(_ first: Timestamp?, interval: Milliseconds) -> Timestamp {
        guard let first else { return Timestamp(milliseconds: 0) }
        let size = max(1, interval.value)
        let rest = first.milliseconds % size
        return first - Milliseconds(rest < 0 ? rest + size : rest)
    }

    /// Replays everything; returns how many scrapes there were.
    @discardableResult
    public func run() async throws -> Int {
        let reader = try RecordingReader(path: path)
        var count = 0
        var last = clock.now
        while let scrape = try reader.next() {
            if scrape.time - last > Replay.maximumGap {
                throw RecordingError(
                    "\(path): between \(last) and \(scrape.time) is more than the limit "
                        + "maximumGap (\(Replay.maximumGap))")
            }
            // A sample of exactly the evaluation's time belongs to it.
            await advance(through: scrape.time - Milliseconds(1))
            scrapes.ingest(scrape)
            count += 1
            last = max(last, scrape.time)
        }
        await advance(through: Replay.start(last + interval - Milliseconds(1), interval: interval))
        return count
    }

    /// Evaluates and notifies at every due moment up to `end`, in order.
    private func advance(through end: Timestamp) async {
        while true {
            let evaluation = await runner.nextDue ?? .distantFuture
            let flush = await notifications.nextWake ?? .distantFuture
            let next = min(evaluation, flush)
            if next > end { break }
            clock.advance(to: next)
            if evaluation <= flush {
                await runner.evaluate(now: next)
            } else {
                await notifications.advance(to: next)
            }
        }
        clock.advance(to: end)
    }
}

/// A notification that would have been sent.
public struct ReplayedNotification: Sendable {
    /// What it says.
    public let data: NotificationData
    /// As its reader would see it, or why it could not be rendered.
    public let rendered: Result<RenderedNotification, any Error>
}

/// A replay sends nothing.
struct NoTransport: Transporting {
    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        throw TransportError(.cancelled, "a replay sends nothing")
    }

    func send(_ mail: MailMessage) async throws(TransportError) -> MailReceipt {
        throw TransportError(.cancelled, "a replay sends nothing")
    }
}
