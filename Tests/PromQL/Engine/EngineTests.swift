import Model
import PromQL
import Store
import Testing

struct EngineTests {
    private static let rising = (0...20).map { Double($0) as Double? }
    private static let doubled = (0...20).map { Double(2 * $0) as Double? }

    private func pair() -> TestSeries {
        TestSeries()
            .add(["__name__": "a_total", "l": "x"], Self.rising)
            .add(["__name__": "a_total", "l": "y"], Self.doubled)
    }

    // MARK: Selectors

    @Test func lookbackIsLeftOpen() {
        let series = TestSeries().add(["__name__": "m"], [1])
        #expect(series.instant("m", minute: 4) == ["m 1"])
        #expect(series.instant("m", minute: 5) == [])
    }

    @Test func staleMarkersEndASeries() {
        let series = TestSeries().add(["__name__": "m"], [1, SampleValue.stale, nil, 3])
        #expect(series.range("m", 0, 4) == ["m 1@0 3@3 3@4"])
    }

    @Test func windowsAreLeftOpen() {
        let series = pair()
        #expect(series.instant("count_over_time(a_total{l=\"x\"}[5m])") == ["{l=\"x\"} 5"])
        #expect(series.instant("sum_over_time(a_total{l=\"x\"}[2m])") == ["{l=\"x\"} 19"])
    }

