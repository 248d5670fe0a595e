import Model

/// What samples with delta temporality add up to, by series: the state of the feature flag
/// `otlp-deltatocumulative`. It is lost by a restart, which is a counter reset to who queries.
public struct OTLPDeltaSums: Sendable {
    /// What one series has come to.
    private struct Sum {
        var start: UInt64
        /// The time of the newest sample, in nanoseconds, and when it was taken.
        var last: UInt64
        var taken: Timestamp
        var value: Double
        var histogram: FloatHistogram?
    }

    /// A series that nothing is added to for so long is forgotten: it begins anew.
    public static let maximumAge: Milliseconds = .minutes(5)
    /// So often the forgotten are looked for.
    private static let sweepInterval: Milliseconds = .minutes(1)
    /// A histogram that comes to have more buckets on a side gets a lower resolution.
    static let maximumBuckets = 160

    /// Series that may be added up at once; samples of others are refused.
    public let maximumSeries: Int
    private var sums: [Labels: Sum] = [:]
    private var swept: Timestamp?

    /// No sums.
    public init(maximumSeries: Int = 100_000) { self.maximumSeries = maximumSeries }

    /// How many series are added up.
    public var count: Int { sums.count }

    /// Forgets series that nothing was added to for too long.
    mutating func expire(at now: Timestamp) {
        if let swept, now - swept < OTLPDeltaSums.sweepInterval, now >= swept { return }
        swept = now
        sums = sums.filter { now - $0.value.taken < OTLPDeltaSums.maximumAge }
    }

    /// Adds a point, and puts what it comes to in its place. Throws, with nothing added, where it is older
    /// than what was added before, or where there are too many series.
    mutating func add(_ point: inout OTLPPoint, at now: Timestamp) throws(OTLPFault) {
        if point.isGap { return }
        var added = 0
        for sample in point.samples {
            guard let sum = sums[sample.labels] else {
                added += 1
                continue
            }
            if point.start < sum.start || point.time <= sum.last {
                let metric = sample.labels.metricName.goQuoted
                throw OTLPFault(
                    point.start < sum.start
                        ? "a delta of \(metric) started before those that were added up"
                        : "a delta of \(metric) is out of order: newer ones were added up")
            }
        }
        if sums.count + added > maximumSeries {
            throw OTLPFault(
                "more series with deltas than the limit of \(maximumSeries) would be added up")
        }
        // A bucket that came later counts from the start of the others, too: it had nothing before.
        var start = point.start
        for index in point.samples.indices {
            start = min(start, add(&point.samples[index], point.time, point.start, now))
        }
        point.start = start
    }

    /// Adds a sample, and puts the sum in its place; returns since when it counts.
    private mutating func add(
        _ sample: inout OTLPPoint.Sample, _ time: UInt64, _ start: UInt64, _ now: Timestamp
    ) -> UInt64 {
        var sum = Sum(
            start: start, last: time, taken: now, value: sample.value, histogram: sample.histogram)
        if let before = sums[sample.labels] {
            if let histogram = sample.histogram {
                if let total = OTLPDeltaSums.total(before.histogram, histogram) {
                    sum.start = before.start
                    sum.histogram = total
                }
            } else if before.histogram == nil {
                sum.start = before.start
                sum.value = before.value + sample.value
            }
        }
        sums[sample.labels] = sum
        sample.value = sum.value
        sample.histogram = sum.histogram
        return sum.start
    }

    /// Both together; nil where they cannot be put together, and the new one begins anew.
    private static func total(
        _ before: FloatHistogram?, _ added: FloatHistogram
    ) -> FloatHistogram? {
        guard var total = before, total.customValues == added.customValues,
            (try? total.add(added)) != nil
        else { return nil }
        total.compact()
        while max(total.positiveBuckets.count, total.negativeBuckets.count) > maximumBuckets,
            total.schema > FloatHistogram.exponentialSchemas.lowerBound
        { total.reduceResolution(to: total.schema - 1) }
        return total
    }
}
