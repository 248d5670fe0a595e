import Configuration
import Model
import Scrape
import Store
import SwiftProtobuf
import TestSupport
import Testing
import WireFormats

@Suite struct NativeHistogramTests {
    private let store = Store()

    private func scraper(_ change: (inout HistogramSettings) -> Void) -> TargetScraper {
        var rules = SampleRules()
        rules.histograms.scrapesNative = true
        change(&rules.histograms)
        return TargetScraper(
            store: store, axisKey: "t", labels: Labels(["job": "j"]), rules: rules)
    }

    /// A family of one native histogram of schema 3 with `buckets` buckets of one observation each.
    private func exposition(buckets: Int, timestamp: Int64 = 0) throws -> ScrapeOutcome {
        let family = ExposedFamily.with { family in
            family.name = "h"
            family.kind = .histogram
            family.metrics = [
                .with { metric in
                    metric.timestampMs = timestamp
                    metric.histogram = .with {
                        $0.schema = 3
                        $0.count = UInt64(buckets)
                        $0.sum = 1
                        $0.zeroThreshold = 0.001
                        $0.positiveSpans = [.with { $0.length = UInt32(buckets) }]
                        $0.positiveDeltas = [1] + [Int64](repeating: 0, count: buckets - 1)
                    }
                }
            ]
        }
        let message: [UInt8] = try family.serializedBytes()
        return .body(
            delimited(message), contentType: "application/vnd.google.protobuf")
    }

    /// The sample of `h` at the moment, and its histogram.
    private func sample(at time: Timestamp) throws -> (value: Double?, histogram: FloatHistogram?) {
        let selection = store.select([try Matcher(.equal, Labels.name, "h")])
        var (values, times, extras): ([Double], [Int64], ExtraColumns) = ([], [], ExtraColumns())
        selection.instant(
            at: time, lookback: .minutes(5), pin: store.pin(), values: &values, timestamps: &times,
            extras: &extras)
        return (values.first, extras.histograms.first ?? nil)
    }

    @Test func isStoredBesideTheFramesNumbers() throws {
        var scraper = scraper { _ in }
        let report = scraper.ingest(try exposition(buckets: 3), at: .seconds(10), duration: 0)
        #expect(report.error == nil && report.scraped == 1 && report.added == 1)
        #expect(report.seriesAdded == 1)
        #expect(try sample(at: .seconds(10)).histogram?.positiveBuckets == [1, 1, 1])
        // Gone with the next scrape that lacks it.
        _ = scraper.ingest(.failure("down"), at: .seconds(25), duration: 0)
        let gone = try sample(at: .seconds(25))
        #expect(gone.histogram == nil && gone.value.map(SampleValue.isStale) ?? true)
    }

    @Test func withoutTheSettingOnlyTheClassicOneIsRead() throws {
        var scraper = scraper { $0.scrapesNative = false }
        _ = scraper.ingest(try exposition(buckets: 3), at: .seconds(10), duration: 0)
        #expect(
            store.samples(at: .seconds(10)) == [
                #"h_count{job="j"}"#: 3, #"h_sum{job="j"}"#: 1,
                #"h_bucket{job="j", le="+Inf"}"#: 3,
            ])
    }

    @Test func aTimestampOfItsOwnCounts() throws {
        var scraper = scraper { _ in }
        _ = scraper.ingest(
            try exposition(buckets: 2, timestamp: 7000), at: .seconds(10), duration: 0)
        #expect(try sample(at: .seconds(7)).histogram?.count == 2)
        #expect(try sample(at: .seconds(6)).histogram == nil)
        // Told again, it is the same sample.
        let again = scraper.ingest(
            try exposition(buckets: 2, timestamp: 7000), at: .seconds(25), duration: 0)
        #expect(again.duplicates == 0 && again.outOfOrder == 0)
    }

    @Test func tooManyBucketsReduceTheResolution() throws {
        var scraper = scraper { $0.bucketLimit = 5 }
        let report = scraper.ingest(try exposition(buckets: 16), at: .seconds(10), duration: 0)
        #expect(report.error == nil)
        let histogram = try #require(try sample(at: .seconds(10)).histogram)
        // Index 0 is a bucket's upper bound: 16 buckets of schema 3 lie in 5 of schema 1.
        #expect(histogram.schema == 1 && histogram.positiveBuckets.reduce(0, +) == 16)
        #expect(histogram.positiveBuckets.count == 5)
    }

    @Test func whereNoResolutionIsEnoughTheScrapeFails() throws {
        var scraper = scraper { $0.bucketLimit = 1 }
        let report = scraper.ingest(try exposition(buckets: 100), at: .seconds(10), duration: 0)
        #expect(report.error == "histogram bucket limit exceeded")
        #expect(store.vector(at: .seconds(10))[#"up{job="j"}"#] == 0)
        #expect(try sample(at: .seconds(10)).histogram == nil)
    }

    @Test(arguments: [
        (0.0, 8), (1.0, 8), (1.002, 8), (1.1, 2), (1.5, 0), (2, 0), (4, -1), (65536, -4),
        (1e300, -4),
    ])
    func theMinimumFactorGivesTheSchema(factor: Double, schema: Int32) {
        var settings = HistogramSettings()
        settings.minimumBucketFactor = factor
        #expect(settings.maximumSchema == schema)
    }

    @Test func theMinimumFactorReducesTheResolution() throws {
        var scraper = scraper { $0.minimumBucketFactor = 1.5 }
        _ = scraper.ingest(try exposition(buckets: 8), at: .seconds(10), duration: 0)
        #expect(try sample(at: .seconds(10)).histogram?.schema == 0)
    }
}
