import Configuration
import Model
import Scrape
import Store
import Testing

/// Series with their own timestamps under `track_timestamps_staleness`, with the answers of
/// Prometheus 3.12 (`scrape/scrape.go`: `trackStaleness`, `updateStaleMarkers`, `endOfRunStaleness`).
@Suite struct TimestampStalenessTests {
    private let store = Store()

    private func scraper(
        continuing old: TargetScraper? = nil,
        _ change: (inout SampleRules) -> Void = { $0.trackTimestampsStaleness = true }
    ) -> TargetScraper {
        var rules = SampleRules()
        change(&rules)
        return TargetScraper(
            store: store, axisKey: "t", labels: Labels(["job": "j"]), rules: rules,
            continuing: old)
    }

    private func body(_ text: String) -> ScrapeOutcome { .body(Array(text.utf8)) }
    private let present = [#"a{job="j"}"#: 1.0]

    @Test func aSeriesThatIsNoLongerExposedGoesStale() {
        var scraper = scraper()
        _ = scraper.ingest(body("a 1 5000\n"), at: .seconds(10), duration: 0)
        _ = scraper.ingest(body("b 1\n"), at: .seconds(25), duration: 0)
        #expect(store.samples(at: .seconds(24)) == present)
        #expect(store.samples(at: .seconds(25)) == [#"b{job="j"}"#: 1])
    }

    @Test(
        arguments: [
            .failure("server returned HTTP status 500"), .body(Array("b{".utf8)),
            .body(Array("a 1 20000\na 1 x\n".utf8)), .body([]),
            .body(Array("a 1 20000\nb 1\nc 1\n".utf8)),
        ] as [ScrapeOutcome])
    func afterAScrapeThatBringsNothingItIsStaleAtOnce(outcome: ScrapeOutcome) {
        var scraper = scraper {
            $0.trackTimestampsStaleness = true
            $0.limits.samples = 2
        }
        _ = scraper.ingest(body("a 1 9500\nplain 1\n"), at: .seconds(10), duration: 0)
        _ = scraper.ingest(outcome, at: .seconds(25), duration: 0)
        #expect(store.samples(at: .seconds(24)).count == 2)
        #expect(store.samples(at: .seconds(25)).isEmpty)
        _ = scraper.ingest(outcome, at: .seconds(40), duration: 0)
        // It comes back with a newer sample; the one before the marker is out of order.
        let old = scraper.ingest(body("a 1 24999\n"), at: .seconds(55), duration: 0)
        #expect(old.outOfOrder == 1 && store.samples(at: .seconds(55)).isEmpty)
        let new = scraper.ingest(body("a 1 69500\n"), at: .seconds(70), duration: 0)
        #expect(new.outOfOrder == 0 && store.samples(at: .seconds(70)) == present)
    }

    @Test func withoutTheOptionItStaysForTheLookback() {
        var scraper = scraper { _ in }
        _ = scraper.ingest(body("a 1 9500\nplain 1\n"), at: .seconds(10), duration: 0)
        _ = scraper.ingest(.failure("refused"), at: .seconds(25), duration: 0)
        #expect(store.samples(at: .seconds(25)) == present)
        scraper.end(at: .seconds(40))
        #expect(store.samples(at: .seconds(309)) == present)
        #expect(store.samples(at: .seconds(310)).isEmpty)
    }

    @Test func withoutHonoredTimestampsItIsAnOrdinarySeries() {
        var scraper = scraper { $0.honorTimestamps = false }
        _ = scraper.ingest(body("a 1 5000\n"), at: .seconds(10), duration: 0)
        _ = scraper.ingest(.failure("refused"), at: .seconds(25), duration: 0)
        #expect(store.samples(at: .seconds(25)).isEmpty)
    }

    @Test func aRepeatedSampleIsNoErrorAndKeepsTheSeries() {
        var scraper = scraper()
        for second in [10, 25, 40] as [Int64] {
            let report = scraper.ingest(body("a 1 5000\n"), at: .seconds(second), duration: 0)
            #expect(report.outOfOrder == 0 && report.duplicates == 0 && report.added == 1)
            #expect(store.samples(at: .seconds(second)) == present)
        }
        // Another value at the same time is a duplicate: not stored, so the series is gone.
        let other = scraper.ingest(body("a 2 5000\n"), at: .seconds(55), duration: 0)
        #expect(other.duplicates == 1 && other.outOfOrder == 0)
        #expect(store.samples(at: .seconds(55)).isEmpty)
    }

    @Test(arguments: ["a 1 4000\n", "a 1 9999999\n"])
    func aSampleThatCannotBeStoredIsNone(text: String) {
        var scraper = scraper()
        _ = scraper.ingest(body("a 1 5000\n"), at: .seconds(10), duration: 0)
        let report = scraper.ingest(body(text), at: .seconds(25), duration: 0)
        #expect(report.outOfOrder + report.outOfBounds == 1)
        #expect(store.samples(at: .seconds(25)).isEmpty)
    }

    @Test func aSampleFromTheFutureOutlivesTheMarker() {
        var scraper = scraper()
        _ = scraper.ingest(body("a 1 60000\n"), at: .seconds(10), duration: 0)
        _ = scraper.ingest(.failure("refused"), at: .seconds(25), duration: 0)
        #expect(store.samples(at: .seconds(60)) == present)
    }

    @Test func aSeriesThatLosesItsTimestampGoesOn() {
        var scraper = scraper()
        _ = scraper.ingest(body("a 1 9500\n"), at: .seconds(10), duration: 0)
        _ = scraper.ingest(body("a 1\n"), at: .seconds(25), duration: 0)
        #expect(store.samples(at: .seconds(25)) == present)
        _ = scraper.ingest(.failure("refused"), at: .seconds(40), duration: 0)
        #expect(store.samples(at: .seconds(40)).isEmpty)
    }

    @Test func twoLinesOfOneSeriesAreOneSeries() throws {
        let rules = try [RelabelRule(.labeldrop, regex: "x")]
        var scraper = scraper {
            $0.trackTimestampsStaleness = true
            $0.relabeling = rules
        }
        _ = scraper.ingest(body("a{x=\"1\"} 1 9500\n"), at: .seconds(10), duration: 0)
        _ = scraper.ingest(body("a{x=\"2\"} 1 24500\n"), at: .seconds(25), duration: 0)
        #expect(store.samples(at: .seconds(25)) == present)
    }

    @Test func aTargetThatEndsTakesThemAlong() {
        var scraper = scraper()
        _ = scraper.ingest(body("a 1 9500\nplain 1\n"), at: .seconds(10), duration: 0)
        scraper.end(at: .seconds(25))
        #expect(store.samples(at: .seconds(24)).count == 2)
        #expect(store.vector(at: .seconds(25)).isEmpty)
    }

    @Test func aScraperThatContinuesAnotherEndsWhatOnlyThatOneBrought() throws {
        var old = scraper()
        _ = old.ingest(body("a 1 9500\nb 1 9500\n"), at: .seconds(10), duration: 0)
        let rules = try [RelabelRule(.drop, sourceLabels: ["__name__"], regex: "b")]
        var new = scraper(continuing: old) { $0.relabeling = rules }
        _ = new.ingest(body("a 1 24500\nb 1 24500\n"), at: .seconds(25), duration: 0)
        #expect(store.samples(at: .seconds(25)) == present)
        // The option is off now: nothing that came under it goes stale.
        _ = new.ingest(.failure("refused"), at: .seconds(40), duration: 0)
        #expect(store.samples(at: .seconds(40)) == present)
    }

    @Test func theSameRulesKnowTheSameSeries() {
        var old = scraper()
        _ = old.ingest(body("a 1\n"), at: .seconds(10), duration: 0)
        var new = scraper(continuing: old) { $0.limits.samples = 5 }
        let report = new.ingest(body("a 1\nb 1\n"), at: .seconds(25), duration: 0)
        #expect(report.seriesAdded == 1)
    }

    /// After a restart nothing is known of what was tracked: no marker for what does not come back,
    /// and one for what does.
    @Test func afterARestart() {
        var before = scraper()
        _ = before.ingest(body("a 1 9500\n"), at: .seconds(10), duration: 0)
        var failing = scraper()
        _ = failing.ingest(.failure("refused"), at: .seconds(25), duration: 0)
        #expect(store.samples(at: .seconds(25)) == present)
        var repeating = scraper()
        _ = repeating.ingest(body("a 1 9500\n"), at: .seconds(40), duration: 0)
        _ = repeating.ingest(.failure("refused"), at: .seconds(55), duration: 0)
        #expect(store.samples(at: .seconds(54)) == present)
        #expect(store.samples(at: .seconds(55)).isEmpty)
    }
}
