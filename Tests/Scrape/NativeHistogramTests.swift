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

    private func text(_ body: String) -> ScrapeOutcome { .body(Array(body.utf8)) }

    private let classic = """
        # TYPE h histogram
        h_bucket{le="1"} 4
        h_bucket{le="2.5"} 4
        h_bucket{le="5"} 6
        h_bucket{le="+Inf"} 9
        h_sum 40
        h_count 9
        # TYPE g gauge
        g_count 3

        """

    @Test func classicHistogramsBecomeNativeOnes() throws {
        var scraper = scraper { $0.convertsClassic = true }
        for round: Int64 in 1...3 {
            let time = Timestamp.seconds(round * 15)
            let report = scraper.ingest(text(classic), at: time, duration: 0)
            #expect(report.error == nil && report.scraped == 2 && report.duplicates == 0)
            #expect(report.seriesAdded == (round == 1 ? 2 : 0))
            let histogram = try #require(try sample(at: time).histogram)
            #expect(histogram.customValues == [1, 2.5, 5])
            #expect(histogram.positiveBuckets == [4, 0, 2, 3])
            #expect(histogram.count == 9 && histogram.sum == 40)
            #expect(store.samples(at: time)[#"g_count{job="j"}"#] == 3)
            #expect(store.samples(at: time).count == 2)
        }
        // It goes as it came, and comes back.
        _ = scraper.ingest(text("g 1\n"), at: .seconds(60), duration: 0)
        #expect(try sample(at: .seconds(60)).histogram == nil)
        _ = scraper.ingest(text(classic), at: .seconds(75), duration: 0)
        #expect(try sample(at: .seconds(75)).histogram?.count == 9)
    }

    @Test func aScrapeThatBreaksOffLeavesNothingToTheNext() throws {
        var scraper = scraper { $0.convertsClassic = true }
        let broken = classic.replacing("} 4", with: "} 3") + "broken{"
        let failed = scraper.ingest(text(broken), at: .seconds(15), duration: 0)
        #expect(failed.error != nil)
        #expect(try sample(at: .seconds(15)).histogram == nil)
        _ = scraper.ingest(text(classic), at: .seconds(30), duration: 0)
        let histogram = try #require(try sample(at: .seconds(30)).histogram)
        #expect(histogram.positiveBuckets == [4, 0, 2, 3] && histogram.count == 9)
    }

    @Test func theClassicOnesStayWhereTheyAreWanted() throws {
        var scraper = scraper { ($0.convertsClassic, $0.alwaysScrapesClassic) = (true, true) }
        let report = scraper.ingest(text(classic), at: .seconds(15), duration: 0)
        #expect(report.scraped == 8)
        #expect(store.samples(at: .seconds(15))[#"h_bucket{job="j", le="2.5"}"#] == 4)
        #expect(try sample(at: .seconds(15)).histogram?.count == 9)
    }

    @Test(arguments: [
        "h_bucket{le=\"1\"} 4\nh_bucket{le=\"2\"} 3\nh_count 4",
        "h_count 5\nh_bucket{le=\"+Inf\"} 4",
    ])
    func whatIsNoHistogramIsLeftOut(series: String) throws {
        var scraper = scraper { $0.convertsClassic = true }
        for round: Int64 in 1...2 {
            let report = scraper.ingest(
                text("# TYPE h histogram\n\(series)\nx 1\n"), at: .seconds(round * 15), duration: 0)
            #expect(report.error == nil && report.scraped == 1)
            #expect(store.samples(at: .seconds(round * 15)) == [#"x{job="j"}"#: 1])
        }
    }
}
