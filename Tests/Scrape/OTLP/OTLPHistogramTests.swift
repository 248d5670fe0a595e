import Model
import Scrape
import Store
import Testing

@Suite("OTLP: histograms")
struct OTLPHistogramTests {
    private func exponential(
        _ point: String, temporality: Int = 2, deltas: OTLPSettings.Deltas = .refused
    ) throws -> (histogram: FloatHistogram?, messages: [String]) {
        let outcome = try OTLPRequest { $0.settings.deltas = deltas }.outcome(
            OTLPRequest.histogram(
                "h", kind: "exponentialHistogram", temporality: temporality,
                OTLPRequest.point(point)))
        return (outcome.batch.samples.first?.histogram, outcome.messages)
    }

    @Test("Explicit bounds become a classic histogram, with each exemplar at its bucket")
    func classic() throws {
        let point = OTLPRequest.point(
            #""count":"6","sum":22.5,"explicitBounds":[0.5,10],"bucketCounts":["1","2","3"],"#
                + #""exemplars":[{"asDouble":50},{"asDouble":0.5},{"asDouble":7}]"#)
        let outcome = try OTLPRequest().outcome(OTLPRequest.histogram("h", point))
        #expect(
            outcome.lines == [
                #"{__name__="h_sum"} 22.5"#, #"{__name__="h_count"} 6"#,
                #"{__name__="h_bucket", le="0.5"} 1"#, #"{__name__="h_bucket", le="10"} 3"#,
                #"{__name__="h_bucket", le="+Inf"} 6"#,
            ])
        #expect(outcome.batch.exemplars.map(\.series) == [2, 3, 4])
        #expect(outcome.batch.exemplars.map(\.exemplar.value) == [0.5, 7, 50])
        #expect(outcome.batch.metadata["h"]?.type == .histogram)
    }

