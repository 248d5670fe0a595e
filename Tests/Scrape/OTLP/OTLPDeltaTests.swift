import Model
import Scrape
import Store
import Testing

@Suite("OTLP: deltas")
struct OTLPDeltaTests {
    private let request = OTLPRequest { $0.settings.deltas = .accumulated }

    /// A point that covers the seconds from `start` to `end`.
    private func point(_ start: Int64, _ end: Int64, _ rest: String) -> String {
        let base = OTLPRequest.seconds
        return
            #"{"startTimeUnixNano":"\#(base + start)000000000","timeUnixNano":"\#(base + end)000000000",\#(rest)}"#
    }

    private func sum(_ start: Int64, _ end: Int64, _ value: Int) -> String {
        OTLPRequest.sum("m", temporality: 1, point(start, end, #""asInt":\#(value)"#))
    }

    @Test("They are refused where no feature flag takes them")
    func refused() throws {
        let outcome = try OTLPRequest().outcome(
            sum(0, 10, 1),
            OTLPRequest.histogram("h", temporality: 1, OTLPRequest.point(#""count":1"#)))
        #expect(outcome.lines.isEmpty && outcome.rejectedPoints == 2)
        #expect(
            outcome.messages == [
                #"invalid temporality and type combination for metric "m""#,
                #"invalid temporality and type combination for metric "h""#,
            ])
    }

    @Test("Stored as they are, their metrics have no type")
    func native() throws {
        let native = OTLPRequest {
            $0.settings.deltas = .native
            $0.settings.addsTypeAndUnitLabels = true
        }
        let outcome = try native.outcome(
            sum(0, 10, 5),
            OTLPRequest.histogram("h", temporality: 1, OTLPRequest.point(#""count":1"#)))
        #expect(
            outcome.lines == [
                #"{__name__="m_total"} 5"#, #"{__name__="h_count"} 1"#,
                #"{__name__="h_bucket", le="+Inf"} 1"#,
            ])
        #expect(outcome.batch.metadata["m_total"]?.type == .untyped)
        #expect(outcome.batch.metadata["h"]?.type == .untyped)
    }

    @Test("Added up, they count from the first start on")
    func accumulated() throws {
        var sums = OTLPDeltaSums()
        var values: [String] = []
        var starts: [Int64?] = []
        for (start, value) in [(0, 5), (10, 7), (20, 1)] as [(Int64, Int)] {
            let outcome = try request.outcome([sum(start, start + 10, value)], &sums)
            values += outcome.lines
            starts += outcome.batch.samples.map { $0.startTime?.milliseconds }
            #expect(outcome.batch.metadata["m_total"]?.type == .counter)
        }
        #expect(
            values == [
                #"{__name__="m_total"} 5"#, #"{__name__="m_total"} 12"#,
                #"{__name__="m_total"} 13"#,
            ])
        #expect(starts == Array(repeating: OTLPRequest.seconds * 1000, count: 3))
        #expect(sums.count == 1)
        // A gap is none of them.
        let gap = try request.outcome(
            [OTLPRequest.sum("m", temporality: 1, point(30, 40, #""flags":1"#))], &sums)
        #expect(gap.lines == [#"{__name__="m_total"} stale"#])
        #expect(
            try request.outcome([sum(40, 50, 1)], &sums).lines == [#"{__name__="m_total"} 14"#])
    }

    @Test("One that is older than what was added up is refused, and nothing is added")
    func order() throws {
        var sums = OTLPDeltaSums()
        _ = try request.outcome([sum(10, 20, 1)], &sums)
        let same = try request.outcome([sum(10, 20, 1)], &sums)
        #expect(same.rejectedPoints == 1)
        #expect(
            same.messages == [#"a delta of "m_total" is out of order: newer ones were added up"#])
        let older = try request.outcome([sum(0, 30, 1)], &sums)
        #expect(
            older.messages == [#"a delta of "m_total" started before those that were added up"#])
        #expect(
            try request.outcome([sum(20, 30, 1)], &sums).lines == [#"{__name__="m_total"} 2"#])
    }

    @Test("A series that nothing is added to for five minutes begins anew")
    func expiry() throws {
        var sums = OTLPDeltaSums()
        let start = OTLPRequest.seconds
        _ = try request.outcome([sum(0, 10, 1)], &sums, at: start)
        #expect(
            try request.outcome([sum(10, 20, 1)], &sums, at: start + 299).lines
                == [#"{__name__="m_total"} 2"#])
        #expect(
            try request.outcome([sum(20, 30, 1)], &sums, at: start + 599).lines
                == [#"{__name__="m_total"} 1"#])
    }

    @Test("Beyond the limit of series no others are added up, and those that are go on")
    func limit() throws {
        var sums = OTLPDeltaSums(maximumSeries: 1)
        _ = try request.outcome([sum(0, 10, 1)], &sums)
        let outcome = try request.outcome(
            [
                OTLPRequest.sum("other", temporality: 1, point(0, 10, #""asInt":1"#)),
                sum(10, 20, 1),
            ], &sums)
        #expect(outcome.lines == [#"{__name__="m_total"} 2"#])
        #expect(
            outcome.messages
                == ["more series with deltas than the limit of 1 would be added up"])
        #expect(sums.count == 1 && sums.maximumSeries == 1)
    }

    @Test("Classic histograms are added up series by series")
    func classic() throws {
        var sums = OTLPDeltaSums()
        func histogram(_ start: Int64, _ rest: String) -> String {
            OTLPRequest.histogram("h", temporality: 1, point(start, start + 10, rest))
        }
        _ = try request.outcome(
            [histogram(0, #""count":3,"sum":4,"explicitBounds":[1],"bucketCounts":[2,1]"#)], &sums)
        let outcome = try request.outcome(
            [histogram(10, #""count":1,"sum":5,"explicitBounds":[1],"bucketCounts":[0,1]"#)], &sums)
        #expect(
            outcome.lines == [
                #"{__name__="h_sum"} 9"#, #"{__name__="h_count"} 4"#,
                #"{__name__="h_bucket", le="1"} 2"#, #"{__name__="h_bucket", le="+Inf"} 4"#,
            ])
    }

    @Test("Native histograms are added up, in the lower of two scales and with at most 160 buckets")
    func exponential() throws {
        var sums = OTLPDeltaSums()
        func add(_ start: Int64, _ rest: String) throws -> FloatHistogram? {
            try request.outcome(
                [
                    OTLPRequest.histogram(
                        "h", kind: "exponentialHistogram", temporality: 1,
                        point(start, start + 10, rest))
                ], &sums
            ).batch.samples.first?.histogram
        }
        _ = try add(0, #""count":2,"sum":3,"scale":1,"positive":{"bucketCounts":[1,1]}"#)
        let total = try #require(
            try add(10, #""count":2,"sum":1,"zeroCount":1,"positive":{"bucketCounts":[1]}"#))
        #expect(total.schema == 0 && total.count == 4 && total.sum == 4 && total.zeroCount == 1)
        #expect(total.positiveBuckets == [3])
        let many = Array(repeating: "1", count: 161).joined(separator: ",")
        let wide = try #require(
            try add(20, #""count":161,"positive":{"offset":1,"bucketCounts":[\#(many)]}"#))
        #expect(wide.schema == -1 && wide.count == 165)
        #expect(wide.positiveBuckets.count == 81 && wide.positiveBuckets.reduce(0, +) == 164)
    }

    @Test("Custom buckets with other bounds begin anew")
    func customBounds() throws {
        var sums = OTLPDeltaSums()
        var request = request
        request.settings.configuration.convertsHistogramsToNHCB = true
        func add(_ start: Int64, _ bound: Int) throws -> SampleBatch.Sample? {
            try request.outcome(
                [
                    OTLPRequest.histogram(
                        "h", temporality: 1,
                        point(
                            start, start + 10,
                            #""count":1,"explicitBounds":[\#(bound)],"bucketCounts":[1,0]"#))
                ], &sums
            ).batch.samples.first
        }
        _ = try add(0, 1)
        #expect(try add(10, 1)?.histogram?.count == 2)
        let other = try add(20, 2)
        #expect(other?.histogram?.count == 1 && other?.histogram?.customValues == [2])
        #expect(
            other?.startTime == Timestamp(milliseconds: (OTLPRequest.seconds + 20) * 1000))
    }
}
