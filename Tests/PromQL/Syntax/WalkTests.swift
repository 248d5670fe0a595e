import Model
import PromQL
import Testing

@Suite struct WalkTests {
    static func windows(_ query: String) throws -> [Expr.ReadWindow] {
        var found: [Expr.ReadWindow] = []
        try Parser.parse(query, options: .all).forEachSelector {
            found.append(
                Expr.readWindow(
                    of: $0, lookback: .minutes(5), defaultStep: .minutes(1)))
        }
        return found
    }

    @Test func readWindows() throws {
        func back(_ query: String) throws -> Int64? { try Self.windows(query).first?.back.value }
        #expect(try back("foo") == 300_000)
        #expect(try back("foo offset 1m") == 360_000)
        #expect(try back("rate(foo[10m])") == 600_000)
        #expect(try back("max_over_time(rate(foo[10m])[1h:5m])") == 600_000 + 3_600_000 + 300_000)
        #expect(try back("max_over_time(foo[1h:] offset 1d)") == 300_000 + 3_660_000 + 86_400_000)
        #expect(try back("rate(foo[10m] anchored)") == 900_000)
        let ahead = try #require(try Self.windows("foo offset -10m").first)
        #expect(ahead.back == .zero)
        #expect(ahead.ahead == .minutes(10))
        let fixed = try #require(try Self.windows("max_over_time(foo[1h:5m] @ 100)").first)
        #expect(fixed.at == .timestamp(Timestamp(milliseconds: 100_000)))
        #expect(try Self.windows("foo + sum(bar) / rate(baz[1m])").count == 3)
    }

    @Test func functionsAround() throws {
        var names: [[String]] = []
        try Parser.parse("abs(absent(foo)) + rate(bar[1m])").forEachSelector {
            names.append($0.enclosingFunctions)
        }
        #expect(names == [["abs", "absent"], ["rate"]])
    }

    @Test func metricSelectors() throws {
        let matchers = try Parser.parseMetricSelector("foo{a!~\"b|c\"}")
        #expect(matchers.map(\.description) == ["a!~\"b|c\"", "__name__=\"foo\""])
        #expect(try Parser.parseMetricSelector("{}").isEmpty)
        #expect(throws: ParseErrors.self) { try Parser.parseMetricSelector("foo + bar") }
        #expect(throws: ParseErrors.self) { try Parser.parseMetricSelector("foo[5m]") }
        #expect(throws: ParseErrors.self) { try Parser.parseMetricSelector("5") }
    }

    @Test func durationsOfTheQuery() throws {
        guard
            case .matrixSelector(let matrix) = try Parser.parse(
                "foo[max_of(step() * 2, range() / 4) + 1m]", options: .all
            ).kind
        else {
            Issue.record("no range selector")
            return
        }
        #expect(!matrix.range.isConstant)
        #expect(
            try matrix.range.evaluated(step: .seconds(30), range: .minutes(2)) == .minutes(2))
        #expect(
            throws: DurationExpr.EvaluationError.self
        ) {
            try DurationExpr.binary(.subtract, .step, .step).evaluatedPositive(
                step: .zero, range: .zero)
        }
    }

    @Test func everyFunctionIsListedOnce() {
        let names = FunctionSignature.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.count == 90)
        #expect(FunctionSignature.named("rate")?.argumentTypes == [.matrix])
        #expect(FunctionSignature.named("Rate") == nil)
    }
}
