import Configuration
import Exposition
import Model

/// What happens to a target's samples before they are stored, and what bounds them.
public struct SampleRules: Sendable, Hashable {
    /// What a sample's labels may be where the configuration sets no limit: a hostile exposition
    /// must not get through by our leaving everything open.
    public static let maximumLabels = 1000
    /// Bytes of a label's name, likewise.
    public static let maximumLabelNameLength = 4096
    /// Bytes of a label's value, likewise.
    public static let maximumLabelValueLength = 1 << 20
    /// How far ahead of us an exposed timestamp may be.
    public static let maximumAhead = Milliseconds.minutes(10)

    /// Whether a sample's own label wins over the target's.
    public var honorLabels = false
    /// Whether exposed timestamps count.
    public var honorTimestamps = true
    /// Whether series with exposed timestamps go stale when they disappear.
    public var trackTimestampsStaleness = false
    /// `metric_relabel_configs`.
    public var relabeling: [RelabelRule] = []
    /// The limits, 0 for the largest allowed.
    public var limits = ScrapeLimits()
    /// Which names are allowed.
    public var nameValidation = NameValidation.utf8

    /// Whether OpenMetrics's `_created` lines become start timestamps.
    public var readsStartTimestamps = false

    /// Whether a metric's type and unit become labels of its series.
    public var addsTypeAndUnitLabels = false

    /// What is taken of histograms, and with how many buckets.
    public var histograms = HistogramSettings()

    /// `fallback_scrape_protocol`: the name of the format of answers that do not name theirs.
    public var fallbackProtocol: String?

    /// Prometheus's defaults.
    public init() {}

    /// Those of a scrape configuration.
    public init(_ configuration: ScrapeConfiguration) {
        honorLabels = configuration.honorLabels
        honorTimestamps = configuration.honorTimestamps
        trackTimestampsStaleness = configuration.trackTimestampsStaleness
        relabeling = configuration.metricRelabeling
        limits = configuration.limits
        nameValidation = configuration.nameValidation
        readsStartTimestamps = configuration.readsStartTimestamps
        addsTypeAndUnitLabels = configuration.addsTypeAndUnitLabels
        histograms = configuration.histograms
        fallbackProtocol = configuration.fallbackScrapeProtocol?.rawValue
    }

    /// Whether the same lines are the same series under both.
    func givesSameSeries(as other: SampleRules) -> Bool {
        var same = other
        same.honorTimestamps = honorTimestamps
        same.trackTimestampsStaleness = trackTimestampsStaleness
        same.limits.samples = limits.samples
        return self == same
    }

    /// The exposed labels with those that say the metric's type and unit, where these are wanted. What
    /// an exposition says of a metric wins over labels of these names.
    func typed(_ exposed: [Label], _ metadata: [String: MetricMetadata]) -> [Label] {
        guard addsTypeAndUnitLabels,
            let name = exposed.first(where: { $0.name == Labels.name })?.value,
            let known = MetricFamilyName.of(name, in: metadata)?.metadata
        else { return exposed }
        let type = known.type == .untyped ? "" : known.type.rawValue
        let added = [Label("__type__", type), Label("__unit__", known.unit)]
            .filter { !$0.value.isEmpty }
        return exposed.filter { label in !added.contains { $0.name == label.name } } + added
    }

    /// The labels under which a sample is stored; nil where relabelling drops it.
    public func labels(exposed: [Label], target: Labels) -> Labels? {
        let merged = honorLabels ? honoring(exposed, target) : overriding(exposed, target)
        guard let labels = Relabel.apply(relabeling, to: merged), !labels.isEmpty else {
            return nil
        }
        return labels
    }

    private func honoring(_ exposed: [Label], _ target: Labels) -> Labels {
        // An exposed label without a value keeps the target's away.
        let added = target.sorted.filter { label in
            !exposed.contains { $0.name.bytesEqual(label.name) }
        }
        return Labels(exposed + added)
    }

    private func overriding(_ exposed: [Label], _ target: Labels) -> Labels {
        let conflicting = exposed.filter { !$0.value.isEmpty && target[$0.name] != nil }
            .sorted { $0.name < $1.name }.enumerated()
            .sorted { a, b in
                let (x, y) = (a.element.name.utf8.count, b.element.name.utf8.count)
                return x == y ? a.offset < b.offset : x < y
            }
            .map(\.element)
        var labels = Labels(exposed + target.sorted)
        for label in conflicting {
            var name = "exported_" + label.name
            while labels[name] != nil { name = "exported_" + name }
            labels = labels.setting(name, label.value)
        }
        return labels
    }

    /// Why the labels cannot be stored, in Prometheus's words, or nil.
    public func refusal(_ labels: Labels) -> String? {
        guard let metric = labels[Labels.name] else {
            return "missing metric name (__name__ label)"
        }
        if labels.sorted.contains(where: { $0.name.isEmpty }) || !areAllowed(labels, metric) {
            return "invalid metric name or label names: \(clipped(labels.description, 300))"
        }
        let shown = clipped(metric, 50)
        let most = SampleRules.limit(limits.labels, SampleRules.maximumLabels)
        if labels.count > most { return tooManyLabels(metric, labels.count) }
        let name = SampleRules.limit(limits.labelNameLength, SampleRules.maximumLabelNameLength)
        let value = SampleRules.limit(
            limits.labelValueLength, SampleRules.maximumLabelValueLength)
        for label in labels.sorted {
            let labelName = clipped(label.name, 50)
            let lengths = (label.name.utf8.count, label.value.utf8.count)
            if lengths.0 > name {
                return "label_name_length_limit exceeded (metric: \(shown), label name: "
                    + "\(labelName), length: \(lengths.0), limit: \(name))"
            }
            if lengths.1 > value {
                return "label_value_length_limit exceeded (metric: \(shown), label name: "
                    + "\(labelName), value: \(clipped(label.value, 50).goQuoted), "
                    + "length: \(lengths.1), limit: \(value))"
            }
        }
        return nil
    }

    /// The refusal of a sample with that many labels.
    func tooManyLabels(_ metric: String, _ count: Int) -> String {
        let limit = SampleRules.limit(limits.labels, SampleRules.maximumLabels)
        return "label_limit exceeded (metric: \(clipped(metric, 50)), "
            + "number of labels: \(count), limit: \(limit))"
    }

    private func areAllowed(_ labels: Labels, _ metric: String) -> Bool {
        guard nameValidation == .legacy else { return true }
        return metric.isLegacyMetricName && labels.sorted.allSatisfy { $0.name.isLegacyLabelName }
    }

    static func limit(_ configured: Int, _ largest: Int) -> Int {
        configured > 0 ? configured : largest
    }

    private func clipped(_ text: String, _ count: Int) -> String { String(text.prefix(count)) }
}