    @Test func offsetsAndFixedTimes() {
        let series = pair()
        #expect(series.instant("a_total{l=\"x\"} offset 3m") == ["a_total{l=\"x\"} 7"])
        #expect(series.instant("a_total{l=\"x\"} offset -3m") == ["a_total{l=\"x\"} 13"])
        #expect(series.instant("a_total{l=\"x\"} @ 120") == ["a_total{l=\"x\"} 2"])
        #expect(series.range("a_total{l=\"x\"} @ end()", 3, 5) == ["a_total{l=\"x\"} 5@3 5@4 5@5"])
        #expect(
            series.range("a_total{l=\"x\"} - a_total @ start()", 3, 5)
                == ["{l=\"x\"} 0@3 1@4 2@5"])
        #expect(series.instant("timestamp(a_total{l=\"x\"} @ 120)") == ["{l=\"x\"} 120"])
    }

    @Test func matricesAndSubqueriesAtTheRoot() {
        let series = pair()
        #expect(series.instant("a_total{l=\"x\"}[2m]") == ["a_total{l=\"x\"} 9@9 10@10"])
        #expect(
            series.instant("(a_total{l=\"x\"} * 2)[4m:2m]") == ["{l=\"x\"} 16@8 20@10"])
    }

    @Test func subqueriesStepAtMultiples() {
        let series = pair()
        #expect(
            series.instant("count_over_time(a_total{l=\"x\"}[7m:2m])", minute: 11)
                == ["{l=\"x\"} 3"])
        #expect(
            series.range("sum_over_time(a_total{l=\"x\"}[4m:2m])", 6, 9)
                == ["{l=\"x\"} 10@6 10@7 14@8 14@9"])
        #expect(
            series.instant("max_over_time(rate(a_total{l=\"y\"}[5m])[5m:1m])")
                == series.instant("rate(a_total{l=\"y\"}[5m])"))
    }

    @Test func subqueriesOverSeriesThatAreFoundOnTheWay() {
        let series = pair()
        #expect(
            series.instant(
                "last_over_time((count_values(\"v\", a_total{l=\"x\"}) or "
                    + "count_values(\"w\", a_total{l=\"y\"}))[3m:1m])")
                == [8, 9, 10].map { "{v=\"\($0)\"} 1" }.sorted()
                + [16, 18, 20].map { "{w=\"\($0)\"} 1" })
        #expect(
            series.instant(
                "sum_over_time((count_values(\"v\", a_total) * "
                    + "count_values(\"v\", a_total))[2m:1m])")
                == ["10", "18", "20", "9"].map { "{v=\"\($0)\"} 1" })
    }

    // MARK: Operators

    @Test func arithmeticLosesTheName() {
        let series = pair()
        #expect(series.instant("a_total{l=\"x\"} + 1") == ["{l=\"x\"} 11"])
        #expect(series.instant("-a_total{l=\"x\"}") == ["{l=\"x\"} -10"])
        #expect(series.instant("+a_total{l=\"x\"}") == ["a_total{l=\"x\"} 10"])
        #expect(series.instant("2 ^ 3 ^ 2 % 7") == ["scalar 1"])
    }

    @Test func comparisonsFilterOrCount() {
        let series = pair()
        #expect(series.instant("a_total > 15") == ["a_total{l=\"y\"} 20"])
        #expect(series.instant("15 < a_total") == ["a_total{l=\"y\"} 20"])
        #expect(series.instant("a_total > bool 15") == ["{l=\"x\"} 0", "{l=\"y\"} 1"])
        #expect(series.instant("a_total == a_total") == series.instant("a_total"))
        #expect(series.instant("1 == bool 2") == ["scalar 0"])
    }

    @Test func manyToOne() {
        let series = pair().add(["__name__": "info", "l": "x", "team": "red"], Self.rising)
        #expect(
            series.instant("a_total * on (l) group_left (team) info")
                == ["{l=\"x\", team=\"red\"} 100"])
        #expect(
            series.instant("info * on (l) group_right (team) a_total")
                == ["{l=\"x\", team=\"red\"} 100"])
        #expect(series.instant("a_total / on (l) info") == ["{l=\"x\"} 1"])
        #expect(series.instant("a_total / ignoring (team) info") == ["{l=\"x\"} 1"])
    }

    @Test func ambiguousMatchesAreErrors() {
        let series = pair().add(["__name__": "b"], Self.rising)
        let message =
            "found duplicate series for the match group {} on the right hand-side of the "
            + "operation: [{__name__=\"a_total\", l=\"x\"}, {__name__=\"a_total\", l=\"y\"}];"
            + "many-to-many matching not allowed: matching labels must be unique on one side"
        #expect(series.instant("b + on () a_total") == [message])
        #expect(
            series.instant("a_total + on () b")
                == [
                    "multiple matches for labels: many-to-one matching must be explicit "
                        + "(group_left/group_right)"
                ])
        #expect(series.instant("a_total + on () group_left () b").count == 2)
    }

    @Test func ambiguityDependsOnWhatIsPresent() {
        let series = TestSeries()
            .add(["__name__": "b"], Self.rising)
            .add(["__name__": "a", "l": "old"], [1, 1, SampleValue.stale])
            .add(["__name__": "a", "l": "new"], [2, 2, 2, 2], from: 2)
        #expect(series.range("b * on () a", 0, 5) == ["{} 0@0 1@1 4@2 6@3 8@4 10@5"])
    }

    @Test func sets() {
        let series = pair().add(["__name__": "b", "l": "y"], Self.rising)
            .add(["__name__": "b", "l": "z"], Self.rising)
        #expect(series.instant("a_total and b") == ["a_total{l=\"y\"} 20"])
        #expect(series.instant("a_total unless b") == ["a_total{l=\"x\"} 10"])
        #expect(
            series.instant("a_total or b")
                == ["a_total{l=\"x\"} 10", "a_total{l=\"y\"} 20", "b{l=\"z\"} 10"])
        #expect(series.instant("a_total and on () nothing") == [])
        #expect(series.instant("a_total unless on () nothing").count == 2)
    }

    @Test func sameLabelsAreAnError() {
        let series = TestSeries()
            .add(["__name__": "m1_total"], Self.rising).add(["__name__": "m2_total"], Self.rising)
        let message = ["vector cannot contain metrics with the same labelset"]
        #expect(series.instant("abs({__name__=~\"m.*\"})") == message)
        #expect(series.instant("rate({__name__=~\"m.*\"}[5m])") == message)
        #expect(series.instant("-{__name__=~\"m.*\"}") == message)
        #expect(
            series.instant("label_replace({__name__=~\"m.*\"}, \"__name__\", \"n\", \"\", \"\")")
                == message)
    }

    @Test func rangeFunctionsMayNotMeetInAWholeRange() {
        let series = TestSeries()
            .add(["__name__": "m1"], [1, 1, SampleValue.stale])
            .add(["__name__": "m2"], [1, 1, 1], from: 10)
        let message = ["vector cannot contain metrics with the same labelset"]
        #expect(series.range("count_over_time({__name__=~\"m.*\"}[1m])", 0, 12) == message)
        #expect(series.range("abs({__name__=~\"m.*\"})", 0, 11) == ["{} 1@0 1@1 1@10 1@11"])
    }

    // MARK: Aggregations

    @Test func aggregations() {
        let series = pair().add(["__name__": "a_total", "l": "z"], Self.doubled)
        #expect(series.instant("sum(a_total)") == ["{} 50"])
        #expect(series.instant("count by (l) (a_total)").count == 3)
        #expect(series.instant("avg without (l) (a_total)") == ["{} 16.666666666666668"])
        #expect(series.instant("min(a_total)") == ["{} 10"])
        #expect(series.instant("max(a_total)") == ["{} 20"])
        #expect(series.instant("group(a_total)") == ["{} 1"])
        #expect(series.instant("stddev(a_total)") == ["{} 4.714045207910316"])
        #expect(series.instant("quantile(0.25, a_total)") == ["{} 15"])
        #expect(
            series.instant("count_values(\"v\", a_total)") == ["{v=\"10\"} 1", "{v=\"20\"} 2"])
        #expect(series.instant("sum(nothing)") == [])
        #expect(
            series.range("count_values(\"v\", a_total{l=\"x\"})", 1, 3)
                == ["{v=\"1\"} 1@1", "{v=\"2\"} 1@2", "{v=\"3\"} 1@3"])
    }

    @Test func sumsCompensate() {
        let series = TestSeries()
        for (index, value) in [1e16, 1, -1e16, 1].enumerated() {
            series.add(["__name__": "m", "l": "\(index)"], [value])
        }
        #expect(series.instant("sum(m)", minute: 0) == ["{} 2"])
        #expect(series.instant("avg(m)", minute: 0) == ["{} 0.5"])
    }

    @Test func selectionsOrder() throws {
        let series = pair().add(
            ["__name__": "a_total", "l": "z"], [nil, 5, 5, 5, 5, 5, 5, 5, 5, 5, 15])
        #expect(
            try series.ordered("topk(2, a_total)")
                == ["a_total{l=\"y\"} 20", "a_total{l=\"z\"} 15"])
        #expect(
            try series.ordered("bottomk(2, a_total)")
                == ["a_total{l=\"x\"} 10", "a_total{l=\"z\"} 15"])
        #expect(try series.ordered("sort_desc(a_total)").first == "a_total{l=\"y\"} 20")
        #expect(try series.ordered("sort(a_total)").first == "a_total{l=\"x\"} 10")
        #expect(series.instant("topk(0, a_total)") == [])
        #expect(series.instant("topk(NaN, a_total)") == ["Parameter value is NaN"])
    }

    // MARK: Functions

    @Test func absence() {
        let series = pair()
        #expect(
            series.instant("absent(nothing{a=\"b\", c=~\"d\"})") == ["{a=\"b\"} 1"])
        #expect(series.instant("absent(a_total)") == [])
        #expect(series.instant("absent_over_time(a_total[5m])", minute: 60) == ["{} 1"])
    }

    @Test func labelFunctions() {
        let series = pair()
        #expect(
            series.instant("label_replace(a_total{l=\"x\"}, \"m\", \"<$1>\", \"l\", \"(.)\")")
                == ["a_total{l=\"x\", m=\"<x>\"} 10"])
        #expect(
            series.instant("label_join(a_total{l=\"x\"}, \"m\", \"-\", \"l\", \"l\")")
                == ["a_total{l=\"x\", m=\"x-x\"} 10"])
    }

    @Test func annotations() throws {
        let series = TestSeries().add(["__name__": "gauge"], Self.rising)
        let result = try series.engine.instant("1 + rate(gauge[5m])", at: TestSeries.minute(10))
        #expect(
            result.infos == [
                "PromQL info: metric might not be a counter, name does not end in "
                    + "_total/_sum/_count/_bucket: \"gauge\" (1:10)"
            ])
        let quantile = try series.engine.instant(
            "quantile(7, gauge)", at: TestSeries.minute(10))
        #expect(
            quantile.warnings == [
                "PromQL warning: quantile value should be between 0 and 1, got 7 (1:10)"
            ])
    }

    // MARK: Prepared queries

    @Test func preparedQueriesFollowTheStore() throws {
        let series = pair()
        let query = try series.engine.prepare("sum by (l) (a_total) * 2")
        let before = try query.step(at: TestSeries.minute(10), pin: series.store.pin())
        #expect(before.samples(at: TestSeries.minute(10)).count == 2)
        let same = try query.step(at: TestSeries.minute(11), pin: series.store.pin())
        #expect(same.version == before.version)
        series.add(["__name__": "a_total", "l": "z"], [7], from: 12)
        let after = try query.step(at: TestSeries.minute(12), pin: series.store.pin())
        #expect(after.version != before.version)
        #expect(after.samples(at: TestSeries.minute(12)).map(\.value) == [24, 48, 14])
    }

    @Test func limitsAreErrors() {
        var options = EngineOptions()
        options.maximumSamples = 5
        let series = TestSeries(options).add(["__name__": "m"], Self.rising)
        let message = "query processing would load too many samples into memory in query execution"
        #expect(series.range("m", 0, 20) == [message])
        #expect(series.instant("sum_over_time(m[20m:1m])") == [message])
        let error = #expect(throws: QueryError.self) {
            try series.engine.range(
                "m", from: TestSeries.minute(0), through: TestSeries.minute(10),
                step: Milliseconds(1))
        }
        #expect(error?.kind == .badData)
    }

    @Test func delayedNameRemoval() {
        var options = EngineOptions()
        options.delaysNameRemoval = true
        let series = TestSeries(options)
            .add(["__name__": "m1_total"], Self.rising).add(["__name__": "m2_total"], Self.rising)
        #expect(
            series.instant("sum by (__name__) (rate({__name__=~\"m.*\"}[5m]))").count == 1)
        #expect(
            series.instant("label_replace(rate(m1_total[5m]), \"__name__\", \"new\", \"\", \"\")")
                == ["new 0.016666666666666666"])
    }
}
