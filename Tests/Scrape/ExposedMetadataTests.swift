import Configuration
import Model
import Scrape
import Store
import SwiftProtobuf
import TestSupport
import Testing
import WireFormats

/// What expositions say beside samples: types, units, start timestamps, exemplars.
@Suite struct ExposedMetadataTests {
    private let store = Store()

    private func scraper(_ change: (inout SampleRules) -> Void) -> TargetScraper {
        var rules = SampleRules()
        change(&rules)
        return TargetScraper(
            store: store, axisKey: "t", labels: Labels(["job": "j"]), rules: rules)
    }

    @Test func typesAndUnitsBecomeLabels() {
        var scraper = scraper { $0.addsTypeAndUnitLabels = true }
        let text = """
            # TYPE size_bytes gauge
            # UNIT size_bytes bytes
            size_bytes{__type__="mine"} 1
            # TYPE hits counter
            hits_total 2
            # TYPE plain unknown
            plain 3
            # TYPE h histogram
            h_bucket{le="+Inf"} 1
            h_count 1
            h_sum 1
            # EOF

            """
        let report = scraper.ingest(
            .body(Array(text.utf8), contentType: "application/openmetrics-text"),
            at: .seconds(10), duration: 0)
        #expect(report.error == nil)
        #expect(
            Set(store.samples(at: .seconds(10)).keys) == [
                #"size_bytes{__type__="gauge", __unit__="bytes", job="j"}"#,
                #"hits_total{__type__="counter", job="j"}"#, #"plain{job="j"}"#,
                #"h_bucket{__type__="histogram", job="j", le="+Inf"}"#,
                #"h_count{__type__="histogram", job="j"}"#,
                #"h_sum{__type__="histogram", job="j"}"#,
            ])
    }

    @Test func theSeriesOfAGaugeHistogramHaveItsType() throws {
        var scraper = scraper { $0.addsTypeAndUnitLabels = true }
        let family = ExposedFamily.with { family in
            family.name = "h"
            family.kind = .gaugeHistogram
            family.metrics = [.with { $0.histogram.count = 2 }]
        }
        _ = scraper.ingest(
            .body(
                delimited(try family.serializedBytes()),
                contentType: "application/vnd.google.protobuf"), at: .seconds(10), duration: 0)
        let keys = store.samples(at: .seconds(10)).keys
        #expect(keys.count == 3)
        #expect(keys.allSatisfy { $0.contains(#"__type__="gaugehistogram""#) }, "\(keys)")
    }

    @Test func withoutTheFlagTheyDoNot() {
        var scraper = scraper { _ in }
        _ = scraper.ingest(
            .body(Array("# TYPE a gauge\na 1\n".utf8)), at: .seconds(10), duration: 0)
        #expect(store.samples(at: .seconds(10)) == [#"a{job="j"}"#: 1])
    }

    /// A counter with a start timestamp and an exemplar.
    private func counter() throws -> ScrapeOutcome {
        let family = ExposedFamily.with { family in
            family.name = "c_total"
            family.kind = .counter
            family.metrics = [
                .with { metric in
                    metric.counter.value = 5
                    metric.counter.start = .with { ($0.seconds, $0.nanos) = (4, 500_000_000) }
                    metric.counter.exemplar = .with {
                        $0.value = 0.5
                        $0.labels = [.with { ($0.name, $0.value) = ("trace_id", "abc") }]
                        $0.timestamp = .with { $0.seconds = 9 }
                    }
                }
            ]
        }
        return .body(
            delimited(try family.serializedBytes()), contentType: "application/vnd.google.protobuf")
    }

    @Test func startTimestampsOfProtobufAreStored() throws {
        var scraper = scraper { $0.readsStartTimestamps = true }
        _ = scraper.ingest(try counter(), at: .seconds(10), duration: 0)
        let selection = store.select([try Matcher(.equal, Labels.name, "c_total")])
        var (values, times) = ([Double](), [Int64]())
        var extras = ExtraColumns(wantsStartTimes: true)
        selection.instant(
            at: .seconds(10), lookback: .minutes(5), pin: store.pin(), values: &values,
            timestamps: &times, extras: &extras)
        #expect(values == [5] && extras.startTimes == [4500])
    }

    @Test func exemplarsOfProtobufAreKept() throws {
        store.exemplars.resize(to: 10)
        var scraper = scraper { _ in }
        _ = scraper.ingest(try counter(), at: .seconds(10), duration: 0)
        let matchers = [[try Matcher(.equal, Labels.name, "c_total")]]
        let found = store.exemplars.select(matchers, from: .seconds(0), through: .seconds(20))
        #expect(found.count == 1)
        #expect(found.first?.exemplars.map(\.value) == [0.5])
        #expect(found.first?.exemplars.first?.time == .seconds(9))
    }
}
