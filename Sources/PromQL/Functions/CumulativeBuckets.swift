import Model

/// One classic histogram at one time: cumulative counts by upper bound.
struct CumulativeBuckets {
    var bounds: [Double] = []
    var counts: [Double] = []
    /// What `makeMonotonic` had to lower or raise, beyond rounding errors.
    private(set) var lowestFixed = Double.infinity
    private(set) var highestFixed = -Double.infinity
    private(set) var largestFix = 0.0
    private(set) var isForced = false

    /// Takes the present buckets of a group; buckets of the same bound are added up.
    mutating func load(_ group: BucketGroups.Group, _ values: [Double]) {
        bounds.removeAll(keepingCapacity: true)
        counts.removeAll(keepingCapacity: true)
        for (bound, slot) in group.buckets {
            let count = values[slot]
            if SampleValue.isStale(count) || SampleValue.isHistogram(count) { continue }
            if let last = bounds.last, last == bound {
                counts[counts.count - 1] += count
            } else {
                bounds.append(bound)
                counts.append(count)
            }
        }
    }

    /// Differences up to this share are taken for rounding errors.
    private static let tolerance = 1e-12

    /// Makes the counts rise, as cumulative counts must.
    private mutating func makeMonotonic() {
        isForced = false
        lowestFixed = .infinity
        highestFixed = -.infinity
        largestFix = 0
        var previous = counts[0]
        for index in counts.indices.dropFirst() {
            let count = counts[index]
            if count == previous { continue }
            if Self.isAlmostEqual(previous, count) {
                counts[index] = previous
            } else if count < previous {
                counts[index] = previous
                isForced = true
                lowestFixed = min(lowestFixed, bounds[index])
                highestFixed = max(highestFixed, bounds[index])
                largestFix = max(largestFix, previous - count)
            } else {
                previous = count
            }
        }
    }

    private static func isAlmostEqual(_ a: Double, _ b: Double) -> Bool {
        if a.isNaN && b.isNaN { return true }
        if a == b { return true }
        let sum = a.magnitude + b.magnitude
        let difference = (a - b).magnitude
        let smallest = Double.leastNormalMagnitude
        if a == 0 || b == 0 || sum < smallest { return difference < tolerance * smallest }
        return difference / min(sum, .greatestFiniteMagnitude) < tolerance
    }

    /// The quantile, by linear interpolation within the bucket that it falls into.
    mutating func quantile(_ quantile: Double) -> Double {
        isForced = false
        if quantile.isNaN { return SampleValue.nan }
        if quantile < 0 { return -.infinity }
        if quantile > 1 { return .infinity }
        guard let highest = bounds.last, highest == .infinity else { return SampleValue.nan }
        makeMonotonic()
        let last = bounds.count - 1
        if last < 1 { return SampleValue.nan }
        let observations = counts[last]
        if observations == 0 { return SampleValue.nan }
        var rank = quantile * observations
        let bucket = firstBucket(reaching: rank, before: last)
        if bucket == last { return bounds[last - 1] }
        if bucket == 0 && bounds[0] <= 0 { return bounds[0] }
        var start = 0.0
        var count = counts[bucket]
        if bucket > 0 {
            start = bounds[bucket - 1]
            count -= counts[bucket - 1]
            rank -= counts[bucket - 1]
        }
        return start + (bounds[bucket] - start) * (rank / count)
    }

    private func firstBucket(reaching rank: Double, before end: Int) -> Int {
        var (low, high) = (0, end)
        while low < high {
            let middle = (low + high) / 2
            if counts[middle] >= rank { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension CumulativeBuckets {
    /// The share of observations between two values, by linear interpolation within buckets.
    func fraction(from lower: Double, to upper: Double) -> Double {
        guard bounds.last == .infinity, let total = counts.last, total != 0, !lower.isNaN,
            !upper.isNaN
        else { return SampleValue.nan }
        if lower >= upper { return 0 }
        return (rank(of: upper, total) - rank(of: lower, total)) / total
    }

    /// How many observations lie below a value.
    private func rank(of value: Double, _ total: Double) -> Double {
        var below = 0.0
        // Like quantiles, the first bucket starts at zero where it ends above it.
        var start = bounds[0] > 0 ? 0 : -Double.infinity
        for (bound, count) in zip(bounds, counts) {
            if start >= value { return min(below, total) }
            if bound > value {
                // Nothing can be said of a bucket that begins nowhere: it counts as a whole.
                if start == -.infinity { return min(count, total) }
                return min(below + (count - below) * (value - start) / (bound - start), total)
            }
            below = count
            start = bound
        }
        return total
    }
}
