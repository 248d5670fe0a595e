import Model
import Scrape
import Store

/// A recording read into a store, whole: for queries without rules.
public struct RecordingStore {
    /// What was read.
    public let store: Store

    /// An empty one.
    public init() {
        var options = StoreOptions()
        options.keepsEverything = true
        store = Store(options)
    }

    /// Reads the file; returns the time of its last scrape.
    public func load(path: String) throws -> Timestamp {
        let reader = try RecordingReader(path: path)
        let clock = ReplayClock(at: .distantPast)
        let scrapes = ScrapeManager(store: store, transport: NoTransport(), clock: clock)
        var last = Timestamp(milliseconds: 0)
        while let scrape = try reader.next() {
            scrapes.ingest(scrape)
            last = max(last, scrape.time)
        }
        return last
    }
}

extension ScrapeManager {
    /// Takes in a scrape of a recording.
    func ingest(_ scrape: RecordedScrape) {
        ingest(
            RecordedTarget(
                job: scrape.job, instance: scrape.instance, labels: Labels(scrape.labels)),
            at: scrape.time, scrape.result)
    }
}

extension RecordedScrape {
    /// A scrape as it was seen live.
    public init(_ observation: ScrapeObservation) {
        var labels = observation.target.labels.dictionary
        let job = labels.removeValue(forKey: "job") ?? observation.target.pool
        let instance = labels.removeValue(forKey: "instance") ?? ""
        self.init(
            time: observation.time, job: job, instance: instance, labels: labels,
            result: observation.outcome)
    }
}
