import Configuration
import Foundation
import Model
import Scrape
import Store
import TestSupport
import Testing

@Suite("Scrapes of OpenMetrics") struct OpenMetricsScrapeTests {
    private let store = Store()

    private func scraper(_ change: (inout SampleRules) -> Void = { _ in }) -> TargetScraper {
        var rules = SampleRules()
        change(&rules)
        return TargetScraper(
            store: store, axisKey: "t", labels: Labels(["job": "j"]), rules: rules)
    }

    private func open(_ text: String) -> ScrapeOutcome {
        .body(
            Array((text + "# EOF\n").utf8),
            contentType: "application/openmetrics-text; version=1.0.0; charset=utf-8")
    }

    private func exemplars() -> [String] {
        store.exemplars.select([[]], from: .distantPast, through: .distantFuture).flatMap {
            series in
            series.exemplars.map {
                "\(series.labels.metricDescription) \($0.labels) \($0.value) \($0.time.milliseconds)"
            }
        }
    }

    @Test func samplesAndMetadataAreTaken() {
        var scraper = scraper()
        let report = scraper.ingest(
            open(
                """
                # HELP a_s Help \\"me\\".
                # TYPE a_s counter
                # UNIT a_s s
                a_s_total 5
                a_s_created 1

                """), at: .seconds(10), duration: 0)
        #expect(report == ScrapeReport(scraped: 2, added: 2, seriesAdded: 2))
        #expect(
            store.samples(at: .seconds(10)) == [
                #"a_s_total{job="j"}"#: 5, #"a_s_created{job="j"}"#: 1,
            ])
        let metadata = scraper.metadata["a_s"]
        #expect(metadata?.type == .counter && metadata?.unit == "s")
        #expect(metadata?.help == #"Help "me"."#)
    }

    @Test func whatBreaksOffIsAFailedScrape() {
        var scraper = scraper()
        let cut = ScrapeOutcome.body(
            Array("a 1\n".utf8), contentType: "application/openmetrics-text")
        let report = scraper.ingest(cut, at: .seconds(10), duration: 0)
        #expect(report.error == "data does not end with # EOF (line 2)")
        #expect(store.samples(at: .seconds(10)).isEmpty)
    }

    @Test func timestampsAreInSeconds() {
        var scraper = scraper()
        _ = scraper.ingest(open("a 1 7.5\n"), at: .seconds(10), duration: 0)
        #expect(store.samples(at: Timestamp(milliseconds: 7500)) == [#"a{job="j"}"#: 1])
        #expect(store.samples(at: Timestamp(milliseconds: 7499)).isEmpty)
    }

    /// The same bytes mean another time in the other format.
    @Test func aTargetMayChangeItsFormat() {
        var scraper = scraper()
        for round in 0..<2 {
            let start = Int64(round) * 100_000 + 10_000
            _ = scraper.ingest(
                .body(Array("a 1 \(start)000\nb 1\n".utf8)), at: .seconds(start), duration: 0)
            let report = scraper.ingest(
                open("a 2 \(start + 1)\nb 2\n"), at: .seconds(start + 15), duration: 0)
            #expect(report.error == nil && report.outOfOrder == 0)
            #expect(store.samples(at: .seconds(start + 1))[#"a{job="j"}"#] == 2)
        }
    }

    // MARK: Exemplars

    static let withExemplars = """
        # TYPE h histogram
        h_bucket{le="1"} 1 # {id="a"} 0.5 9.5
        h_bucket{le="+Inf"} 2 8 # {id="b"} 5
        h_count 2 # {} 1

        """

    @Test func exemplarsAreTakenOnce() {
        store.exemplars.resize(to: 10)
        var scraper = scraper()
        for time in [10, 25] as [Int64] {
            _ = scraper.ingest(open(Self.withExemplars), at: .seconds(time), duration: 0)
        }
        #expect(
            exemplars() == [
                #"h_bucket{job="j", le="+Inf"} {id="b"} 5.0 8000"#,
                #"h_bucket{job="j", le="1.0"} {id="a"} 0.5 9500"#,
                #"h_count{job="j"} {} 1.0 10000"#,
            ])
    }

    @Test func exemplarsAreNotTakenUnlessAskedFor() {
        var scraper = scraper()
        #expect(
            scraper.ingest(open(Self.withExemplars), at: .seconds(10), duration: 0).scraped == 3)
        #expect(exemplars().isEmpty)
    }

    @Test func exemplarsAreTakenOfWhatIsStoredAlone() throws {
        store.exemplars.resize(to: 10)
        var scraper = scraper()
        let failed = scraper.ingest(
            open(Self.withExemplars + "bad\n"), at: .seconds(10), duration: 0)
        #expect(failed.error != nil && exemplars().isEmpty)
        let drop = try RelabelRule(.drop, sourceLabels: ["__name__"], regex: "h_bucket")
        var dropping = self.scraper { $0.relabeling = [drop] }
        _ = dropping.ingest(open(Self.withExemplars), at: .seconds(25), duration: 0)
        #expect(exemplars() == [#"h_count{job="j"} {} 1.0 25000"#])
    }

    @Test func exemplarsThatAreOlderAreCounted() {
        store.exemplars.resize(to: 10)
        var scraper = scraper()
        _ = scraper.ingest(open("a_total 1 # {id=\"a\"} 1 5\n"), at: .seconds(10), duration: 0)
        let report = scraper.ingest(
            open("a_total 1 # {id=\"b\"} 1 4\n"), at: .seconds(25), duration: 0)
        #expect(report.outOfOrderExemplars == 1 && report.error == nil && exemplars().count == 1)
    }

    @Test func aScrapeBringsNoMoreExemplarsThanThereIsRoom() {
        store.exemplars.resize(to: 2)
        var scraper = scraper()
        let text = (0..<1000).map { "a\($0) 1 # {} 1\n" }.joined()
        #expect(scraper.ingest(open(text), at: .seconds(10), duration: 0).scraped == 1000)
        #expect(store.exemplars.count == 2)
    }

    // MARK: Start timestamps

    static let withCreated = """
        # TYPE c counter
        c_total{x="1"} 5
        c_created{x="1"} 3.5
        c_total{x="2"} 5
        # TYPE h histogram
        h_bucket{le="+Inf"} 2
        h_count 2
        h_sum 2
        h_created 4
        # TYPE s summary
        s_created 5
        s{quantile="0.5"} 2
        # TYPE g gauge
        g_created 6

        """

    private func starts(at time: Timestamp) -> [String: Int64] {
        let selection = store.select([])
        var (values, times): ([Double], [Int64]) = ([], [])
        var extras = ExtraColumns(wantsStartTimes: true)
        selection.instant(
            at: time, lookback: .minutes(5), pin: store.pin(), values: &values,
            timestamps: &times, extras: &extras)
        var found: [String: Int64] = [:]
        for (index, labels) in selection.labels.enumerated() where extras.startTimes[index] != 0 {
            found[labels.dropping("job").metricDescription] = extras.startTimes[index]
        }
        return found
    }

    @Test func createdLinesBecomeStartTimestampsWhereAFlagAsks() {
        var scraper = scraper { $0.readsStartTimestamps = true }
        for time in [10, 25] as [Int64] {
            let report = scraper.ingest(open(Self.withCreated), at: .seconds(time), duration: 0)
            // Those of counters, histograms and summaries are no samples.
            #expect(report.scraped == 7)
            #expect(
                starts(at: .seconds(time)) == [
                    #"c_total{x="1"}"#: 3500, #"h_bucket{le="+Inf"}"#: 4000, "h_count": 4000,
                    "h_sum": 4000, #"s{quantile="0.5"}"#: 5000,
                ])
        }
        #expect(
            store.samples(at: .seconds(25)).keys.filter { $0.contains("created") } == [
                #"g_created{job="j"}"#
            ])
        // A series that comes later joins its metric; one whose line is gone has no start.
        _ = scraper.ingest(
            open(
                "# TYPE c counter\nc_total{x=\"1\"} 6\nc_total{x=\"2\"} 6\nc_created{x=\"2\"} 9\n"),
            at: .seconds(40), duration: 0)
        #expect(starts(at: .seconds(40)) == [#"c_total{x="2"}"#: 9000])
    }

    @Test func createdLinesOfTheTextFormatAreSeries() {
        var scraper = scraper { $0.readsStartTimestamps = true }
        let report = scraper.ingest(
            .body(Array(Self.withCreated.utf8)), at: .seconds(10), duration: 0)
        #expect(report.scraped == 10 && starts(at: .seconds(10)).isEmpty)
    }

    @Test(
        .enabled(
            if: SharedData.has("fixtures/expositions"), "\(SharedData.missing)"))
    func aRecordedExpositionIsTheSameTwice() throws {
        let text = try #require(SharedData.text("fixtures/expositions/python-client.om"))
        let body = ScrapeOutcome.body(
            Array(text.utf8), contentType: "application/openmetrics-text; version=1.0.0")
        var scraper = scraper()
        let first = scraper.ingest(body, at: .seconds(10), duration: 0)
        let samples = store.samples(at: .seconds(10))
        let second = scraper.ingest(body, at: .seconds(25), duration: 0)
        #expect(first.error == nil && first.scraped > 20 && second.scraped == first.scraped)
        #expect(second.seriesAdded == 0)
        #expect(
            Set(store.samples(at: .seconds(25)).map { "\($0)" }).symmetricDifference(
                samples.map { "\($0)" }) == [])
    }
}
