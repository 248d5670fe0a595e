import Model
import PromQL
import Testing

/// Quantiles select a rank without sorting: whatever order values come in, the answer is what sorting
/// would give.
struct QuantileTests {
    /// Orders that selection by halves is slow or wrong on, if on any.
    static let orders: [(name: String, make: @Sendable (Int) -> [Double])] = [
        ("rising", { count in (0..<count).map(Double.init) }),
        ("falling", { count in (0..<count).reversed().map(Double.init) }),
        ("equal", { count in [Double](repeating: 7, count: count) }),
        ("two values", { count in (0..<count).map { Double($0 % 2) } }),
        ("organ pipe", { count in (0..<count).map { Double(min($0, count - $0)) } }),
        ("against medians of three", { count in medianOfThreeKiller(count) }),
        ("scattered", { count in (0..<count).map { Double($0 * 7919 % 1009) - 500.5 } }),
        (
            "with NaN, infinities and zeros",
            { count in
                let odd = [
                    Double.nan, .infinity, -.infinity, 0, -0.0, 1e308, -1e308,
                    .leastNonzeroMagnitude,
                ]
                return (0..<count).map {
                    $0 % 3 == 0 ? odd[$0 / 3 % odd.count] : Double($0 * 31 % 17)
                }
            }
        ),
    ]

    /// Musser's permutation: the median of the first, middle and last value is always the next to
    /// the least.
    private static func medianOfThreeKiller(_ count: Int) -> [Double] {
        let half = count / 2
        var values = [Double](repeating: 0, count: count)
        for index in 0..<half {
            values[index] = Double(index % 2 == 0 ? index + 1 : half + index + half % 2)
            values[half + index] = Double((index + 1) * 2)
        }
        return values
    }

    @Test(arguments: orders.map(\.name), [1, 2, 12, 13, 100, 2_500])
    func selectsWhatSortingGives(order: String, count: Int) throws {
        let make = try #require(Self.orders.first { $0.name == order }).make
        let values = make(count)
        let series = TestSeries().add(["__name__": "m"], values)
        let sorted = values.filter(\.isNaN) + values.filter { !$0.isNaN }.sorted()
        for quantile in [0, 0.01, 0.25, 0.5, 0.9, 0.999, 1] {
            let rank = quantile * Double(count - 1)
            let (lower, weight) = (Int(rank), rank - rank.rounded(.down))
            let upper = min(count - 1, lower + 1)
            let expected = sorted[lower] * (1 - weight) + sorted[upper] * weight
            let query = "quantile_over_time(\(quantile), m[\(count)m]) + 0"
            #expect(
                series.instant(query, minute: count - 1) == ["{} \(GoFloat.fixed(expected + 0))"],
                "\(query)")
        }
    }
}
