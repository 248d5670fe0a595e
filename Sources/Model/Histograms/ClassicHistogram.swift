/// A classic histogram at one time, put together from its series: what `_bucket`, `_count` and `_sum` say.
public struct ClassicHistogram: Sendable {
    /// Which of a classic histogram's values a series holds.
    public enum Part: Sendable, Hashable {
        /// The observations up to a bound.
        case bucket(bound: Double)
        case count
        case sum

        private static let bucketSuffix = "_bucket"
        private static let countSuffix = "_count"
        private static let sumSuffix = "_sum"

        /// Reads the metric's name and the label `le`; nil where that is no part of a histogram.
        public static func read(
            _ name: String, bound: String?
        ) -> (part: Part, histogram: String)? {
            if name.hasSuffix(bucketSuffix) {
                guard let bound = bound.flatMap(GoFloat.parse), !bound.isNaN else { return nil }
                return (.bucket(bound: bound), String(name.dropLast(bucketSuffix.count)))
            }
            if name.hasSuffix(countSuffix) {
                return (.count, String(name.dropLast(countSuffix.count)))
            }
            if name.hasSuffix(sumSuffix) { return (.sum, String(name.dropLast(sumSuffix.count))) }
            return nil
        }
    }

    private var buckets: [(bound: Double, count: Double)] = []
    private var count: Double?
    private var sum = 0.0

    /// A histogram of which nothing is known yet.
    public init() {}

    /// Takes the value of one of its series. Of two buckets with one bound, the first counts.
    public mutating func set(_ part: Part, to value: Double) {
        switch part {
        case .count: count = value
        case .sum: sum = value
        case .bucket(let bound):
            if let last = buckets.last, !(bound > last.bound) {
                let at = buckets.firstIndex { $0.bound >= bound } ?? buckets.count
                if at < buckets.count, buckets[at].bound == bound { return }
                buckets.insert((bound, value), at: at)
            } else {
                buckets.append((bound, value))
            }
        }
    }

    /// The native histogram with custom buckets that says the same. Throws where the values are no
    /// histogram's.
    public func converted() throws(HistogramError) -> FloatHistogram {
        var buckets = buckets
        let count = count ?? buckets.last?.count ?? 0
        if buckets.last?.bound != .infinity { buckets.append((.infinity, count)) }
        var histogram = FloatHistogram()
        histogram.schema = FloatHistogram.customSchema
        histogram.count = count
        histogram.sum = sum
        histogram.customValues = buckets.dropLast().map(\.bound)
        histogram.positiveSpans = [.init(offset: 0, length: UInt32(clamping: buckets.count))]
        var before = 0.0
        for bucket in buckets {
            // Not `<`: NaN is no count either.
            guard bucket.count >= before else {
                throw HistogramError("bucket counts fall at le=\(GoFloat.general(bucket.bound))")
            }
            histogram.positiveBuckets.append(bucket.count - before)
            before = bucket.count
        }
        guard before == count else {
            throw HistogramError(
                "the count is \(GoFloat.general(count)), the last bucket's \(GoFloat.general(before))"
            )
        }
        let isWhole = buckets.allSatisfy { $0.count.rounded() == $0.count }
        histogram.compact(maximumEmptyBuckets: isWhole ? 2 : 0)
        try histogram.validate()
        return histogram
    }
}
