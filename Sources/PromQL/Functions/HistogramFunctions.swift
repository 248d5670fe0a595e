import Model

/// Functions of classic and native histograms.
let histogramFunctions: [String: FunctionImplementation] = [
    "histogram_quantile": .custom { call throws(QueryError) in
        HistogramQuantile(
            try call.argument(1), at: 1, quantile: try call.argument(0), call)
    },
    "histogram_quantiles": .custom { call throws(QueryError) in
        HistogramQuantiles(
            try call.argument(0), label: try call.string(1), quantiles: try call.scalars(), call)
    },
    "histogram_fraction": .custom { call throws(QueryError) in
        HistogramFraction(
            try call.argument(2), at: 2, lower: try call.argument(0),
            upper: try call.argument(1), call)
    },
]

/// `histogram_quantile(φ, v)`.
final class HistogramQuantile: HistogramReader {
    private let quantile: Operator

    init(_ input: Operator, at argument: Int, quantile: Operator, _ call: FunctionCall) {
        self.quantile = quantile
        super.init(input, at: argument, call)
    }

    override func prepare(at time: Int64, _ run: Run) throws(QueryError) {
        try quantile.step(at: time, run)
        annotateInvalid(quantile.scalar, call.arguments[0].range, run)
    }

    override func evaluate(
        _ histogram: inout ClassicHistogram, _ source: Source, at time: Int64, _ run: Run
    ) throws(QueryError) {
        try emit(histogram.quantile(quantile.scalar), source)
        noteFixes(histogram, source, at: time)
    }

    override func evaluate(
        _ histogram: FloatHistogram, _ source: Source, _ run: Run
    ) throws(QueryError) {
        try emit(nativeQuantile(histogram, quantile.scalar, source, run), source)
    }
}

/// `histogram_quantiles(v, "label", φ…)`: a series per quantile, which a label tells.
final class HistogramQuantiles: HistogramReader {
    private let label: String
    private let quantiles: [Operator]

    init(
        _ input: Operator, label: String, quantiles: [Operator], _ call: FunctionCall
    ) {
        self.label = label
        self.quantiles = quantiles
        super.init(input, at: 0, call)
    }

    override func prepare(at time: Int64, _ run: Run) throws(QueryError) {
        for (index, quantile) in quantiles.enumerated() {
            try quantile.step(at: time, run)
            let position =
                call.arguments.indices.contains(index + 2)
                ? call.arguments[index + 2].range : position
            annotateInvalid(quantile.scalar, position, run)
        }
        setVariants(label, quantiles.map { Self.text($0.scalar) })
    }

    /// A number as OpenMetrics writes it, so that whole ones look like numbers too.
    private static func text(_ value: Double) -> String {
        let text = GoFloat.general(value, exponentFrom: 21)
        let isPlain = text.utf8.allSatisfy { $0.isASCIIDigit || $0 == UInt8(ascii: "-") }
        return isPlain ? text + ".0" : text
    }

    override func evaluate(
        _ histogram: inout ClassicHistogram, _ source: Source, at time: Int64, _ run: Run
    ) throws(QueryError) {
        for (variant, quantile) in quantiles.enumerated() {
            try emit(histogram.quantile(quantile.scalar), source, variant: variant)
            noteFixes(histogram, source, at: time)
        }
    }

    override func evaluate(
        _ histogram: FloatHistogram, _ source: Source, _ run: Run
    ) throws(QueryError) {
        for (variant, quantile) in quantiles.enumerated() {
            let value = nativeQuantile(histogram, quantile.scalar, source, run)
            try emit(value, source, variant: variant)
        }
    }
}

/// `histogram_fraction(lower, upper, v)`.
final class HistogramFraction: HistogramReader {
    private let lower: Operator
    private let upper: Operator

    init(
        _ input: Operator, at argument: Int, lower: Operator, upper: Operator, _ call: FunctionCall
    ) {
        self.lower = lower
        self.upper = upper
        super.init(input, at: argument, call)
    }

    override func prepare(at time: Int64, _ run: Run) throws(QueryError) {
        try lower.step(at: time, run)
        try upper.step(at: time, run)
    }

    override func evaluate(
        _ histogram: inout ClassicHistogram, _ source: Source, at time: Int64, _ run: Run
    ) throws(QueryError) {
        try emit(histogram.fraction(from: lower.scalar, to: upper.scalar), source)
    }

    override func evaluate(
        _ histogram: FloatHistogram, _ source: Source, _ run: Run
    ) throws(QueryError) {
        let (share, hasNaNs) = histogram.fraction(from: lower.scalar, to: upper.scalar)
        if hasNaNs { run.annotate(.fractionWithoutNaNs(metric(source), position)) }
        try emit(share, source)
    }
}

extension HistogramReader {
    fileprivate func annotateInvalid(_ quantile: Double, _ position: PositionRange, _ run: Run) {
        if !(0...1).contains(quantile) { run.annotate(.invalidQuantile(quantile, position)) }
    }

    fileprivate func nativeQuantile(
        _ histogram: FloatHistogram, _ quantile: Double, _ source: Source, _ run: Run
    ) -> Double {
        let (value, note) = histogram.quantile(quantile)
        switch note {
        case .none: break
        case .skewing: run.annotate(.quantileIsSkewed(metric(source), position))
        case .decisive: run.annotate(.quantileIsNaN(metric(source), position))
        }
        return value
    }
}
