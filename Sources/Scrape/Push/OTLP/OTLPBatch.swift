import Model
import Store

/// What OTLP's data points became.
public struct OTLPOutcome: Sendable {
    /// The samples that are to be stored.
    public internal(set) var batch = SampleBatch()
    /// How many data points are not among them.
    public internal(set) var rejectedPoints = 0
    /// Why, and what else there is to say; each once, and not too many.
    public internal(set) var messages: [String] = []

    /// So many messages are given.
    static let maximumMessages = 20

    mutating func say(_ message: String) {
        if messages.count < OTLPOutcome.maximumMessages, !messages.contains(message) {
            messages.append(message)
        }
    }

    /// Counts data points that are refused.
    mutating func reject(_ count: Int, _ fault: OTLPFault) {
        rejectedPoints += count
        say(fault.message)
    }
}

/// Puts points into a batch, each series once.
struct OTLPBatch {
    let limits: OTLPLimits
    var outcome = OTLPOutcome()
    private var numbers: [Labels: Int] = [:]
    private var labels = 0

    init(_ limits: OTLPLimits) { self.limits = limits }

    /// Whether there is room for a point; throws with the limit's name where there is not.
    func check(_ point: OTLPPoint) throws(OTLPFault) {
        if outcome.batch.samples.count + point.samples.count > limits.samples {
            throw OTLPFault("a request has more samples than the limit of \(limits.samples)")
        }
        var added = 0
        for sample in point.samples {
            let count = sample.labels.count
            if count > limits.labels {
                throw OTLPFault(
                    "a series of \(sample.labels.metricName.goQuoted) has \(count) labels, more than "
                        + "push.label_limit (\(limits.labels)) allows")
            }
            added += count
        }
        if labels + added > limits.seriesLabels {
            throw OTLPFault(
                "the series of a request have more labels than the limit of \(limits.seriesLabels)")
        }
    }

    /// Takes a point.
    mutating func add(_ point: OTLPPoint) {
        let time = Timestamp(nanoseconds: point.time)
        let start = point.start == 0 ? nil : Timestamp(nanoseconds: point.start)
        for sample in point.samples {
            let series = number(of: sample.labels)
            outcome.batch.samples.append(
                .init(
                    series: series, time: time, value: sample.value, histogram: sample.histogram,
                    startTime: start))
            for var exemplar in sample.exemplars {
                if !exemplar.hasTime { exemplar.time = time }
                outcome.batch.exemplars.append((series, exemplar))
            }
        }
    }

    /// Takes what is known of a metric family.
    mutating func describe(_ family: String, _ metadata: MetricMetadata) {
        outcome.batch.metadata[family] = metadata
    }

    private mutating func number(of labels: Labels) -> Int {
        if let number = numbers[labels] { return number }
        let number = outcome.batch.series.count
        outcome.batch.series.append(labels)
        numbers[labels] = number
        self.labels += labels.count
        return number
    }
}
