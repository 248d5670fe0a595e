import Model
import PromQL
import Testing

@Suite struct SeriesDescriptionTests {
    static func numbers(_ text: String) throws -> [Double?] {
        try SeriesDescription(parsing: text).values.map {
            if case .number(let value) = $0 { value } else { nil }
        }
    }

    @Test func values() throws {
        #expect(try Self.numbers("a 1 2 3") == [1, 2, 3])
        #expect(try Self.numbers("a 0+10x3") == [0, 10, 20, 30])
        #expect(try Self.numbers("a{b=\"c\"} 5x2 _ -1-1x1") == [5, 5, 5, nil, -1, -2])
        #expect(try Self.numbers("{b=\"c\"}\t_x3") == [nil, nil, nil])
        #expect(
            try Self.numbers("a 1e3 0.5 +1 Inf -inf 1e-1+1x1") == [
                1000, 0.5, 1, .infinity, -.infinity, 0.1, 1.1,
            ])
        #expect(try Self.numbers("a").isEmpty)
        let stale = try #require(try Self.numbers("a stale").first ?? nil)
        #expect(SampleValue.isStale(stale))
        #expect(
            try SeriesDescription(parsing: "a {{sum:1 count:2}}x1").values
                == [.histogram("{{sum:1 count:2}}"), .histogram("{{sum:1 count:2}}")])
    }

    @Test func labels() throws {
        let series = try SeriesDescription(parsing: "a:b{c=\"d\", \"e.f\"=\"g\",} 1")
        #expect(series.labels == Labels(["__name__": "a:b", "c": "d", "e.f": "g"]))
        #expect(
            try SeriesDescription(parsing: "{\"m.n\"} 1").labels == Labels(["__name__": "m.n"]))
    }

    @Test func errors() {
        for text in [
            "", "5", "a{", "a{b}", "a{b=}", "a{b=\"c\"", "a 1x", "a 1+1", "a foo", "a 1,2",
            "a {{sum:1", "a 1x99999999999999999999", "a _x2000000", "a 1x999999 1x999999", "a 1x-1",
        ] {
            #expect(throws: ParseErrors.self, "\(text)") { try SeriesDescription(parsing: text) }
        }
    }
}
