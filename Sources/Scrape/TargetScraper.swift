import Exposition
import Model
import Store

/// What came of asking a target.
public enum ScrapeOutcome: Sendable, Hashable {
    /// Its exposition.
    case body([UInt8])
    /// Nothing, and why.
    case failure(String)
}

/// What one scrape brought.
public struct ScrapeReport: Sendable, Hashable {
    /// Why the target counts as down, or nil.
    public var error: String?
    /// `scrape_samples_scraped`.
    public var scraped = 0
    /// `scrape_samples_post_metric_relabeling`.
    public var added = 0
    /// `scrape_series_added`.
    public var seriesAdded = 0
    /// Samples of a series that had one already: the first counts.
    public var duplicates = 0
    /// Samples whose own timestamp is not newer than their series' last.
    public var outOfOrder = 0
    /// Samples whose own timestamp is too far ahead.
    public var outOfBounds = 0
    /// Whether the frame was taken; it is not where it is older than the last one.
    public var isStored = true

    /// A report.
    public init(
        error: String? = nil, scraped: Int = 0, added: Int = 0, seriesAdded: Int = 0,
        isStored: Bool = true
    ) {
        self.error = error
        self.scraped = scraped
        self.added = added
        self.seriesAdded = seriesAdded
        self.isStored = isStored
    }
}

/// Reads a target's expositions and writes its frames: a state machine without clock or I/O.
///
/// Every scrape is one frame on the target's axis: its samples and the five series that report on
/// it. What was there last time and is not now is absent in the frame, which is what staleness is. A
/// failed scrape is a frame of the report alone. Live and in a replay this is the same code.
public struct TargetScraper {
    private let store: Store
    private let axis: Axis
    private let target: Labels
    private let rules: SampleRules
    private let reportSlots: [Int]
    private var cache = ExpositionCache()

    /// What the last expositions said of its metrics.
    public var metadata: [String: MetricMetadata] { cache.metadata }

    /// The names of the five series that report on a scrape.
    public static let reportNames = [
        "up", "scrape_duration_seconds", "scrape_samples_scraped",
        "scrape_samples_post_metric_relabeling", "scrape_series_added",
    ]

    /// A scraper that writes to the axis called `axisKey`, with the target's labels.
    public init(store: Store, axisKey: String, labels: Labels, rules: SampleRules) {
        self.store = store
        let axis = store.openAxis(axisKey)
        self.axis = axis
        target = labels
        self.rules = rules
        reportSlots = TargetScraper.reportNames.map { name in
            axis.slot(for: labels.setting(Labels.name, name))
        }
    }

    /// Writes the frame of a scrape that started at `time` and took `duration` seconds.
    public mutating func ingest(
        _ outcome: ScrapeOutcome, at time: Timestamp, duration: Double
    ) -> ScrapeReport {
        var reading = ExpositionReading(
            frame: [Double](repeating: SampleValue.stale, count: axis.slotCount))
        var isSuccess = false
        switch outcome {
        case .failure(let reason): reading.report.error = reason
        case .body(let body) where body.isEmpty: break
        case .body(let body):
            isSuccess = cache.read(
                body, at: time, axis: axis, target: target, rules: rules, into: &reading)
        }
        if !isSuccess { reading.forgetSamples() }
        var report = reading.report
        let values = [
            report.error == nil ? 1 : 0, duration, Double(report.scraped), Double(report.added),
            Double(report.seriesAdded),
        ]
        for (slot, value) in zip(reportSlots, values) { reading.set(slot, value) }
        report.isStored = axis.commit(at: time, values: reading.frame)
        for sample in reading.timestamped
        where !store.append(sample.labels, at: sample.time, value: sample.value) {
            report.outOfOrder += 1
        }
        for slot in cache.finish(isSuccess: isSuccess) where !reportSlots.contains(slot) {
            axis.release(slot: slot)
        }
        return report
    }

    /// The last frame of a target that is gone: everything absent. No frame comes after it.
    public func end(at time: Timestamp) {
        axis.commit(at: time, values: [])
        store.closeAxis(axis)
    }
}

/// The frame in the making.
struct ExpositionReading {
    struct TimestampedSample {
        let labels: Labels
        let time: Timestamp
        let value: Double
    }

    var frame: [Double]
    var report = ScrapeReport()
    var timestamped: [TimestampedSample] = []

    /// Puts a value into the frame, which grows as needed.
    mutating func set(_ slot: Int, _ value: Double) {
        while frame.count <= slot { frame.append(SampleValue.stale) }
        frame[slot] = value
    }

    /// Whether the slot has no value yet.
    func isAbsent(_ slot: Int) -> Bool {
        slot >= frame.count || SampleValue.isStale(frame[slot])
    }

    /// Nothing of an exposition that could not be read whole is stored.
    mutating func forgetSamples() {
        for index in frame.indices { frame[index] = SampleValue.stale }
        timestamped = []
    }
}
