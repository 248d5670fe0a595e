/// The parts of the language that Prometheus hides behind feature flags.
public struct ParserOptions: Sendable, Hashable {
    /// Functions and aggregations marked experimental (`promql-experimental-functions`).
    public var experimentalFunctions: Bool
    /// Arithmetic in ranges, steps and offsets (`promql-duration-expr`).
    public var durationExpressions: Bool
    /// `anchored` and `smoothed` (`promql-extended-range-selectors`).
    public var extendedRangeSelectors: Bool
    /// `fill`, `fill_left` and `fill_right` (`promql-binop-fill-modifiers`).
    public var fillModifiers: Bool

    /// The given parts; none by default, as in Prometheus.
    public init(
        experimentalFunctions: Bool = false, durationExpressions: Bool = false,
        extendedRangeSelectors: Bool = false, fillModifiers: Bool = false
    ) {
        self.experimentalFunctions = experimentalFunctions
        self.durationExpressions = durationExpressions
        self.extendedRangeSelectors = extendedRangeSelectors
        self.fillModifiers = fillModifiers
    }

    /// Everything.
    public static let all = ParserOptions(
        experimentalFunctions: true, durationExpressions: true, extendedRangeSelectors: true,
        fillModifiers: true)

    /// The parts that these of Prometheus's feature flags enable; other flags mean nothing here.
    public init(features: [String]) {
        self.init(
            experimentalFunctions: features.contains("promql-experimental-functions"),
            durationExpressions: features.contains("promql-duration-expr"),
            extendedRangeSelectors: features.contains("promql-extended-range-selectors"),
            fillModifiers: features.contains("promql-binop-fill-modifiers"))
    }
}
