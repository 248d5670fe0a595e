import Exposition
import Model

/// What a reader reads of a pushed exposition: series with the labels under which they are stored.
struct PushedSamples: SampleSink {
    private let key: GroupingKey
    private let limits: PushLimits
    let histograms: HistogramPolicy

    private(set) var series: [Labels] = []
    /// Values in the exposition's order.
    private(set) var values: [(series: Int, value: Double)] = []
    /// Native histograms in the exposition's order.
    private(set) var native: [(series: Int, histogram: FloatHistogram)] = []
    private(set) var metadata: [String: MetricMetadata] = [:]
    private(set) var hasTimestamps = false

    init(_ key: GroupingKey, _ limits: PushLimits, histograms: HistogramPolicy) {
        self.key = key
        self.limits = limits
        self.histograms = histograms
    }

    func admit(labelCount: Int) throws(ExpositionError) {
        if labelCount > SampleRules.limit(limits.settings.maximumLabels, SampleRules.maximumLabels)
        {
            throw ExpositionError(limits.rules.tooManyLabels("", labelCount))
        }
    }

    mutating func add(series exposed: [Label]) throws(ExpositionError) -> Int? {
        let labels = key.applied(to: exposed)
        if let refusal = limits.rules.refusal(labels) { throw ExpositionError(refusal) }
        if series.count >= limits.settings.maximumSeriesPerGroup {
            throw ExpositionError(limits.tooManySeriesInGroup)
        }
        series.append(labels)
        return series.count - 1
    }

    mutating func take(_ samples: [ReadSample]) {
        for sample in samples {
            if sample.timestamp != nil { hasTimestamps = true }
            // A series that is repeated is wrong, however often.
            if values.count < 2 * limits.settings.maximumSeriesPerGroup {
                values.append((sample.series, sample.value))
            }
        }
    }

    mutating func take(_ sample: ReadHistogram) throws(ExpositionError) {
        if sample.timestamp != nil { hasTimestamps = true }
        if native.count < 2 * limits.settings.maximumSeriesPerGroup {
            native.append((sample.series, sample.histogram))
        }
    }

    mutating func describe(_ metric: String, _ statement: MetadataStatement) {
        if metadata[metric] == nil, metadata.count > limits.settings.maximumSeriesPerGroup {
            return
        }
        metadata[metric, default: MetricMetadata()].apply(statement)
    }

    /// The metric family that a series belongs to.
    func family(of labels: Labels) -> String {
        let name = labels.metricName
        if metadata[name] != nil { return name }
        for (suffix, types) in MetricFamilyName.suffixesOfText where name.hasSuffix(suffix) {
            let family = String(name.dropLast(suffix.count))
            if let type = metadata[family]?.type, types.contains(type) { return family }
        }
        return name
    }
}
