import Model

/// Functions of native histograms alone; numbers are left out.
let nativeHistogramFunctions: [Function] = [
    Function(
        "histogram_count", [.vector], traits: .readsHistogramStats, histogramField { $0.count }),
    Function("histogram_sum", [.vector], traits: .readsHistogramStats, histogramField { $0.sum }),
    Function(
        "histogram_avg", [.vector], traits: .readsHistogramStats,
        histogramField { $0.sum / $0.count }),
    Function("histogram_stddev", [.vector], histogramField { $0.variance.squareRoot() }),
    Function("histogram_stdvar", [.vector], histogramField { $0.variance }),
]

private func histogramField(
    _ body: @escaping @Sendable (FloatHistogram) -> Double
) -> FunctionImplementation {
    .custom { call throws(QueryError) in
        HistogramField(try call.argument(0), names: call.names, body)
    }
}

/// `f(v)` that makes a number of each native histogram.
final class HistogramField: Relabelling, Operator {
    private let names: NameRemoval
    private let body: (FloatHistogram) -> Double

    init(
        _ input: any Operator, names: NameRemoval, _ body: @escaping (FloatHistogram) -> Double
    ) {
        self.names = names
        self.body = body
        super.init(input)
    }

    override func output(
        _ labels: Labels, dropsName: Bool, _ run: Run
    ) -> (Labels, Bool) {
        names.removing(labels)
    }

    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try stepInput(at: time, run)
        clear()
        order = input.order.map { $0.map { target[$0] } }
        if !input.hasHistograms { return }
        for slot in target.indices {
            guard let histogram = input.histogram(slot) else { continue }
            let out = target[slot]
            if !isIdentity, !SampleValue.isStale(values[out]) { throw .sameLabels }
            values[out] = body(histogram)
        }
    }
}

extension FloatHistogram {
    /// The estimated variance of the observations: each is taken to be in the middle of its bucket,
    /// the geometric one where buckets are exponential.
    fileprivate var variance: Double {
        let mean = sum / count
        var total = 0.0
        var lost = 0.0
        for bucket in allBuckets where bucket.count != 0 {
            var middle = 0.0
            if usesCustomBuckets {
                middle = (bucket.upper + bucket.lower) / 2
            } else if !(bucket.lower <= 0 && bucket.upper >= 0) {
                middle = (bucket.upper * bucket.lower).squareRoot()
                if bucket.upper < 0 { middle = -middle }
            }
            let delta = middle - mean
            KahanSum.add(bucket.count * delta * delta, to: &total, &lost)
        }
        return (total + lost) / count
    }
}
