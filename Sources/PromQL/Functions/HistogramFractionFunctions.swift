import Model

/// Shares of histograms' observations.
let histogramFractionFunctions: [String: FunctionImplementation] = [
    "histogram_fraction": .custom { call throws(QueryError) in
        HistogramFraction(
            try call.argument(2), lower: try call.argument(0), upper: try call.argument(1),
            position: call.call.arguments[2].range, names: call.names)
    }
]

/// `histogram_fraction(lower, upper, v)` of classic histograms.
final class HistogramFraction: Operator {
    private let input: Operator
    private let lower: Operator
    private let upper: Operator
    private let position: PositionRange
    private let names: NameRemoval
    private var groups: BucketGroups
    private var histogram = ClassicHistogram()
    private var seenVersion = -1

    init(
        _ input: Operator, lower: Operator, upper: Operator, position: PositionRange,
        names: NameRemoval
    ) {
        self.input = input
        self.lower = lower
        self.upper = upper
        self.position = position
        self.names = names
        groups = BucketGroups(input, names: names)
    }

    override func step(at time: Int64, _ run: Run) throws(QueryError) {
        try lower.step(at: time, run)
        try upper.step(at: time, run)
        try input.step(at: time, run)
        if input.version != seenVersion {
            groups = BucketGroups(input, names: names)
            labels = groups.labels
            dropsName = groups.dropsName
            seenVersion = input.version
            version += 1
        }
        clear()
        groups.annotateMalformed(input, run, position, names: names)
        for group in groups.groups {
            histogram.load(group, input.values)
            if histogram.bounds.isEmpty { continue }
            if !SampleValue.isStale(values[group.output]) { throw .sameLabels }
            values[group.output] = histogram.fraction(from: lower.scalar, to: upper.scalar)
        }
    }
}

extension ClassicHistogram {
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
        var start = -Double.infinity
        for (bound, count) in zip(bounds, counts) {
            if start >= value { return min(below, total) }
            // Like quantiles, the first bucket starts at zero where it ends above it.
            let from = start == -.infinity && bound > 0 ? 0 : start
            if bound > value {
                if from >= value { return min(below, total) }
                return min(below + (count - below) * (value - from) / (bound - from), total)
            }
            below = count
            start = bound
        }
        return total
    }
}
