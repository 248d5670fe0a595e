import Model
import PromQL
import Store
import Testing

/// `info` where the scripts beside the package say nothing.
@Suite struct InfoFunctionTests {
    static func engine() -> Engine {
        var options = StoreOptions()
        options.keepsEverything = true
        let store = Store(options)
        func add(_ labels: KeyValuePairs<String, String>, _ value: Double, at seconds: Int64) {
            store.append(
                Labels(labels), at: Timestamp(milliseconds: seconds * 1000), value: value)
        }
        for time in [Int64(0), 60] {
            add(["__name__": "up", "job": "a", "instance": "1"], 1, at: time)
            add(["__name__": "up", "job": "b", "instance": "2"], 1, at: time)
            add(["__name__": "up", "job": "c"], 1, at: time)
        }
        add(["__name__": "target_info", "job": "a", "instance": "1", "os": "x"], 1, at: 0)
        add(["__name__": "target_info", "job": "a", "instance": "1", "os": "y"], 1, at: 30)
        add(["__name__": "target_info", "job": "z", "instance": "9", "os": "w"], 1, at: 30)
        add(["__name__": "target_info", "job": "z", "instance": "9", "os": "v"], 1, at: 30)
        add(["__name__": "twin_info", "job": "b", "instance": "2", "k": "1"], 1, at: 60)
        add(["__name__": "twin_info", "job": "b", "instance": "2", "k": "2"], 1, at: 60)
        var engine = EngineOptions()
        engine.parser = .all
        return Engine(store: store, options: engine)
    }

    static func answer(_ query: String, at seconds: Int64 = 60) throws -> [String] {
        let result = try engine().instant(query, at: Timestamp(milliseconds: seconds * 1000))
        guard case .vector(let samples) = result.value else { return [] }
        return samples.map { $0.labels.metricDescription }.sorted()
    }

    @Test func theNewestInfoSeriesCounts() throws {
        #expect(
            try Self.answer("info(up{job=\"a\"})") == [
                "up{instance=\"1\", job=\"a\", os=\"y\"}"
            ])
        #expect(
            try Self.answer("info(up{job=\"a\"} offset 45s)") == [
                "up{instance=\"1\", job=\"a\", os=\"x\"}"
            ])
    }

    @Test func seriesWithoutInfoStayUnlessALabelIsDemanded() throws {
        #expect(try Self.answer("info(up)").count == 3)
        #expect(
            try Self.answer("info(up, {os=~\".+\"})") == ["up{instance=\"1\", job=\"a\", os=\"y\"}"]
        )
    }

    @Test func twoInfoSeriesOfOneTimeAreAnErrorWhereTheyMatter() throws {
        let message =
            "found duplicate series for info metric: existing "
            + "twin_info{instance=\"2\", job=\"b\", k=\"1\"} @ 60000, new "
            + "twin_info{instance=\"2\", job=\"b\", k=\"2\"} @ 60000"
        #expect(throws: QueryError(.execution, message)) {
            try Self.answer("info(up, {__name__=\"twin_info\"})")
        }
        // Those of other targets do not matter.
        #expect(try Self.answer("info(up{job=\"a\"}, {__name__=~\".+_info\"})").count == 1)
    }

    @Test func whatIsReadNamesTheInfoSeries() throws {
        var reads: [String] = []
        let options = ParserOptions.all
        try Parser.parse("info(up offset 1m, {os=\"x\"})", options: options).forEachSelector {
            let window = Expr.readWindow(
                of: $0, lookback: .minutes(5), defaultStep: .minutes(1))
            let matchers = $0.selector.matchers.map(\.description).sorted()
            reads.append(matchers.joined(separator: ",") + " \(window.back)")
        }
        #expect(
            reads.sorted() == [
                "__name__=\"target_info\",os=\"x\" 6m", "__name__=\"up\" 6m",
            ])
    }
}
