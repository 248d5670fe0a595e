import Model

/// Functions of classic and native histograms.
let histogramFunctions: [Function] = [
    Function(
        "histogram_quantile", [.scalar, .vector], traits: .readsBuckets,
        .custom { call throws(QueryError) in
            HistogramQuantile(
                try call.argument(1), at: 1, quantile: try call.argument(0), call)
        }),
    Function(
        "histogram_quantiles", [.vector, .string, .scalar, .scalar], variadic: 9,
        isExperimental: true, traits: .readsBuckets,
        .custom { call throws(QueryError) in
            HistogramQuantiles(
                try call.argument(0), label: try call.string(1), quantiles: try call.scalars(), call
            )
        }),
    Function(
        "histogram_fraction", [.scalar, .scalar, .vector], traits: .readsBuckets,
        .custom { call throws(QueryError) in
            HistogramFraction(
                try call.argument(2), at: 2, lower: try call.argument(0),
                upper: try call.argument(1), call)
        }),
]

/// `histogram_quantile(φ, v)`.
final class HistogramQuantile: HistogramReader, HistogramFunction {
    private let quantile: any Operator

    init(_ input: any Operator, at argument: Int, quantile: any Operator, _ call: FunctionCall) {
        self.quantile = quantile
        super.init(input, at: argument, call)
    }

    var scalars: [any Operator] { [quantile] }

    func prepare(_ run: Run) {
        annotateInvalid(quantile.scalar, call.arguments[0].range, run)
    }

    func evaluate(
        _ histogram: inout CumulativeBuckets, _ source: Source, at time: Int64, _ run: Run
    ) throws(QueryError) {
        try emit(histogram.quantile(quantile.scalar), source, run)
        noteFixes(histogram, source, at: time)
    }

    func evaluate(
        _ histogram: FloatHistogram, _ source: Source, _ run: Run
    ) throws(QueryError) {
        try emit(nativeQuantile(histogram, quantile.scalar, source, run), source, run)
    }
}

/// `histogram_quantiles(v, "label", φ…)`: a series per quantile, which a label tells.
final class HistogramQuantiles: HistogramReader, HistogramFunction {
    private let label: String
    private let quantiles: [any Operator]

    init(
        _ input: any Operator, label: String, quantiles: [any Operator], _ call: FunctionCall
    ) {
        self.label = label
        self.quantiles = quantiles
        super.init(input, at: 0, call)
    }

    var scalars: [any Operator] { quantiles }

    func prepare(_ run: Run) {
        for (index, quantile) in quantiles.enumerated() {
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

    func evaluate(
        _ histogram: inout CumulativeBuckets, _ source: Source, at time: Int64, _ run: Run
    ) throws(QueryError) {
        for (variant, quantile) in quantiles.enumerated() {
            try emit(histogram.quantile(quantile.scalar), source, variant: variant, run)
            noteFixes(histogram, source, at: time)
        }
    }

    func evaluate(
        _ histogram: FloatHistogram, _ source: Source, _ run: Run
    ) throws(QueryError) {
        for (variant, quantile) in quantiles.enumerated() {
            let value = nativeQuantile(histogram, quantile.scalar, source, run)
            try emit(value, source, variant: variant, run)
        }
    }
}

/// `histogram_fraction(lower, upper, v)`.
final class HistogramFraction: HistogramReader, HistogramFunction {
    private let lower: any Operator
    private let upper: any Operator

    init(
        _ input: any Operator, at argument: Int, lower: any Operator, upper: any Operator,
        _ call: FunctionCall
    ) {
        self.lower = lower
        self.upper = upper
        super.init(input, at: argument, call)
    }

    var scalars: [any Operator] { [lower, upper] }

    func prepare(_ run: Run) {}

    func evaluate(
        _ histogram: inout CumulativeBuckets, _ source: Source, at time: Int64, _ run: Run
    ) throws(QueryError) {
        try emit(histogram.fraction(from: lower.scalar, to: upper.scalar), source, run)
    }

    func evaluate(
        _ histogram: FloatHistogram, _ source: Source, _ run: Run
    ) throws(QueryError) {
        let (share, hasNaNs) = histogram.fraction(from: lower.scalar, to: upper.scalar)
        if hasNaNs { run.annotate(.fractionWithoutNaNs(metric(source), position)) }
        try emit(share, source, run)
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
