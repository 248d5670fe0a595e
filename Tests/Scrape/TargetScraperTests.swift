import Configuration
import Model
import Scrape
import Store
import TestSupport
import Testing

@Suite struct TargetScraperTests {
    private let store = Store()

    private func scraper(
        _ labels: Labels = Labels(["job": "j"]), _ change: (inout SampleRules) -> Void = { _ in }
    ) -> TargetScraper {
        var rules = SampleRules()
        change(&rules)
        return TargetScraper(store: store, axisKey: "t", labels: labels, rules: rules)
    }

    private func body(_ text: String) -> ScrapeOutcome { .body(Array(text.utf8)) }

    @Test func aScrapeIsAFrameWithItsReport() {
        var scraper = scraper()
        let report = scraper.ingest(body("a 1\nb{x=\"y\"} 2\n"), at: .seconds(10), duration: 0.25)
        #expect(report == ScrapeReport(scraped: 2, added: 2, seriesAdded: 2))
        #expect(
            store.vector(at: .seconds(10)) == [
                #"a{job="j"}"#: 1, #"b{job="j", x="y"}"#: 2, #"up{job="j"}"#: 1,
                #"scrape_duration_seconds{job="j"}"#: 0.25, #"scrape_samples_scraped{job="j"}"#: 2,
                #"scrape_samples_post_metric_relabeling{job="j"}"#: 2,
                #"scrape_series_added{job="j"}"#: 2,
            ])
    }

    @Test func whatDisappearsIsStaleAtOnce() {
        var scraper = scraper()
        _ = scraper.ingest(body("a 1\nb 2\nc 3\n"), at: .seconds(10), duration: 0)
        let report = scraper.ingest(body("c 4\na 5\n"), at: .seconds(25), duration: 0)
        #expect(report.seriesAdded == 0 && report.scraped == 2)
        #expect(store.samples(at: .seconds(25)) == [#"a{job="j"}"#: 5, #"c{job="j"}"#: 4])
        #expect(store.samples(at: .seconds(24)).count == 3)
        let again = scraper.ingest(body("a 6\nb 7\n"), at: .seconds(40), duration: 0)
        #expect(again.seriesAdded == 1)
        #expect(store.samples(at: .seconds(40)) == [#"a{job="j"}"#: 6, #"b{job="j"}"#: 7])
    }

    @Test func aFailedScrapeLeavesOnlyTheReport() {
        var scraper = scraper()
        _ = scraper.ingest(body("a 1\n"), at: .seconds(10), duration: 0)
        let report = scraper.ingest(.failure("connection refused"), at: .seconds(25), duration: 1)
        #expect(report == ScrapeReport(error: "connection refused"))
        #expect(store.samples(at: .seconds(25)).isEmpty)
        let vector = store.vector(at: .seconds(25))
        #expect(vector[#"up{job="j"}"#] == 0)
        #expect(vector[#"scrape_samples_scraped{job="j"}"#] == 0)
        // The series is known still: coming back it is not new.
        let back = scraper.ingest(body("a 2\n"), at: .seconds(40), duration: 0)
        #expect(back.seriesAdded == 0)
        #expect(store.samples(at: .seconds(40)) == [#"a{job="j"}"#: 2])
    }

    @Test func aBodyThatBreaksInTheMiddleCountsAsFailed() {
        var scraper = scraper()
        let report = scraper.ingest(body("a 1\nb 2\nc x\n"), at: .seconds(10), duration: 0)
        #expect(
            report.error
                == #"strconv.ParseFloat: parsing "x": invalid syntax while parsing: "c x" (line 3)"#
        )
        #expect(report.scraped == 2 && report.added == 2)
        #expect(store.samples(at: .seconds(10)).isEmpty)
        #expect(store.vector(at: .seconds(10))[#"up{job="j"}"#] == 0)
    }

    @Test func anEmptyBodyIsASuccess() {
        var scraper = scraper()
        _ = scraper.ingest(body("a 1\n"), at: .seconds(10), duration: 0)
        #expect(scraper.ingest(body(""), at: .seconds(25), duration: 0) == ScrapeReport())
        #expect(store.samples(at: .seconds(25)).isEmpty)
        #expect(store.vector(at: .seconds(25))[#"up{job="j"}"#] == 1)
    }

    /// As in Prometheus, which counts blank lines and comments as an exposition too.
    @Test(arguments: ["\n", "\n \t\n", "# nothing\n", "# TYPE a counter\n", "#", "\0"])
    func anExpositionWithoutASampleIsASuccess(text: String) {
        var scraper = scraper()
        _ = scraper.ingest(body("a 1\n"), at: .seconds(10), duration: 0)
        #expect(scraper.ingest(body(text), at: .seconds(25), duration: 0) == ScrapeReport())
        #expect(store.samples(at: .seconds(25)).isEmpty)
        #expect(store.vector(at: .seconds(25))[#"up{job="j"}"#] == 1)
    }

    @Test func ofDuplicatesTheFirstCounts() {
        var scraper = scraper()
        let text = "a 1\na 2\nb{x=\"1\",y=\"2\"} 3\nb{y=\"2\",x=\"1\"} 4\n"
        let report = scraper.ingest(body(text), at: .seconds(10), duration: 0)
        #expect(report.duplicates == 2 && report.added == 4 && report.error == nil)
        #expect(
            store.samples(at: .seconds(10)) == [#"a{job="j"}"#: 1, #"b{job="j", x="1", y="2"}"#: 3])
        let second = scraper.ingest(body(text), at: .seconds(25), duration: 0)
        #expect(second.duplicates == 2)
    }

    @Test func relabellingDropsAndRenames() throws {
        let rules = try [
            RelabelRule(.drop, sourceLabels: ["__name__"], regex: "go_.*"),
            RelabelRule(.labeldrop, regex: "x"),
        ]
        var scraper = scraper { $0.relabeling = rules }
        for second in [10, 25] as [Int64] {
            let report = scraper.ingest(
                body("go_a 1\nb{x=\"y\"} 2\n"), at: .seconds(second), duration: 0)
            #expect(report.scraped == 2 && report.added == 1)
            #expect(store.samples(at: .seconds(second)) == [#"b{job="j"}"#: 2])
        }
    }

    @Test func theSampleLimitFailsTheScrapeAndCountsAll() {
        var scraper = scraper { $0.limits.samples = 2 }
        #expect(scraper.ingest(body("a 1\nb 2\n"), at: .seconds(10), duration: 0).error == nil)
        let report = scraper.ingest(body("a 1\nb 2\nc 3\nd 4\n"), at: .seconds(25), duration: 0)
        #expect(report.error == "sample limit exceeded")
        #expect(report.scraped == 4 && report.added == 4 && report.seriesAdded == 0)
        #expect(store.samples(at: .seconds(25)).isEmpty)
        #expect(scraper.ingest(body("a 1\nb 2\n"), at: .seconds(40), duration: 0).error == nil)
    }

    @Test func exposedTimestampsCountWhereHonoured() {
        var honoring = scraper()
        let text = "a 1 5000\nb 2\nfuture 3 9999999\n"
        let report = honoring.ingest(body(text), at: .seconds(10), duration: 0)
        #expect(report.outOfBounds == 1 && report.added == 3)
        #expect(store.samples(at: .seconds(5)) == [#"a{job="j"}"#: 1])
        // It is not stale when it disappears, and no sample goes back in time.
        let next = honoring.ingest(body("b 2\n"), at: .seconds(25), duration: 0)
        #expect(next.error == nil)
        #expect(store.samples(at: .seconds(25))[#"a{job="j"}"#] == 1)
        let old = honoring.ingest(body("a 9 4000\n"), at: .seconds(40), duration: 0)
        #expect(old.outOfOrder == 1)

        let other = Store()
        var rules = SampleRules()
        rules.honorTimestamps = false
        var ignoring = TargetScraper(
            store: other, axisKey: "t", labels: Labels(["job": "j"]), rules: rules)
        _ = ignoring.ingest(body(text), at: .seconds(10), duration: 0)
        #expect(other.samples(at: .seconds(10)).count == 3)
    }

    @Test func aTargetThatEndsIsStaleAsAWhole() {
        var scraper = scraper()
        _ = scraper.ingest(body("a 1\n"), at: .seconds(10), duration: 0)
        scraper.end(at: .seconds(25))
        #expect(store.vector(at: .seconds(25)).isEmpty)
        #expect(store.vector(at: .seconds(24)).count == 6)
    }

    @Test func anOlderFrameIsNotTaken() {
        var scraper = scraper()
        _ = scraper.ingest(body("a 1\n"), at: .seconds(10), duration: 0)
        #expect(!scraper.ingest(body("a 2\n"), at: .seconds(10), duration: 0).isStored)
        #expect(store.samples(at: .seconds(10)) == [#"a{job="j"}"#: 1])
    }

    @Test func metadataIsCollected() {
        var scraper = scraper()
        let text = "# HELP a What\\n it is\n# TYPE a counter\na 1\n"
        _ = scraper.ingest(body(text), at: .seconds(10), duration: 0)
        _ = scraper.ingest(body(text), at: .seconds(25), duration: 0)
        #expect(scraper.metadata["a"]?.help == "What\n it is")
        #expect(scraper.metadata["a"]?.type == .counter)
    }

    @Test func aNewBucketUnderAKnownTypeIsWrittenTheSameWay() {
        var scraper = scraper()
        let head = "# TYPE h histogram\nh_bucket{le=\"1\"} 1\n"
        _ = scraper.ingest(body(head), at: .seconds(10), duration: 0)
        _ = scraper.ingest(body(head + "h_bucket{le=\"2\"} 2\n"), at: .seconds(25), duration: 0)
        #expect(
            store.samples(at: .seconds(25)) == [
                #"h_bucket{job="j", le="1.0"}"#: 1, #"h_bucket{job="j", le="2.0"}"#: 2,
            ])
    }

    /// The reader that compares with the last exposition must give what a fresh one gives.
    @Test func readingByComparingGivesWhatReadingAfreshGives() {
        var random = SeededRandom(seed: 42)
        var scraper = scraper()
        for round in 1...300 {
            var lines: [String] = []
            for series in 0..<12 where random.next() % 5 != 0 {
                let name = ["a", "ab", "a_b", "h_bucket"][series % 4]
                let labels = series < 4 ? "" : "{le=\"\(series)\",x=\"\(random.next() % 2)\"}"
                if random.next() % 4 == 0 { lines.append("# TYPE \(name) gauge") }
                if random.next() % 6 == 0 { lines.append("# note \(random.next() % 3)") }
                lines.append("\(name)\(labels) \(random.next() % 1000)")
            }
            if random.next() % 3 == 0 { lines.shuffle(using: &random) }
            if random.next() % 20 == 0 { lines.append("broken{") }
            let text = body(lines.joined(separator: "\n") + (random.next() % 2 == 0 ? "\n" : ""))
            let time = Timestamp.seconds(Int64(round) * 15)
            let fresh = Store()
            var reader = TargetScraper(
                store: fresh, axisKey: "t", labels: Labels(["job": "j"]), rules: SampleRules())
            let expected = reader.ingest(text, at: time, duration: 0)
            let report = scraper.ingest(text, at: time, duration: 0)
            #expect(report.error == expected.error && report.scraped == expected.scraped)
            #expect(report.added == expected.added)
            #expect(report.duplicates == expected.duplicates)
            #expect(store.samples(at: time) == fresh.samples(at: time))
        }
    }
}

