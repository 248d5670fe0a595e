import Exposition
import Model

/// Notes what a reader brings.
struct NotingSink: SampleSink {
    var known: [[Label]] = []
    var samples: [ReadSample] = []
    var batches: [Int] = []
    var statements: [String] = []
    var metadata: [String: MetricMetadata] = [:]
    var taken: [ReadHistogram] = []
    var histograms = HistogramPolicy()
    var maximumSeries = Int.max
    var maximumLabels = Int.max

    func admit(labelCount: Int) throws(ExpositionError) {
        if labelCount > maximumLabels { throw ExpositionError("too many labels") }
    }

    mutating func add(series labels: [Label]) throws(ExpositionError) -> Int? {
        if known.count >= maximumSeries { return nil }
        known.append(labels)
        return known.count - 1
    }

    mutating func take(_ samples: [ReadSample]) {
        self.samples += samples
        batches.append(samples.count)
    }

    mutating func take(_ sample: ReadHistogram) throws(ExpositionError) { taken.append(sample) }

    mutating func describe(_ metric: String, _ statement: MetadataStatement) {
        statements.append("\(metric) \(statement)")
        metadata[metric, default: MetricMetadata()].apply(statement)
    }
}
