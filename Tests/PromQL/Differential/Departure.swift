/// Where Prometheus 2.42 means to differ from the current one, which is the reference. The naive
/// evaluator can do either, so that a difference between 2.42 and the engine is taken for intended only
/// where these, and nothing else, explain it to the digit.
enum Departure: String, CaseIterable {
    case closedWindows
    case plainSums
    case stepwiseMeans
    case zeroBeforeThreshold
    case deviationOfInfinity
    case negationOverWholeRange
    case filterBeforeMatching
    case strictBuckets
    case quantileOfNaN
    case strictParameters
    case lossAtInfinity
    case subqueriesEverywhere
    case atan2KeepsName

    var reason: String {
        switch self {
        case .closedWindows:
            "windows, look-back and subqueries include their left edge; since 3.0 they do not"
        case .plainSums: "sum() adds without compensation"
        case .stepwiseMeans:
            "avg() and avg_over_time() take the mean step by step; since 3.x it is the sum divided "
                + "by the count wherever that does not overflow"
        case .zeroBeforeThreshold:
            "rate() and increase() limit a counter's extrapolation to its zero before they ask "
                + "whether the edge is near"
        case .deviationOfInfinity:
            "stddev() and stdvar() of a single infinity or NaN are 0; since 3.0 NaN"
        case .negationOverWholeRange:
            "-v fails where two series that differ in the name alone appear anywhere in a range, "
                + "at different times, too"
        case .filterBeforeMatching:
            "pairs that a comparison filters out do not count as a match, so that ambiguity shows "
                + "only among those that pass"
        case .strictBuckets:
            "histogram_quantile() makes buckets monotonic without tolerance for rounding"
        case .quantileOfNaN: "histogram_quantile(NaN, …) is the bound of the last bucket"
        case .strictParameters:
            "topk() and bottomk() of NaN and -Inf say that the value overflows int64"
        case .lossAtInfinity:
            "stddev_over_time(), deriv() and their like are NaN where a compensated sum reached infinity"
        case .subqueriesEverywhere:
            "a subquery is evaluated between the windows of a range query's steps, too, and fails "
                + "there; the engine asks only for what a window needs, unlike any Prometheus"
        case .atan2KeepsName: "atan2 keeps the metric's name"
        }
    }
}

/// What cannot be compared, and why.
struct Incomparable {
    var reason: String
    var applies: @Sendable (_ query: String, _ isRange: Bool) -> Bool

    static let all = [
        Incomparable(
            reason: "predict_linear() of a window fixed by @ loses points of a range query"
        ) {
            query, isRange in isRange && query.contains("predict_linear(") && query.contains(" @ ")
        },
        Incomparable(reason: "count_values() has no order, which decides ties behind it") {
            query, _ in
            query.contains("count_values")
                && ["topk", "bottomk"].contains { query.contains($0) }
        },
        Incomparable(
            reason: "Go's sin, cosh and so on have other last bits, which count_values() shows"
        ) {
            query, _ in
            query.contains("count_values")
                && ["exp(", "ln(", "log2(", "log10(", "sin(", "cosh(", "asinh(", "^", "atan2"]
                    .contains { query.contains($0) }
        },
    ]
}
