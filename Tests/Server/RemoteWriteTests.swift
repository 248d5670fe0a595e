import Compression
import Foundation
import Model
import SwiftProtobuf
import TestSupport
import Testing
import WireFormats

@Suite("Remote write is taken")
struct RemoteWriteTests {
    static let path = "/api/v1/write"
    private static let on = "  push: {enabled: true}\n"
    private static let second = [
        ("Content-Type", "application/x-protobuf;proto=io.prometheus.write.v2.Request"),
        ("Content-Encoding", "snappy"),
    ]
    private static let now = World.now.milliseconds

    /// A request of 1.0 with a series of each list of labels, each with the samples.
    private static func request(
        _ series: [KeyValuePairs<String, String>], _ samples: [(Double, Int64)]
    ) throws -> [UInt8] {
        var request = WrittenRequest()
        request.series = series.map { labels in
            var one = WrittenSeries()
            one.labels = labels.map { name, value in
                var label = WrittenLabelPair()
                (label.name, label.value) = (Data(name.utf8), Data(value.utf8))
                return label
            }
            one.samples = samples.map { value, time in
                var sample = WrittenSample()
                (sample.value, sample.timestamp) = (value, time)
                return sample
            }
            return one
        }
        return try Snappy.compress(request.serializedBytes())
    }

    /// A request of 2.0 with one series: a counter with an exemplar, or a native histogram.
    private static func symbols(
        _ change: (inout WrittenSymbolSeries) -> Void
    ) throws -> [UInt8] {
        var request = WrittenSymbolRequest()
        let texts = ["", "__name__", "x_total", "job", "a", "Help.", "trace_id", "t1"]
        request.symbols = texts.map { Data($0.utf8) }
        var series = WrittenSymbolSeries()
        series.labels = [1, 2, 3, 4]
        series.metadata.kind = .counter
        series.metadata.help = 5
        change(&series)
        request.series = [series]
        return try Snappy.compress(request.serializedBytes())
    }

    private static func sample(_ value: Double, _ time: Int64) -> WrittenSample {
        var sample = WrittenSample()
        (sample.value, sample.timestamp) = (value, time)
        return sample
    }

    private static func histogram() -> WrittenHistogram {
        var histogram = WrittenHistogram()
        histogram.countInteger = 3
        histogram.sum = 4
        var span = WrittenSpan()
        span.length = 2
        histogram.positiveSpans = [span]
        histogram.positiveDeltas = [1, 1]
        histogram.timestamp = now
        return histogram
    }

    @Test("It is off unless it is turned on")
    func off() async throws {
        let body = try Self.request([["__name__": "x"]], [(1, Self.now)])
        try await World().serve { client in
            let answer = try await client.send(Self.path, body)
            #expect(answer.status == 404)
            #expect(answer.text.contains("--web.enable-remote-write-receiver"))
            #expect(answer.text.contains("tocsin.push.enabled"))
            #expect(try await client.get(Self.path).status == 405)
        }
    }

