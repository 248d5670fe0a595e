import Compression
import Foundation
import Model
import SwiftProtobuf
import TestSupport
import Testing
import WireFormats

@Suite("OTLP is taken")
struct OTLPTests {
    static let path = "/api/v1/otlp/v1/metrics"
    private static let on = "  push: {enabled: true}\n"
    private static let protobuf = [("Content-Type", "application/x-protobuf")]
    private static let json = [("Content-Type", "application/json")]

    /// A gauge, a monotonic sum, and where wanted one of delta temporality.
    private static func request(
        delta: Bool = false, padding: String = "", at time: Timestamp = World.now
    ) -> OTLPExportRequest {
        var metrics = [OTLPMetric(), OTLPMetric()]
        metrics[0].name = "queue.depth"
        metrics[0].gauge.dataPoints = [point(7, time)]
        metrics[1].name = "events"
        metrics[1].sum.isMonotonic = true
        metrics[1].sum.aggregationTemporality = .aggregationTemporalityCumulative
        metrics[1].sum.dataPoints = [point(3, time)]
        if delta {
            var metric = metrics[1]
            metric.name = "steps"
            metric.sum.aggregationTemporality = .aggregationTemporalityDelta
            metrics.append(metric)
        }
        var scope = OTLPScopeMetrics()
        scope.metrics = metrics
        var resource = OTLPResourceMetrics()
        resource.resource.attributes = [
            attribute("service.name", "app"), attribute("padding", padding),
        ]
        resource.scopeMetrics = [scope]
        var request = OTLPExportRequest()
        request.resourceMetrics = [resource]
        return request
    }

    private static func point(_ value: Double, _ time: Timestamp) -> OTLPNumberPoint {
        var point = OTLPNumberPoint()
        point.asDouble = value
        point.timeUnixNano = UInt64(clamping: time.milliseconds) * 1_000_000
        return point
    }

    private static func attribute(_ key: String, _ value: String) -> OTLPKeyValue {
        var attribute = OTLPKeyValue()
        attribute.key = key
        attribute.value.stringValue = value
        return attribute
    }