@Suite struct HostileExpositionTests {
    private func error(_ bytes: [UInt8]) -> String? {
        var scraper = TargetScraper(
            store: Store(), axisKey: "t", labels: Labels(["job": "j"]), rules: SampleRules())
        let first = scraper.ingest(.body(bytes), at: .seconds(10), duration: 0).error
        // The next scrape is none the worse for it.
        let next = scraper.ingest(.body(Array("a 1\n".utf8)), at: .seconds(25), duration: 0)
        #expect(next == ScrapeReport(scraped: 1, added: 1, seriesAdded: 1))
        return first
    }

    @Test func aMillionLabels() {
        let labels = (0..<1_000_000).map { "l\($0)=\"v\"" }.joined(separator: ",")
        #expect(
            error(Array("a{\(labels)} 1\n".utf8))
                == "label_limit exceeded (metric: , number of labels: 1000000, limit: 1000)")
    }

    @Test func aLineOfTenMegabytes() {
        let long = [UInt8](repeating: 0x78, count: 10_000_000)
        let value = error(Array("a{b=\"".utf8) + long + Array("\"} 1\n".utf8))
        #expect(value?.hasPrefix("label_value_length_limit exceeded (metric: a,") == true)
        #expect((value ?? "").utf8.count < 500)
        let name = error(long + Array(" 1\n".utf8))
        #expect(name?.hasPrefix("label_value_length_limit exceeded") == true)
        let unclosed = error(Array("a{b=\"".utf8) + long)
        #expect((unclosed ?? "").utf8.count < 1000 && unclosed != nil)
        let number = error(Array("a ".utf8) + [UInt8](repeating: 0x31, count: 10_000_000))
        #expect(number?.hasPrefix("strconv.ParseFloat: parsing") == true)
    }

    @Test func binary() {
        var random = SeededRandom(seed: 7)
        for _ in 0..<200 {
            let bytes = (0..<500).map { _ in UInt8(truncatingIfNeeded: random.next() % 255 + 1) }
            #expect(error([0x01] + bytes) != nil)
        }
    }
}
