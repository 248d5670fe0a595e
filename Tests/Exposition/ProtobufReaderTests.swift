import Exposition
import Foundation
import Model
import SwiftProtobuf
import TestSupport
import Testing
import WireFormats

/// A body of these families.
private func body(_ families: ExposedFamily...) throws -> [UInt8] {
    try families.flatMap { delimited(try $0.serializedBytes()) }
}

private func read(
    _ body: [UInt8], _ policy: HistogramPolicy = HistogramPolicy()
) throws -> NotingSink {
    var (lines, sink) = (LineTable(), NotingSink())
    sink.histograms = policy
    try ProtobufReader().read(body, lines: &lines, into: &sink)
    return sink
}

/// The samples by series.
private func samples(_ sink: NotingSink) -> [String: Double] {
    Dictionary(
        sink.samples.map { (Labels(sink.known[$0.series]).metricDescription, $0.value) },
        uniquingKeysWith: { first, _ in first })
}

/// A family of one metric.
private func family(
    _ name: String, _ kind: ExposedKind, _ change: (inout ExposedMetric) -> Void
) -> ExposedFamily {
    var metric = ExposedMetric()
    change(&metric)
    return ExposedFamily.with {
        $0.name = name
        $0.kind = kind
        $0.help = "What it is."
        $0.metrics = [metric]
    }
}

@Suite struct ProtobufReaderTests {
    @Test(
        .enabled(if: SharedData.has("fixtures/expositions"), "\(SharedData.missing)"),
        arguments: ["alertmanager", "node-exporter", "prometheus"])
    func aRecordedExpositionHasTheSeriesOfItsText(name: String) throws {
        let folder = try #require(SharedData.url("fixtures/expositions"))
        let binary = try Data(contentsOf: folder.appendingPathComponent(name + ".pb"))
        let text = try Data(contentsOf: folder.appendingPathComponent(name + ".txt"))
        let fromBinary = samples(try read(Array(binary)))
        var (lines, sink) = (LineTable(), NotingSink())
        try TextReader().read(Array(text), lines: &lines, into: &sink)
        let fromText = samples(sink)
        // They were asked for one after the other, and the first scrape is in the second's counts.
        let own = { (key: String) in key.contains(#"handler="/metrics""#) }
        let (binaryKeys, textKeys) = (Set(fromBinary.keys), Set(fromText.keys))
        #expect(binaryKeys.symmetricDifference(textKeys).filter { !own($0) } == [])
        #expect(fromText.count > 400)
        let same = fromText.filter { key, value in
            fromBinary[key]?.bitPattern == value.bitPattern
        }
        #expect(Double(same.count) > 0.7 * Double(fromText.count))
    }

    @Test func everyPlainKind() throws {
        let sink = try read(
            body(
                family("c_total", .counter) {
                    $0.counter.value = 3
                    $0.labels = [.with { ($0.name, $0.value) = ("path", "/ü") }]
                    $0.timestampMs = 1500
                }, family("g", .gauge) { $0.gauge.value = -1.5 },
                family("u", .untyped) { $0.untyped.value = .nan }, ExposedFamily()))
        #expect(
            sink.known.map { Labels($0).metricDescription } == [#"c_total{path="/ü"}"#, "g", "u"])
        #expect(
            sink.samples.map(\.timestamp) == [Timestamp(milliseconds: 1500), nil, nil])
        #expect(
            sink.samples.map(\.value.bitPattern) == [
                Double(3).bitPattern, Double(-1.5).bitPattern, SampleValue.nanBits,
            ])
        #expect(
            sink.statements == [
                "c_total help(\"What it is.\")", "c_total type(Model.MetricType.counter)",
                "g help(\"What it is.\")", "g type(Model.MetricType.gauge)",
                "u help(\"What it is.\")", "u type(Model.MetricType.untyped)",
            ])
    }