    private static func expectSamples(_ client: Client) async throws {
        try await client.expect(
            "query",
            [
                ("query", #"queue_depth{job="app"} * on (job) events_total"#),
                ("time", "1767603600"),
            ],
            success(
                #"{"resultType":"vector","result":[{"metric":{"job":"app"},"#
                    + #""value":[1767603600,"21"]}]}"#))
    }

    @Test("It is off unless it is turned on")
    func off() async throws {
        let body: [UInt8] = try Self.request().serializedBytes()
        try await World().serve { client in
            let answer = try await client.send(Self.path, body, headers: Self.protobuf)
            #expect(answer.status == 404)
            let text = try OTLPStatus(serializedBytes: answer.body).message
            #expect(text.contains("--web.enable-otlp-receiver"))
            #expect(text.contains("tocsin.push.enabled"))
            #expect(try await client.get(Self.path).status == 405)
        }
    }

    @Test("Protobuf: samples can be queried, and the answer is an empty message of protobuf")
    func protobuf() async throws {
        let body: [UInt8] = try Self.request().serializedBytes()
        try await World(Self.on).serve { client in
            let answer = try await client.send(Self.path, body, headers: Self.protobuf)
            #expect(answer.status == 200 && answer.body.isEmpty)
            #expect(answer.headers["content-type"] == "application/x-protobuf")
            try await Self.expectSamples(client)
            let metrics = try await client.get("/metrics").text
            #expect(metrics.contains(#"tocsin_write_requests_total{protocol="otlp"} 1"#))
        }
    }

    @Test(
        "JSON: samples can be queried, and the answer is JSON", arguments: ["", "; charset=utf-8"])
    func json(parameter: String) async throws {
        let body: [UInt8] = try Self.request().jsonUTF8Bytes()
        try await World(Self.on).serve { client in
            let answer = try await client.send(
                Self.path, body, headers: [("Content-Type", "application/json" + parameter)])
            #expect(answer.status == 200 && answer.text == "{}")
            #expect(answer.headers["content-type"] == "application/json")
            try await Self.expectSamples(client)
        }
    }

    @Test("gzip is read, other compressions are 415")
    func compression() async throws {
        let body: [UInt8] = try Self.request().serializedBytes()
        try await World(Self.on).serve { client in
            let answer = try await client.send(
                Self.path, try GzipStream().compress(body, isLast: true),
                headers: Self.protobuf + [("Content-Encoding", "gzip")])
            #expect(answer.status == 200)
            try await Self.expectSamples(client)
            let other = try await client.send(
                Self.path, body, headers: Self.protobuf + [("Content-Encoding", "zstd")])
            #expect(other.status == 415)
            #expect(
                try OTLPStatus(serializedBytes: other.body).message
                    == #"unsupported compression: zstd. Only "gzip" or no compression supported"#)
            let none = try await client.send(
                Self.path, body, headers: Self.protobuf + [("Content-Encoding", "gzip")])
            #expect(none.status == 400)
            #expect(
                try OTLPStatus(serializedBytes: none.body).message
                    .hasPrefix("the body is no gzip: "))
        }
    }

    @Test("A sum of delta temporality is refused, and costs no other data point")
    func partialSuccess() async throws {
        let request = Self.request(delta: true)
        try await World(Self.on).serve { client in
            let answer = try await client.send(
                Self.path, request.serializedBytes(), headers: Self.protobuf)
            #expect(answer.status == 200)
            let partial = try OTLPExportResponse(serializedBytes: answer.body).partialSuccess
            #expect(partial.rejectedDataPoints == 1)
            #expect(partial.errorMessage.contains("steps"), "\(partial.errorMessage)")
            try await Self.expectSamples(client)
        }
        try await World(Self.on).serve { client in
            let answer = try await client.send(
                Self.path, request.jsonUTF8Bytes(), headers: Self.json)
            #expect(answer.status == 200)
            #expect(answer.text.contains(#""partialSuccess":{"rejectedDataPoints":"1","#))
            try await Self.expectSamples(client)
        }
    }

    @Test("Another Content-Type is 415", arguments: ["", "text/plain", "application/protobuf"])
    func contentType(type: String) async throws {
        let body: [UInt8] = try Self.request().serializedBytes()
        try await World(Self.on).serve { client in
            let answer = try await client.send(
                Self.path, body, headers: type.isEmpty ? [] : [("Content-Type", type)])
            #expect(answer.status == 415)
            #expect(
                answer.text
                    == "unsupported content type: \"\(type)\", supported: "
                    + "[application/json, application/x-protobuf]\n")
        }
    }

    @Test("A body that cannot be read is 400, with a Status in the encoding of the request")
    func unreadable() async throws {
        try await World(Self.on).serve { client in
            let protobuf = try await client.send(
                Self.path, Array("no protobuf".utf8), headers: Self.protobuf)
            #expect(protobuf.status == 400)
            #expect(protobuf.headers["content-type"] == "application/x-protobuf")
            let status = try OTLPStatus(serializedBytes: protobuf.body)
            #expect(status.code == 3)
            #expect(status.message.hasPrefix("the body is no export request in protobuf: "))
            let json = try await client.send(Self.path, Array("{".utf8), headers: Self.json)
            #expect(json.status == 400)
            #expect(json.headers["content-type"] == "application/json")
            let text = try OTLPStatus(jsonUTF8Bytes: json.body)
            #expect(text.code == 3)
            #expect(text.message.hasPrefix("the body is no export request in JSON: "))
            let metrics = try await client.get("/metrics").text
            #expect(metrics.contains(#"tocsin_write_requests_failed_total{protocol="otlp"} 2"#))
        }
    }

    @Test("A body over the limit is 413, compressed or not, and names the limit")
    func tooLarge() async throws {
        let body: [UInt8] = try Self.request(padding: String(repeating: "x", count: 4000))
            .serializedBytes()
        try await World("  push: {enabled: true, max_body_size: 2KB}\n").serve { client in
            for (bytes, encoding) in [
                (body, "identity"), (try GzipStream().compress(body, isLast: true), "gzip"),
            ] {
                let answer = try await client.send(
                    Self.path, bytes, headers: Self.protobuf + [("Content-Encoding", encoding)])
                #expect(answer.status == 413, "\(encoding)")
                let status = try OTLPStatus(serializedBytes: answer.body)
                #expect(status.code == 8)
                #expect(status.message.contains("push.max_body_size (2048 bytes)"))
            }
        }
    }
}