    @Test("A classic histogram without a sum or buckets has neither")
    func classicWithoutSum() throws {
        let outcome = try OTLPRequest().outcome(
            OTLPRequest.histogram("h", OTLPRequest.point(#""count":2"#)))
        #expect(
            outcome.lines == [#"{__name__="h_count"} 2"#, #"{__name__="h_bucket", le="+Inf"} 2"#])
    }

    @Test("With convert_histograms_to_nhcb explicit bounds are custom buckets")
    func custom() throws {
        let request = OTLPRequest { $0.settings.configuration.convertsHistogramsToNHCB = true }
        let outcome = try request.outcome(
            OTLPRequest.histogram(
                "h",
                OTLPRequest.point(
                    #""count":6,"sum":22.5,"explicitBounds":[0.5,10,20],"bucketCounts":[0,2,0,4]"#))
        )
        let histogram = try #require(outcome.batch.samples.first?.histogram)
        #expect(outcome.batch.series == [Labels(["__name__": "h"])])
        #expect(histogram.usesCustomBuckets && histogram.customValues == [0.5, 10, 20])
        #expect(
            histogram.positiveSpans == [.init(offset: 1, length: 1), .init(offset: 1, length: 1)])
        #expect(histogram.positiveBuckets == [2, 4])
        #expect(histogram.count == 6 && histogram.sum == 22.5)
        #expect(histogram.zeroThreshold == 0 && histogram.resetHint == .unknown)
    }

    @Test("Without buckets all observations are in the last custom bucket")
    func customWithoutBuckets() throws {
        let request = OTLPRequest { $0.settings.configuration.convertsHistogramsToNHCB = true }
        let outcome = try request.outcome(
            OTLPRequest.histogram("h", OTLPRequest.point(#""count":2,"sum":5"#)))
        let histogram = try #require(outcome.batch.samples.first?.histogram)
        #expect(histogram.positiveBuckets == [2] && histogram.customValues.isEmpty)
        #expect(histogram.positiveSpans == [.init(offset: 0, length: 1)])
    }

    @Test("Custom buckets that do not fit together are refused")
    func invalidCustom() throws {
        let request = OTLPRequest { $0.settings.configuration.convertsHistogramsToNHCB = true }
        for point in [
            #""count":1,"explicitBounds":[2,1],"bucketCounts":[1,0,0]"#,
            #""count":2,"explicitBounds":[1],"bucketCounts":[0,1,1]"#,
            #""count":3,"explicitBounds":[1],"bucketCounts":[1,1]"#,
            #""count":1,"explicitBounds":["NaN"],"bucketCounts":[1,0]"#,
        ] {
            let outcome = try request.outcome(
                OTLPRequest.histogram("h", OTLPRequest.point(point)))
            #expect(outcome.rejectedPoints == 1 && outcome.lines.isEmpty, "\(point)")
            #expect(outcome.messages.count == 1 && outcome.messages[0].contains(#""h""#))
        }
    }

    @Test("Exponential histograms are native ones, their buckets one number higher")
    func native() throws {
        let histogram = try #require(
            try exponential(
                #""count":"10","sum":-3,"scale":1,"zeroCount":"2","positive":{"offset":-2,"bucketCounts":["1","0","0","0","3"]},"negative":{"offset":4,"bucketCounts":[4]}"#
            ).histogram)
        #expect(histogram.schema == 1 && histogram.count == 10 && histogram.sum == -3)
        #expect(histogram.zeroCount == 2 && histogram.zeroThreshold == 1e-128)
        #expect(
            histogram.positiveSpans == [.init(offset: -1, length: 1), .init(offset: 3, length: 1)])
        #expect(histogram.positiveBuckets == [1, 3])
        #expect(histogram.negativeSpans == [.init(offset: 5, length: 1)])
        #expect(histogram.negativeBuckets == [4])
    }

    @Test("A bucket has the bounds that OTLP gives it")
    func bounds() throws {
        // Scale 0, index 3: from 8 (not) to 16.
        let histogram = try #require(
            try exponential(#""count":1,"positive":{"offset":3,"bucketCounts":[1]}"#).histogram)
        #expect(histogram.description.contains("(8,16]:1"), "\(histogram)")
    }

    @Test("Scales above 8 are brought down to it")
    func scaledDown() throws {
        let histogram = try #require(
            try exponential(
                #""count":15,"scale":10,"positive":{"offset":-3,"bucketCounts":[1,2,4,8]}"#
            ).histogram)
        #expect(histogram.schema == 8)
        // Indexes -3…-1 are of bucket -1 four times as wide, 0 of bucket 0.
        #expect(histogram.positiveSpans == [.init(offset: 0, length: 2)])
        #expect(histogram.positiveBuckets == [7, 8])
        let far = try exponential(
            #""count":1,"scale":2147483647,"positive":{"offset":2147483647,"bucketCounts":[1]}"#)
        #expect(far.histogram?.positiveSpans == [.init(offset: 1, length: 1)])
    }

    @Test("Scales below -4, buckets out of bounds and counts that do not add up are refused")
    func invalid() throws {
        #expect(
            try exponential(#""scale":-5"#).messages
                == [
                    "cannot convert exponential to native histogram. Scale must be >= -4, was -5"
                ])
        #expect(
            try exponential(#""count":1,"positive":{"offset":2147483647,"bucketCounts":[1]}"#)
                .messages == [
                    #"a histogram of metric "h" has a bucket out of bounds, number 2147483648"#
                ])
        #expect(
            try exponential(#""count":3,"sum":1,"positive":{"bucketCounts":[1]}"#).messages == [
                #"a histogram of metric "h" has 1 observations in its buckets, but its count is 3"#
            ])
        // Observations of NaN are in none.
        #expect(
            try exponential(#""count":3,"sum":"NaN","positive":{"bucketCounts":[1]}"#)
                .histogram?.count == 3)
    }

    @Test("Deltas that are stored as they are have a gauge's hint")
    func deltaHint() throws {
        let point = #""count":1,"positive":{"bucketCounts":[1]}"#
        #expect(
            try exponential(point, temporality: 1, deltas: .native).histogram?.resetHint == .gauge)
        #expect(
            try exponential(point, temporality: 1, deltas: .accumulated).histogram?.resetHint
                == .unknown)
    }
}
