import Model
import Store

/// Whether a selector's native histograms are read for their count and sum alone: below
/// `histogram_count` and its like, unless something above or in between needs buckets. As in
/// Prometheus that shows: counter resets are told then, and bounds that differ do not matter.
struct BucketUse: Hashable {
    private var isBlocked = false
    private var wantsStats = false

    /// Whether buckets are left out.
    var readsStats: Bool { wantsStats && !isBlocked }

    /// Goes down into a function's arguments.
    mutating func enter(_ function: FunctionTraits) {
        if function.contains(.readsHistogramStats) { wantsStats = true }
        if function.contains(.readsBuckets) { block() }
    }

    /// Goes down into what needs buckets.
    mutating func block() { isBlocked = true }
}

extension FloatHistogram {
    /// Count and sum, and whether counting began anew since the histogram before, which is said where
    /// nothing else is known of it.
    func stats(after previous: FloatHistogram?) -> FloatHistogram {
        var stats = FloatHistogram()
        // Exponential and custom buckets do not mix even where nobody looks at them.
        stats.schema = schema
        stats.count = count
        stats.sum = sum
        stats.resetHint = resetHint
        if resetHint == .unknown, let previous {
            stats.resetHint = detectsReset(since: previous) ? .reset : .notReset
        }
        return stats
    }
}

extension SampleBuffer {
    /// Leaves the buckets of histograms out.
    mutating func keepStats() {
        var previous: FloatHistogram?
        for index in histograms.indices {
            guard let current = histograms[index] else { continue }
            histograms[index] = current.stats(after: previous)
            previous = current
        }
    }
}
