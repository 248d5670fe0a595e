import Configuration
import Exposition
import Model
import Store
import Synchronization

/// A target with what is known of it: its scraper, its status, its file's state.
///
/// One scrape at a time; the lock is held while an exposition is read into a frame.
final class ScrapedTarget: Sendable {
    private struct State {
        var scraper: TargetScraper
        var status: TargetStatus
        var file: TextfileState
        var isEnded = false
        var refusal: String?
    }

    let target: Target
    let configuration: ScrapeConfiguration
    private let state: Mutex<State>

    init(
        _ target: Target, _ configuration: ScrapeConfiguration, store: Store,
        continuing old: ScrapedTarget? = nil
    ) {
        self.target = target
        self.configuration = configuration
        var known = old?.status ?? TargetStatus(target: target)
        known.target = target
        let file = old?.state.locked { $0.file } ?? TextfileState()
        let scraper = old?.state.locked { $0.scraper }
        state = Mutex(
            State(
                scraper: TargetScraper(
                    store: store, axisKey: target.axisKey, labels: target.labels,
                    rules: SampleRules(configuration), continuing: scraper),
                status: known, file: file))
    }

    var status: TargetStatus { state.locked { $0.status } }
    var metadata: [String: MetricMetadata] { state.locked { $0.scraper.metadata } }

    /// Why it may not be scraped, e.g. its pool has too many targets; nil where it may.
    var refusal: String? {
        get { state.locked { $0.refusal } }
        set { state.locked { $0.refusal = newValue } }
    }

    func ingest(_ outcome: ScrapeOutcome, at time: Timestamp, duration: Double) -> ScrapeReport {
        state.locked { state in
            // A scrape that was under way when its target went away comes too late.
            if state.isEnded { return ScrapeReport(isStored: false) }
            let report = state.scraper.ingest(outcome, at: time, duration: duration)
            state.status.record(report, at: time, duration: duration)
            return report
        }
    }

    func lookAtFile(
        _ stamp: FileStamp?, path: String, maximumAge: Milliseconds, now: Timestamp
    ) -> TextfileState.Step {
        state.locked { state in
            state.file.step(stamp, path: path, maximumAge: maximumAge, now: now)
        }
    }

    /// The path of its text file, and when that was last seen to have changed.
    var fileChange: (path: String, time: Timestamp)? {
        guard case .textfile(let path, _) = target.source,
            let time = state.locked({ $0.file.changedAt })
        else { return nil }
        return (path, time)
    }

    func fileCouldNotBeRead() { state.locked { $0.file.readFailed() } }

    /// No scrape counts any more.
    func stop() { state.locked { $0.isEnded = true } }

    /// Everything of the target goes stale.
    func end(at time: Timestamp) { state.locked { $0.scraper.end(at: time) } }

    /// What only this one brought, and not the one that has its axis now, goes stale.
    func yield(to successor: ScrapedTarget, at time: Timestamp) {
        let present = successor.state.locked { $0.scraper.trackedSlots }
        state.locked { $0.scraper.endTimestamped(at: time, but: present) }
    }
}
