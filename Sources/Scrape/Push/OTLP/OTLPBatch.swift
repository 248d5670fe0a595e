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

    /// Nothing.
    public init() {}

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
    /// Why nothing more is taken, once a limit of the request is reached. No point is read from then on.
    private(set) var end: OTLPFault?
    private var numbers: [Labels: Int] = [:]

    init(_ limits: OTLPLimits) { self.limits = limits }

    /// Throws where there is no room for a point.
    mutating func check(_ point: OTLPPoint) throws(OTLPFault) {
        for sample in point.samples { try limits.check(labels: sample.labels) }
        let added = point.samples.reduce(0) { $0 + (numbers[$1.labels] == nil ? 1 : 0) }
        if outcome.batch.series.count + added > limits.series {
            end = OTLPFault(WriteLimits.tooManySeries(limits.series))
        }
        let exemplars = point.samples.reduce(0) { $0 + $1.exemplars.count }
        let count = outcome.batch.samples.count + outcome.batch.exemplars.count
        if count + point.samples.count + exemplars > limits.samples {
            end = OTLPFault(WriteLimits.tooManySamples(limits.samples))
        }
        if let end { throw end }
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
        return number
    }
}
