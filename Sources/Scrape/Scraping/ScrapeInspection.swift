import Configuration
import Exposition
import Model
import Store

/// What the pipeline makes of one scrape: what it stores, what its rules change and drop, and how far its
/// limits are reached. It is taken in by the pipeline's own code, into a store of its own.
public struct ScrapeInspection: Sendable {
    /// What a rule of `metric_relabel_configs` did with a series.
    public struct Step: Sendable, Hashable {
        /// Which rule, from 0.
        public let rule: Int
        /// The labels after it; nil where it drops the series.
        public let labels: Labels?
    }

    /// A series that a rule changed or dropped.
    public struct Relabelled: Sendable, Hashable {
        /// Its labels before relabelling, the target's among them.
        public let labels: Labels
        /// The rules that did something.
        public let steps: [Step]
    }

    /// A limit, and how far it is reached.
    public struct Limit: Sendable, Hashable {
        /// The key of the scrape configuration.
        public let name: String
        /// How much is allowed; nil where anything is.
        public let limit: Int?
        /// Whether the configuration says so.
        public let isConfigured: Bool
        /// How much there is.
        public let reached: Int
    }

    /// What came of the scrape.
    public let report: ScrapeReport
    /// The media type of the format that was read; nil where none was.
    public private(set) var format: String?
    /// The series that rules changed or dropped, in the exposition's order.
    public private(set) var relabelled: [Relabelled] = []
    /// The limits of the job.
    public private(set) var limits: [Limit] = []
    /// The series that have a sample now, those that report on the scrape among them.
    public let series: [Labels]

    /// Takes in what the target answered.
    public init(_ probe: ScrapeProbe, of job: ScrapeConfiguration, at time: Timestamp) {
        let rules = SampleRules(job)
        let store = Store()
        var scraper = TargetScraper(
            store: store, axisKey: probe.target.axisKey, labels: probe.target.labels, rules: rules)
        report = scraper.ingest(probe.outcome, at: time, duration: probe.duration)
        series = store.series(matching: [[]])
        var exposed = ExposedSeries(rules, probe.target.labels)
        if case .body(let body, let contentType) = probe.outcome, !body.isEmpty,
            let found = try? ExpositionFormat.of(
                contentType: contentType, fallback: rules.fallbackProtocol)
        {
            format = found.mediaType
            var lines = LineTable()
            // Where it breaks off, the report has said why.
            try? found.reader.read(body, lines: &lines, into: &exposed)
        }
        relabelled = exposed.relabelled
        limits = exposed.limits(job, report, bodyBytes: probe.response?.body.count ?? 0)
    }
}

/// Follows the series of an exposition through the rules, and measures them.
private struct ExposedSeries: SampleSink {
    private let rules: SampleRules
    private let target: Labels
    private let unchanged: SampleRules
    private var metadata: [String: MetricMetadata] = [:]
    private(set) var relabelled: [ScrapeInspection.Relabelled] = []
    private var most = (labels: 0, name: 0, value: 0, buckets: 0)
    private var count = 0

    init(_ rules: SampleRules, _ target: Labels) {
        self.rules = rules
        self.target = target
        var unchanged = rules
        unchanged.relabeling = []
        self.unchanged = unchanged
    }

    var histograms: HistogramPolicy {
        HistogramPolicy(
            readsNative: rules.histograms.scrapesNative,
            keepsClassic: rules.histograms.alwaysScrapesClassic)
    }

    func admit(labelCount: Int) throws(ExpositionError) {}

    mutating func add(series exposed: [Label]) throws(ExpositionError) -> Int? {
        count += 1
        if let labels = unchanged.labels(
            exposed: rules.typed(exposed, metadata), target: target)
        {
            follow(labels)
        }
        return count - 1
    }

    private mutating func follow(_ labels: Labels) {
        var current = labels
        var steps: [ScrapeInspection.Step] = []
        for (index, rule) in rules.relabeling.enumerated() {
            let next = Relabel.apply([rule], to: current)
            if next != current { steps.append(ScrapeInspection.Step(rule: index, labels: next)) }
            guard let next else { break }
            current = next
        }
        if !steps.isEmpty {
            relabelled.append(ScrapeInspection.Relabelled(labels: labels, steps: steps))
        }
        if let last = steps.last, last.labels == nil { return }
        measure(current)
    }

    private mutating func measure(_ labels: Labels) {
        most.labels = max(most.labels, labels.count)
        for label in labels.sorted {
            most.name = max(most.name, label.name.utf8.count)
            most.value = max(most.value, label.value.utf8.count)
        }
    }

    mutating func take(_ samples: [ReadSample]) {}

    mutating func take(_ sample: ReadHistogram) throws(ExpositionError) {
        let histogram = sample.histogram
        most.buckets = max(
            most.buckets, histogram.positiveBuckets.count + histogram.negativeBuckets.count)
    }

    mutating func describe(_ metric: String, _ statement: MetadataStatement) {
        metadata[metric, default: MetricMetadata()].apply(statement)
    }

    func limits(
        _ job: ScrapeConfiguration, _ report: ScrapeReport, bodyBytes: Int
    ) -> [ScrapeInspection.Limit] {
        let set = job.limits
        func limit(
            _ name: String, _ configured: Int, otherwise: Int?, _ reached: Int
        ) -> ScrapeInspection.Limit {
            ScrapeInspection.Limit(
                name: name, limit: configured > 0 ? configured : otherwise,
                isConfigured: configured > 0, reached: reached)
        }
        return [
            limit(
                "body_size_limit", Int(clamping: set.bodySize),
                otherwise: ScrapeManager.Options().maximumBodyBytes, bodyBytes),
            limit("sample_limit", set.samples, otherwise: nil, report.added),
            limit(
                "label_limit", set.labels, otherwise: SampleRules.maximumLabels, most.labels),
            limit(
                "label_name_length_limit", set.labelNameLength,
                otherwise: SampleRules.maximumLabelNameLength, most.name),
            limit(
                "label_value_length_limit", set.labelValueLength,
                otherwise: SampleRules.maximumLabelValueLength, most.value),
            limit(
                "native_histogram_bucket_limit", job.histograms.bucketLimit, otherwise: nil,
                most.buckets),
        ]
    }
}