    @Test("1.0: samples can be queried, and metadata is shown")
    func first() async throws {
        var request = try WrittenRequest(
            serializedBytes: Snappy.decompress(
                Self.request(
                    [["__name__": "x", "job": "a"], ["__name__": "y", "job": "a"]],
                    [(1, Self.now - 15_000), (2, Self.now)]), limit: 1 << 20))
        var metadata = WrittenFamilyMetadata()
        metadata.kind = .gauge
        (metadata.family, metadata.help) = (Data("x".utf8), Data("What x is.".utf8))
        request.metadata = [metadata]
        let body = try Snappy.compress(request.serializedBytes())
        try await World(Self.on).serve { client in
            let answer = try await client.send(Self.path, body)
            #expect(answer.status == 204 && answer.text.isEmpty)
            #expect(answer.headers["x-prometheus-remote-write-samples-written"] == nil)
            try await client.expect(
                "query", [("query", "sum_over_time(x[1m]) + on (job) y"), ("time", "1767603600")],
                success(
                    #"{"resultType":"vector","result":[{"metric":{"job":"a"},"#
                        + #""value":[1767603600,"5"]}]}"#))
            try await client.expect(
                "metadata", [],
                success(#"{"x":[{"type":"gauge","help":"What x is.","unit":""}]}"#))
            let metrics = try await client.get("/metrics").text
            #expect(metrics.contains(#"tocsin_write_samples_total{protocol="write"} 4"#))
            #expect(metrics.contains(#"tocsin_write_requests_total{protocol="write"} 1"#))
        }
    }

    @Test("2.0: what is written is counted in headers; exemplars and histograms too")
    func secondVersion() async throws {
        let body = try Self.symbols { series in
            series.samples = [Self.sample(1, Self.now - 1000), Self.sample(2, Self.now)]
            var exemplar = WrittenSymbolExemplar()
            (exemplar.labels, exemplar.value, exemplar.timestamp) = ([6, 7], 0.5, Self.now)
            series.exemplars = [exemplar]
        }
        let native = try Self.symbols { series in
            series.labels = [1, 4]
            series.histograms = [Self.histogram()]
        }
        let world = try World("  enable_features: [exemplar-storage]\n" + Self.on)
        try await world.serve { client in
            let answer = try await client.send(Self.path, body, headers: Self.second)
            #expect(answer.status == 204)
            func written(_ answer: HTTPClient.Response) -> [String?] {
                ["samples", "histograms", "exemplars"].map {
                    answer.headers["x-prometheus-remote-write-\($0)-written"]
                }
            }
            #expect(written(answer) == ["2", "0", "1"])
            let second = try await client.send(Self.path, native, headers: Self.second)
            #expect(second.status == 204 && written(second) == ["0", "1", "0"])
            #expect(
                try await client.get("/api/v1/query_exemplars?query=x_total").text
                    .contains(#""trace_id":"t1""#))
            #expect(
                try await client.get("/api/v1/query?query=histogram_count(a)&time=1767603600").text
                    .contains(#""value":[1767603600,"3"]"#))
            try await client.expect(
                "metadata", [("metric", "x_total")],
                success(#"{"x_total":[{"type":"counter","help":"Help.","unit":""}]}"#))
            // A reference outside of the table: the answer says how little was written.
            let wrong = try await client.send(
                Self.path, try Self.symbols { $0.labels = [1, 99] }, headers: Self.second)
            #expect(wrong.status == 400 && written(wrong) == ["0", "0", "0"])
            #expect(wrong.text.contains("outside of symbols table (size 8)"))
        }
    }

    @Test("Good samples stay where others are refused, and the answer is 400")
    func partial() async throws {
        let late = Self.now + 600_001
        let world = try World(Self.on)
        try await world.serve { client in
            let ahead = try await client.send(
                Self.path, Self.request([["__name__": "x"]], [(1, Self.now), (2, late)]))
            #expect(ahead.status == 400)
            #expect(
                ahead.text
                    == "out of bounds: timestamp is too far in the future for series "
                    + "{__name__=\"x\"}\n")
            let old = try await client.send(
                Self.path,
                Self.request(
                    [["__name__": "x"], ["__name__": "y"], ["job": "z"]], [(1, Self.now - 1000)]))
            #expect(old.status == 400)
            #expect(
                old.text
                    == "invalid metric name or labels, got {job=\"z\"}\n"
                    + "out of order sample for series {__name__=\"x\"}\n")
            try await client.expect(
                "query", [("query", "count({__name__=~'x|y'})"), ("time", "1767603600")],
                success(
                    #"{"resultType":"vector","result":[{"metric":{},"value":[1767603600,"2"]}]}"#))
            let metrics = try await client.get("/metrics").text
            for reason in ["out_of_bounds", "out_of_order", "invalid_labels"] {
                let labels = "protocol=\"write\",reason=\"\(reason)\""
                #expect(metrics.contains("tocsin_write_samples_rejected_total{\(labels)} 1\n"))
            }
        }
    }

    /// As Prometheus: what is there already is no error, another value at its time is one, and older
    /// samples are taken within the window only.
    @Test("Repeated, duplicate and late samples", arguments: [false, true])
    func order(hasWindow: Bool) async throws {
        let window = "\nstorage: {tsdb: {out_of_order_time_window: 1m}}"
        let world = try World(Self.on, main: World.configuration + (hasWindow ? window : ""))
        @Sendable func sent(_ value: Double, secondsAgo: Int64) throws -> [UInt8] {
            try Self.request([["__name__": "x"]], [(value, Self.now - secondsAgo * 1000)])
        }
        try await world.serve { client in
            for (value, secondsAgo, status, text) in [
                (1, 30, 204, ""), (1, 30, 204, ""), (2, 30, 400, "duplicate sample"),
                (3, 10, 204, ""), (4, 20, hasWindow ? 204 : 400, "out of order sample"),
                (5, 25, hasWindow ? 204 : 400, "out of order sample"),
                (6, 80, 400, hasWindow ? "too old sample" : "out of order sample"),
            ] as [(Double, Int64, Int, String)] {
                let answer = try await client.send(
                    Self.path, try sent(value, secondsAgo: secondsAgo))
                #expect(answer.status == status, "\(value): \(answer.text)")
                #expect(status == 204 || answer.text.contains(text), "\(value): \(answer.text)")
            }
            let values =
                hasWindow
                ? #"[[1767603570,"1"],[1767603575,"5"],[1767603580,"4"],"# : #"[[1767603570,"1"],"#
            try await client.expect(
                "query", [("query", "x[2m]"), ("time", "1767603600")],
                success(
                    #"{"resultType":"matrix","result":[{"metric":{"__name__":"x"},"values":"#
                        + values + #"[1767603590,"3"]]}]}"#))
        }
    }

    @Test("Other encodings and messages are 415, what cannot be read is 400")
    func refusals() async throws {
        try await World(Self.on).serve { client in
            var time = Self.now
            for (headers, status, text) in [
                (
                    [("Content-Encoding", "gzip")], 415,
                    "gzip encoding (compression) is not accepted by this server; only snappy is "
                        + "acceptable\n"
                ),
                (
                    [("Content-Type", "text/plain")], 415,
                    "expected application/x-protobuf as the first (media) part, got text/plain "
                        + "content-type\n"
                ),
                ([("Content-Encoding", "snappy")], 204, ""), ([], 204, ""),
            ] as [([(String, String)], Int, String)] {
                time += 1
                let body = try Self.request([["__name__": "x"]], [(1, time)])
                let answer = try await client.send(Self.path, body, headers: headers)
                #expect(answer.status == status && answer.text == text, "\(headers)")
            }
            let broken = try await client.send(Self.path, Array("a 1\n".utf8))
            #expect(broken.status == 400 && broken.text == "snappy: corrupt input\n")
            let other = try await client.send(
                Self.path, Snappy.compress(Array("no protobuf".utf8)))
            #expect(other.status == 400)
            let metrics = try await client.get("/metrics").text
            #expect(metrics.contains(#"tocsin_write_requests_failed_total{protocol="write"} 2"#))
        }
    }

    @Test("What is over a limit names it")
    func limits() async throws {
        let large = try Self.request(
            [["__name__": "x", "a": String(repeating: "b", count: 3000)]], [(1, Self.now)])
        let many = try Self.request(
            (0..<5).map { ["__name__": "x", "a": "\($0)"] }, [(1, Self.now)])
        for (setting, body, status, name) in [
            ("max_body_size: 2KB", large, 413, "push.max_body_size (2048 bytes)"),
            ("max_body_size: 100B", large, 413, "push.max_body_size (100 bytes)"),
            ("label_value_length_limit: 2000", large, 400, "label_value_length_limit"),
            ("max_series_per_request: 4", many, 400, "push.max_series_per_request (4)"),
            ("max_samples_per_request: 4", many, 400, "push.max_samples_per_request (4)"),
            ("max_series_per_sender: 4", many, 400, "push.max_series_per_sender (4)"),
            ("label_limit: 1", many, 400, "label_limit"),
        ] {
            try await World("  push: {enabled: true, \(setting)}\n").serve { client in
                let answer = try await client.send(Self.path, body)
                #expect(answer.status == status, "\(setting)")
                #expect(answer.text.contains(name), "\(answer.text)")
            }
        }
    }

    @Test("A sender's limit counts its series, not its samples")
    func senders() async throws {
        try await World("  push: {enabled: true, max_series_per_sender: 2}\n").serve { client in
            for step in 0..<3 {
                let answer = try await client.send(
                    Self.path,
                    Self.request(
                        [["__name__": "x"], ["__name__": "y"]],
                        [(1, Self.now + Int64(step) * 1000)]))
                #expect(answer.status == 204)
            }
            let third = try await client.send(
                Self.path, Self.request([["__name__": "z"]], [(1, Self.now)]))
            #expect(third.status == 400)
            #expect(third.text.contains("127.0.0.1 writes more series than the limit"))
        }
    }

    @Test("Damaged bodies are answered, and a good one is taken after them: 300 inputs")
    func damage() async throws {
        let good = try Self.symbols { series in
            series.samples = [Self.sample(1, Self.now)]
            series.histograms = [Self.histogram()]
        }
        let plain = try Snappy.decompress(good, limit: 1 << 20)
        try await World(Self.on).serve { client in
            var random = SeededRandom(seed: 7)
            for _ in 0..<300 {
                var bytes = random.chance(50) ? good : plain
                let isPacked = bytes == good
                for _ in 0...random.below(3) { bytes[random.below(bytes.count)] = random.byte() }
                let body = isPacked ? bytes : try Snappy.compress(bytes)
                let answer = try await client.send(
                    Self.path, body, headers: random.chance(50) ? Self.second : [])
                #expect([204, 400, 413].contains(answer.status), "\(body)")
            }
            let last = try await client.send(
                Self.path, Self.request([["__name__": "last"]], [(1, Self.now)]))
            #expect(last.status == 204)
        }
    }
}