    @Test func summariesAndClassicHistogramsAreSeveralSeries() throws {
        let sink = try read(
            body(
                family("s", .summary) {
                    $0.summary.count = 7
                    $0.summary.sum = 2.5
                    $0.summary.quantiles = [
                        .with { ($0.quantile, $0.value) = (0.5, 0.1) },
                        .with { ($0.quantile, $0.value) = (1, 0.2) },
                    ]
                },
                family("h", .histogram) {
                    $0.histogram.count = 9
                    $0.histogram.sum = 20
                    $0.histogram.buckets = [
                        .with { ($0.upperBound, $0.count) = (1, 4) },
                        .with { ($0.upperBound, $0.countFloat) = (2.5, 4.5) },
                    ]
                }))
        #expect(
            samples(sink) == [
                "s_count": 7, "s_sum": 2.5, #"s{quantile="0.5"}"#: 0.1, #"s{quantile="1.0"}"#: 0.2,
                "h_count": 9, "h_sum": 20, #"h_bucket{le="1.0"}"#: 4, #"h_bucket{le="2.5"}"#: 4.5,
                #"h_bucket{le="+Inf"}"#: 9,
            ])
    }

    private func native(_ change: (inout ExposedHistogram) -> Void = { _ in }) -> ExposedFamily {
        family("h", .histogram) { metric in
            metric.histogram = .with {
                $0.count = 6
                $0.sum = 9
                $0.schema = 1
                $0.zeroThreshold = 0.001
                $0.zeroCount = 1
                $0.positiveSpans = [
                    .with { ($0.offset, $0.length) = (-2, 2) },
                    .with { ($0.offset, $0.length) = (1, 1) },
                ]
                $0.positiveDeltas = [2, -1, 1]
                $0.buckets = [.with { ($0.upperBound, $0.count) = (1, 4) }]
            }
            change(&metric.histogram)
        }
    }

    @Test func aNativeHistogramIsOneSample() throws {
        let sink = try read(body(native()), HistogramPolicy(readsNative: true))
        var expected = FloatHistogram()
        expected.count = 6
        expected.sum = 9
        expected.schema = 1
        expected.zeroThreshold = 0.001
        expected.zeroCount = 1
        expected.positiveSpans = [.init(offset: -2, length: 2), .init(offset: 1, length: 1)]
        expected.positiveBuckets = [2, 1, 2]
        #expect(sink.taken == [ReadHistogram(series: 0, histogram: expected)])
        #expect(sink.samples.isEmpty)
    }

    @Test func bothFormsWhereBothAreWanted() throws {
        let sink = try read(
            body(native()), HistogramPolicy(readsNative: true, keepsClassic: true))
        #expect(sink.taken.count == 1)
        #expect(
            samples(sink) == [
                "h_count": 6, "h_sum": 9, #"h_bucket{le="1.0"}"#: 4, #"h_bucket{le="+Inf"}"#: 6,
            ])
    }

    @Test func aFloatHistogram() throws {
        let family = native {
            $0.countFloat = 6.5
            $0.zeroCountFloat = 0.5
            $0.positiveCounts = [2, 0, 4]
            $0.positiveDeltas = []
        }
        let sink = try read(body(family), HistogramPolicy(readsNative: true))
        let histogram = try #require(sink.taken.first?.histogram)
        #expect(histogram.count == 6.5 && histogram.zeroCount == 0.5)
        // The empty bucket is left out.
        #expect(histogram.positiveBuckets == [2, 4])
        #expect(
            histogram.positiveSpans == [.init(offset: -2, length: 1), .init(offset: 2, length: 1)])
    }

    @Test func aRecordedNativeHistogramCountsItsObservations() throws {
        guard let url = SharedData.url("fixtures/expositions/prometheus.pb") else { return }
        let sink = try read(
            Array(Data(contentsOf: url)), HistogramPolicy(readsNative: true, keepsClassic: true))
        #expect(sink.taken.count > 10)
        let classic = samples(sink)
        for sample in sink.taken {
            let labels = Labels(sink.known[sample.series])
            let count = labels.setting(Labels.name, labels.metricName + "_count")
            if let value = classic[count.metricDescription] {
                #expect(sample.histogram.count == value)
            }
            let inside =
                sample.histogram.positiveBuckets.reduce(0, +)
                + sample.histogram.negativeBuckets.reduce(0, +) + sample.histogram.zeroCount
            #expect(inside == sample.histogram.count)
        }
    }

    @Test func aSeriesIsAddedOnce() throws {
        var (lines, sink) = (LineTable(), NotingSink())
        for value in [1.0, 2] {
            let bytes = try body(family("g", .gauge) { $0.gauge.value = value })
            try ProtobufReader().read(bytes, lines: &lines, into: &sink)
        }
        #expect(sink.known.count == 1)
        #expect(sink.samples.map(\.value) == [1, 2])
    }

    @Test func whatIsBrokenIsSaid() throws {
        let whole = try body(family("g", .gauge) { $0.gauge.value = 1 })
        func message(_ body: [UInt8]) -> String {
            do {
                _ = try read(body, HistogramPolicy(readsNative: true))
                return "read"
            } catch { return "\(error)" }
        }
        #expect(
            message(Array(whole.dropLast(2))).hasPrefix("the body ends within a metric family"))
        #expect(message([0xff]) == "no length of a metric family where one should stand")
        #expect(
            message([0xff, 0xff, 0xff, 0xff, 0xff, 0xff])
                == "no length of a metric family where one should stand")
        #expect(message([3, 0xff, 0xff, 0xff]).hasPrefix("a metric family cannot be read"))
        #expect(
            try message(body(native { $0.positiveDeltas = [1] }))
                == #"histogram "h": positive side: spans require 3 buckets, have 1"#)
        #expect(try message(body(native { $0.schema = 20 })).contains("invalid schema"))
        #expect(
            try message(body(native { $0.positiveDeltas = [2, -3, 1] })).contains("negative"))
        #expect(try message(body(family("", .gauge) { $0.gauge.value = 1 })) != "read")
    }

    /// Bytes of real expositions, changed at random: an error or samples, never a trap.
    @Test func damagedBodiesAreReadOrRefused() throws {
        var random = SeededRandom(seed: 11)
        let seed = try body(
            native(), family("c", .counter) { $0.counter.value = 1 },
            native { $0.negativeSpans = [.with { ($0.offset, $0.length) = (.max, 3) }] })
        let policy = HistogramPolicy(readsNative: true, keepsClassic: true)
        var refused = 0
        for _ in 0..<20_000 {
            var bytes = seed
            for _ in 0...random.below(3) { bytes[random.below(bytes.count)] = random.byte() }
            do { _ = try read(bytes, policy) } catch { refused += 1 }
        }
        #expect(refused > 1000)
    }
}
