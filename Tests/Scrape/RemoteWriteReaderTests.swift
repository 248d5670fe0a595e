import Configuration
import Foundation
import Model
import Scrape
import Store
import SwiftProtobuf
import TestSupport
import Testing
import WireFormats

@Suite("Requests of remote write are read")
struct RemoteWriteReaderTests {
    private static func limits(_ change: (inout PushSettings) -> Void = { _ in }) -> WriteLimits {
        var settings = PushSettings()
        change(&settings)
        return WriteLimits(settings)
    }

    private static func series(_ labels: [(String, String)], _ samples: [(Double, Int64)] = [])
        -> WrittenSeries
    {
        var series = WrittenSeries()
        series.labels = labels.map { name, value in
            var label = WrittenLabelPair()
            (label.name, label.value) = (Data(name.utf8), Data(value.utf8))
            return label
        }
        series.samples = samples.map { value, time in
            var sample = WrittenSample()
            (sample.value, sample.timestamp) = (value, time)
            return sample
        }
        return series
    }

    private static func read(
        _ series: [WrittenSeries], _ limits: WriteLimits = limits()
    ) throws -> WrittenBatch {
        var request = WrittenRequest()
        request.series = series
        return try RemoteWriteReader.read(request.serializedBytes(), .v1, limits: limits)
    }

    private static func histogram() -> WrittenHistogram {
        var histogram = WrittenHistogram()
        histogram.countInteger = 6
        histogram.sum = 12.5
        histogram.schema = 1
        histogram.zeroThreshold = 0.001
        histogram.zeroCountInteger = 1
        var span = WrittenSpan()
        (span.offset, span.length) = (-1, 3)
        histogram.positiveSpans = [span]
        histogram.positiveDeltas = [1, 1, -1]
        span.length = 1
        histogram.negativeSpans = [span]
        histogram.negativeDeltas = [1]
        histogram.timestamp = 5
        return histogram
    }

