import Exposition
import Model
import Store

/// What came of asking a target.
public enum ScrapeOutcome: Sendable, Hashable {
    /// Its exposition, and what its Content-Type says of the format.
    case body([UInt8], contentType: String = ScrapeOutcome.textContentType)
    /// Nothing, and why.
    case failure(String)

    /// Whether there is nothing to read.
    var isEmpty: Bool {
        guard case .body(let body, _) = self else { return true }
        return body.isEmpty
    }

    /// The text format, where nobody says otherwise: in text files and older recordings.
    public static let textContentType = "text/plain"

    /// The protocol of `textContentType`.
    static let textProtocol = "PrometheusText0.0.4"
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
    /// Exemplars that are older than the newest one of their series.
    public var outOfOrderExemplars = 0
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
/// it. What was there last time and is not now has the stale marker in the frame. A
/// failed scrape is a frame of the report alone. Live and in a replay this is the same code.
public struct TargetScraper {
    let store: Store
    let axis: Axis
    private let target: Labels
    let rules: SampleRules
    private let reportSlots: [Int]
    private var lines = LineTable()
    /// The format that `lines` are of.
    private var mediaType = ""
    private(set) var intake: SampleIntake
    var timestamped = TimestampedSeries()

    /// What the last expositions said of its metrics.
    public var metadata: [String: MetricMetadata] { intake.metadata }

    /// The names of the five series that report on a scrape.
    public static let reportNames = [
        "up", "scrape_duration_seconds", "scrape_samples_scraped",
        "scrape_samples_post_metric_relabeling", "scrape_series_added",
    ]

    /// A scraper that writes to the axis called `axisKey`, with the target's labels.
    ///
    /// Where it continues another one of the same axis, series with their own timestamps that only
    /// that one brought go stale with the next scrape; and where the rules for samples are the same,
    /// the series are known.
    public init(
        store: Store, axisKey: String, labels: Labels, rules: SampleRules,
        continuing old: TargetScraper? = nil
    ) {
        self.store = store
        let axis = store.openAxis(axisKey)
        self.axis = axis
        target = labels
        self.rules = rules
        reportSlots = TargetScraper.reportNames.map { name in
            axis.slot(for: labels.setting(Labels.name, name))
        }
        intake = SampleIntake(axis: axis, target: labels, rules: rules)
        guard let old, old.axis === axis else {
            for (slot, sample) in axis.samplesWithOwnTimes {
                timestamped.learn(slot: slot, sample)
            }
            return
        }
        timestamped = old.timestamped
        if old.target == labels, old.rules.givesSameSeries(as: rules) {
            intake = SampleIntake(continuing: old.intake, rules: rules)
            lines = old.lines
            mediaType = old.mediaType
        }
    }

    /// Writes the frame of a scrape that started at `time` and took `duration` seconds.
    public mutating func ingest(
        _ outcome: ScrapeOutcome, at time: Timestamp, duration: Double
    ) -> ScrapeReport {
        intake.begin(at: time, maximumExemplars: store.exemplars.capacity)
        let error = read(outcome)
        var reading = intake.reading
        intake.reading = ExpositionReading(frame: [])
        if error != nil { reading.forgetSamples() }
        reading.report.error = error
        var report = reading.report
        let values = [
            report.error == nil ? 1 : 0, duration, Double(report.scraped), Double(report.added),
            Double(report.seriesAdded),
        ]
        for (slot, value) in zip(reportSlots, values) { reading.set(slot, value) }
        putTimestamped(&reading, at: time, &report)
        report.isStored = axis.commit(
            at: time, values: reading.frame, histograms: reading.histograms,
            startTimes: error == nil ? intake.startTimes : [], ownTimes: reading.ownTimes,
            isPartial: reading.isPartial)
        for (series, exemplar) in reading.exemplars
        where store.exemplars.add(exemplar, of: series) == .outOfOrder {
            report.outOfOrderExemplars += 1
        }
        let isRead = error == nil && !outcome.isEmpty
        let freed = intake.finish(isSuccess: isRead, lines: &lines).filter {
            !reportSlots.contains($0)
        }
        for slot in freed { axis.release(slot: slot) }
        return report
    }

    /// Reads the outcome into the intake; returns why the scrape failed, or nil.
    private mutating func read(_ outcome: ScrapeOutcome) -> String? {
        switch outcome {
        case .failure(let reason): return reason
        // As in Prometheus nothing is no exposition, and needs no format.
        case .body where outcome.isEmpty: return nil
        case .body(let body, let contentType):
            do throws(ExpositionError) {
                let format = try ExpositionFormat.of(
                    contentType: contentType, fallback: rules.fallbackProtocol)
                if format.mediaType != mediaType {
                    // The same bytes may mean something else in another format.
                    lines = LineTable()
                    mediaType = format.mediaType
                }
                intake.readsCreatedTimes = rules.readsStartTimestamps && format.hasCreatedLines
                try format.reader.read(body, lines: &lines, into: &intake)
                intake.finishReading()
                if intake.isOverLimit { return "sample limit exceeded" }
                return intake.isOverBucketLimit ? "histogram bucket limit exceeded" : nil
            } catch {
                return error.description
            }
        }
    }

    /// The last frame of a target that is gone: everything ends, but for series that keep their last
    /// sample for the look-back. No frame comes after it.
    public mutating func end(at time: Timestamp) {
        var reading = ExpositionReading(
            frame: [Double](repeating: SampleValue.stale, count: axis.slotCount))
        var report = ScrapeReport()
        putTimestamped(&reading, at: time, &report)
        axis.commit(at: time, values: reading.frame, isPartial: reading.isPartial)
        store.closeAxis(axis)
    }
}