    @Test("1.0: labels in any order, samples, metadata")
    func first() throws {
        var request = WrittenRequest()
        request.series = [
            Self.series(
                [("job", "a"), ("__name__", "x"), ("empty", "")], [(1, 10), (.nan, 20)]),
            Self.series([("__name__", "x"), ("job", "a")], [(3, 30)]),
        ]
        var metadata = WrittenFamilyMetadata()
        metadata.kind = .counter
        (metadata.family, metadata.help) = (Data("x".utf8), Data("What x is.".utf8))
        request.metadata = [metadata]
        let written = try RemoteWriteReader.read(
            request.serializedBytes(), .v1, limits: Self.limits())
        #expect(written.batch.series == [Labels(["__name__": "x", "job": "a"])])
        #expect(written.batch.samples.map(\.time.milliseconds) == [10, 20, 30])
        #expect(written.batch.samples.map(\.value.bitPattern)[0] == (1.0).bitPattern)
        #expect(
            written.batch.metadata == ["x": MetricMetadata(type: .counter, help: "What x is.")])
        #expect(written.refusals.count == 0)
    }

    @Test("Labels that cannot be stored refuse their series, in Prometheus's words")
    func labels() throws {
        var bytes = Self.series([("__name__", "x"), ("a", "b")], [(1, 1)])
        bytes.labels[1].value = Data([0xff])
        let written = try Self.read([
            Self.series([("a", "b")], [(1, 1), (2, 2)]),
            Self.series([("__name__", ""), ("a", "b")], [(1, 1)]),
            Self.series([("__name__", "x"), ("", "b")], [(1, 1)]),
            Self.series([("__name__", "x"), ("a", "b"), ("a", "c")], [(1, 1)]),
            bytes, Self.series([("__name__", "ü x"), ("é", "b")], [(1, 1)]),
        ])
        #expect(written.batch.series == [Labels(["__name__": "ü x", "é": "b"])])
        #expect(written.refusals.samples == [.invalidLabels: 6])
        #expect(
            written.refusals.texts.prefix(4) == [
                #"invalid metric name or labels, got {a="b"}"#,
                #"invalid metric name or labels, got {__name__="", a="b"}"#,
                #"invalid metric name or labels, got {""="b", __name__="x"}"#,
                #"invalid labels for series, labels {__name__="x", a="c"}, duplicated label a"#,
            ])
    }

    @Test("Histograms of integers and of floats, with custom buckets, finer than ours, stale")
    func histograms() throws {
        var float = Self.histogram()
        float.countFloat = 4.5
        float.zeroCountFloat = 0.5
        (float.positiveDeltas, float.negativeDeltas) = ([], [])
        (float.positiveCounts, float.negativeCounts) = ([1, 2, 0.5], [0.5])
        float.resetHint = .isGauge
        var custom = WrittenHistogram()
        custom.schema = -53
        custom.countInteger = 3
        custom.sum = 4
        var span = WrittenSpan()
        span.length = 2
        custom.positiveSpans = [span]
        custom.positiveDeltas = [1, 1]
        custom.customBounds = [0.5]
        var fine = Self.histogram()
        fine.schema = 10
        var stale = Self.histogram()
        stale.sum = SampleValue.stale
        var series = Self.series([("__name__", "h")])
        series.histograms = [Self.histogram(), float, custom, fine, stale]
        let samples = try Self.read([series]).batch.samples
        let histograms = samples.compactMap(\.histogram)
        #expect(samples.count == 5 && histograms.count == 4)
        #expect(histograms[0].positiveBuckets == [1, 2, 1] && histograms[0].count == 6)
        #expect(histograms[0].negativeBuckets == [1] && histograms[0].zeroCount == 1)
        #expect(histograms[0].positiveSpans == [.init(offset: -1, length: 3)])
        #expect(histograms[1].positiveBuckets == [1, 2, 0.5] && histograms[1].count == 4.5)
        #expect(histograms[1].resetHint == .gauge)
        #expect(histograms[2].customValues == [0.5] && histograms[2].positiveBuckets == [1, 2])
        #expect(histograms[3].schema == 8)
        #expect(SampleValue.isStale(samples[4].value))
    }

    @Test("A histogram that contradicts itself is refused, and what else its series has is taken")
    func contradictions() throws {
        var count = Self.histogram()
        count.countInteger = 7
        var spans = Self.histogram()
        spans.positiveSpans[0].length = 4_000_000_000
        var negative = Self.histogram()
        negative.positiveDeltas = [1, -5, 1]
        var schema = Self.histogram()
        schema.schema = 77
        var series = Self.series([("__name__", "h")], [(1, 1)])
        series.histograms = [count, spans, negative, schema]
        let written = try Self.read([series])
        #expect(written.batch.samples.count == 1)
        #expect(written.refusals.samples == [.invalidHistogram: 4])
        #expect(
            written.refusals.texts[0]
                == "6 observations found in buckets, but the Count field is 7: histogram's "
                + "observation count should equal the number of observations found in the buckets "
                + #"(in absence of NaN) for series {__name__="h"}"#)
    }

    @Test("2.0: symbols, start timestamps, exemplars, metadata by metric family")
    func second() throws {
        var request = WrittenSymbolRequest()
        let texts = ["", "__name__", "h_count", "job", "a", "Help.", "s", "trace_id", "t1"]
        request.symbols = texts.map { Data($0.utf8) }
        var series = WrittenSymbolSeries()
        series.labels = [3, 4, 1, 2]
        var sample = WrittenSample()
        (sample.value, sample.timestamp, sample.start) = (4, 20, 10)
        series.samples = [sample]
        var exemplar = WrittenSymbolExemplar()
        (exemplar.labels, exemplar.value) = ([7, 8], 0.5)
        series.exemplars = [exemplar]
        series.metadata.kind = .histogram
        (series.metadata.help, series.metadata.unit) = (5, 6)
        request.series = [series]
        let written = try RemoteWriteReader.read(
            request.serializedBytes(), .v2, limits: Self.limits()
        )
        #expect(written.batch.series == [Labels(["__name__": "h_count", "job": "a"])])
        #expect(written.batch.samples[0].startTime == Timestamp(milliseconds: 10))
        let taken = try #require(written.batch.exemplars.first?.exemplar)
        #expect(taken.labels == Labels(["trace_id": "t1"]) && !taken.hasTime)
        #expect(taken.time == Timestamp(milliseconds: 20))
        #expect(
            written.batch.metadata
                == ["h": MetricMetadata(type: .histogram, help: "Help.", unit: "s")])
    }

    @Test("2.0: references outside of the table are errors of their series")
    func references() throws {
        var request = WrittenSymbolRequest()
        request.symbols = ["", "__name__", "x"].map { Data($0.utf8) }
        func series(_ labels: [UInt32], help: UInt32 = 0, samples: Int = 1) -> WrittenSymbolSeries {
            var series = WrittenSymbolSeries()
            series.labels = labels
            series.samples = Array(repeating: WrittenSample(), count: samples)
            series.metadata.help = help
            return series
        }
        request.series = [
            series([1]), series([1, 3]), series([1, 2], help: 9), series([1, 2], samples: 0),
            series([1, 2]),
        ]
        let written = try RemoteWriteReader.read(
            request.serializedBytes(), .v2, limits: Self.limits())
        #expect(written.batch.samples.count == 1)
        #expect(
            written.refusals.texts == [
                "parsing labels for series [1]: invalid labelRefs length 1",
                "parsing labels for series [1 3]: labelRefs 1 (name) = 3 (value) outside of "
                    + "symbols table (size 3)",
                "parsing metadata for series [1 2]: metadata help_ref 9 outside of symbols table "
                    + "(size 3)",
                "TimeSeries must contain at least one sample or histogram for series "
                    + #"{__name__="x"}"#,
            ])
    }

    @Test("What is over a limit names it")
    func limits() throws {
        let two = [
            Self.series([("__name__", "x")], [(1, 1), (2, 2)]),
            Self.series([("__name__", "y")], [(1, 1)]),
        ]
        func failure(_ change: (inout PushSettings) -> Void) -> WriteFailure? {
            #expect(throws: WriteFailure.self) { try Self.read(two, Self.limits(change)) }
        }
        let series = try #require(failure { $0.maximumSeriesPerRequest = 1 })
        #expect("\(series)".contains("push.max_series_per_request (1)"))
        let samples = try #require(failure { $0.maximumSamplesPerRequest = 2 })
        #expect("\(samples)".contains("push.max_samples_per_request (2)"))
        var labelled = Self.series([("__name__", "x"), ("a", "b")], [(1, 1)])
        labelled.histograms = [Self.histogram()]
        let labels = try Self.read([labelled], Self.limits { $0.maximumLabels = 1 })
        #expect(labels.refusals.samples == [.labelLimit: 2] && labels.batch.samples.isEmpty)
        #expect(labels.refusals.description.contains("label_limit"))
        let buckets = try Self.read(
            [labelled], Self.limits { $0.maximumBucketsPerHistogram = 2 })
        #expect(buckets.refusals.samples == [.invalidHistogram: 1])
        #expect(buckets.refusals.description.contains("push.max_buckets_per_histogram (2)"))
    }

    @Test("A body of very many empty parts becomes nothing large")
    func emptyParts() throws {
        // Of series, and of labels of one series.
        let count = 1 << 18
        let series = [UInt8](repeating: 0, count: 2 * count).enumerated()
            .map { $0.offset.isMultiple(of: 2) ? UInt8(0x0a) : 0 }
        let failure = #expect(throws: WriteFailure.self) {
            try RemoteWriteReader.read(
                series, .v1, limits: Self.limits { $0.maximumSamplesPerRequest = 10_000 })
        }
        #expect("\(try #require(failure))".contains("push.max_samples_per_request (10000)"))
        let many = try RemoteWriteReader.read(
            Array(series.prefix(2000)), .v1, limits: Self.limits())
        #expect(many.refusals.count == 1000 && many.refusals.texts.count == 10)
        var labels: [UInt8] = [0x0a]
        var length = series.count
        while length > 0x7f {
            labels.append(UInt8(length & 0x7f | 0x80))
            length >>= 7
        }
        labels.append(UInt8(length))
        let wide = try RemoteWriteReader.read(labels + series, .v1, limits: Self.limits())
        #expect(wide.refusals.count == 1 && wide.batch.series.isEmpty)
    }

    @Test("A small request of 2.0 does not become a large one by its references")
    func expansion() throws {
        var request = WrittenSymbolRequest()
        request.symbols = ["__name__", String(repeating: "x", count: 1000)].map { Data($0.utf8) }
        var series = WrittenSymbolSeries()
        series.labels = [0, 1]
        series.samples = [WrittenSample()]
        request.series = Array(repeating: series, count: 10)
        let message: [UInt8] = try request.serializedBytes()
        let all = 10 * 1008
        let taken = try RemoteWriteReader.read(
            message, .v2, limits: Self.limits { $0.maximumBodySize = all })
        #expect(taken.batch.samples.count == 10)
        let failure = #expect(throws: WriteFailure.self) {
            try RemoteWriteReader.read(
                message, .v2, limits: Self.limits { $0.maximumBodySize = all - 1 })
        }
        #expect("\(try #require(failure))".contains("push.max_body_size (\(all - 1) bytes)"))
    }

    @Test("Damaged messages are errors: 60,000 inputs")
    func damage() throws {
        var series = Self.series([("__name__", "x"), ("a", "b")], [(1, 1), (2, 2)])
        series.histograms = [Self.histogram()]
        var request = WrittenRequest()
        request.series = [series, series]
        var symbolic = WrittenSymbolRequest()
        symbolic.symbols = ["", "__name__", "x", "y"].map { Data($0.utf8) }
        var second = WrittenSymbolSeries()
        second.labels = [1, 2, 3, 3]
        second.samples = series.samples
        second.histograms = series.histograms
        second.exemplars = [WrittenSymbolExemplar()]
        second.metadata.kind = .gauge
        symbolic.series = [second, second]
        let originals: [(RemoteWriteVersion, [UInt8])] = [
            (.v1, try request.serializedBytes()), (.v2, try symbolic.serializedBytes()),
        ]
        let limits = Self.limits { $0.maximumSamplesPerRequest = 50 }
        var random = SeededRandom(seed: 42)
        var readable = 0
        for _ in 0..<60_000 {
            let (version, original) = random.pick(originals)
            let bytes = Self.damaged(original, &random)
            guard let written = try? RemoteWriteReader.read(bytes, version, limits: limits) else {
                continue
            }
            readable += 1
            let batch = written.batch
            #expect(batch.samples.count <= 50 && batch.series.count <= 50)
            #expect(batch.samples.allSatisfy { batch.series.indices.contains($0.series) })
            #expect(batch.exemplars.allSatisfy { batch.series.indices.contains($0.series) })
            #expect(batch.samples.compactMap(\.histogram).allSatisfy { Self.isSound($0) })
        }
        // Some of both, or nothing was tested.
        #expect((5_000...55_000).contains(readable))
    }

    private static func isSound(_ histogram: FloatHistogram) -> Bool {
        (try? histogram.validate()) != nil
    }

    private static func damaged(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        for _ in 0...random.below(3) {
            let place = random.below(bytes.count)
            switch random.below(4) {
            case 0: bytes[place] = random.byte()
            case 1: bytes[place] ^= 1 << UInt8(random.below(8))
            case 2: bytes.remove(at: place)
            default: bytes.insert(random.byte(), at: place)
            }
        }
        return random.chance(10) ? Array(bytes.prefix(random.below(bytes.count))) : bytes
    }

    @Test(
        "Content types",
        arguments: [
            ("", RemoteWriteVersion.v1), ("application/x-protobuf", .v1),
            ("application/x-protobuf;proto=prometheus.WriteRequest", .v1),
            ("application/x-protobuf;proto=io.prometheus.write.v2.Request", .v2),
            ("application/x-protobuf; proto=io.prometheus.write.v2.Request; a=b", .v2),
            ("application/x-protobuf;proto=other", nil), ("application/json", nil),
            ("application/x-protobuf;proto", nil),
        ] as [(String, RemoteWriteVersion?)])
    func contentTypes(_ header: String, _ version: RemoteWriteVersion?) {
        #expect((try? RemoteWriteVersion.of(contentType: header)) == version)
    }
}
