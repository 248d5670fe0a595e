import Foundation
import Model
import Scrape
import Store
import SwiftProtobuf
import Testing
import WireFormats

@Suite("OTLP: bodies and answers")
struct OTLPBodyTests {
    private static func translate(_ body: OTLPBody) -> OTLPOutcome {
        var sums = OTLPDeltaSums()
        return OTLPTranslator(OTLPSettings()).translate(
            body, sums: &sums, at: Timestamp(milliseconds: 0))
    }

    /// The request of `json` below, in protobuf.
    private static func request() -> OTLPExportRequest {
        func attribute(_ key: String, _ text: String) -> OTLPKeyValue {
            .with {
                $0.key = key
                $0.value.stringValue = text
            }
        }
        var exemplar = OTLPExemplar()
        exemplar.asDouble = 0.25
        exemplar.timeUnixNano = 1_700_000_000_000_000_000
        exemplar.traceID = Data((1...16).map { UInt8($0) })
        exemplar.spanID = Data((0xf1...0xf8).map { UInt8($0) })
        exemplar.filteredAttributes = [attribute("k", "v")]
        var sum = OTLPNumberPoint()
        sum.startTimeUnixNano = 1_699_999_990_000_000_000
        sum.timeUnixNano = 1_700_000_000_000_000_000
        sum.asInt = -3
        sum.attributes = [attribute("http.method", "GET")]
        sum.exemplars = [exemplar]
        var histogram = OTLPExponentialPoint()
        histogram.timeUnixNano = 1_700_000_000_000_000_000
        histogram.count = 4
        histogram.sum = 2.5
        histogram.scale = -1
        histogram.zeroCount = 1
        histogram.positive.offset = -2
        histogram.positive.bucketCounts = [1, 0, 2]
        var request = OTLPExportRequest()
        var resource = OTLPResourceMetrics()
        resource.resource.attributes = [attribute("service.name", "shop"), attribute("a", "b")]
        var scope = OTLPScopeMetrics()
        scope.metrics = [
            .with {
                $0.name = "requests"
                $0.unit = "1"
                $0.sum.isMonotonic = true
                $0.sum.aggregationTemporality = .aggregationTemporalityCumulative
                $0.sum.dataPoints = [sum]
            },
            .with {
                $0.name = "sizes"
                $0.exponentialHistogram.aggregationTemporality = .aggregationTemporalityCumulative
                $0.exponentialHistogram.dataPoints = [histogram]
            },
        ]
        resource.scopeMetrics = [scope]
        request.resourceMetrics = [resource]
        return request
    }

    private static let json = #"""
        {"unknown":{"deep":[1,{"x":null}]},"resourceMetrics":[{"schemaUrl":"u","resource":{"attributes":[
          {"key":"service.name","value":{"stringValue":"shop"}},{"key":"a","value":{"stringValue":"b"}}]},
          "scopeMetrics":[{"scope":{"name":"lib"},"metrics":[
            {"name":"requests","unit":"1","sum":{"isMonotonic":true,"aggregationTemporality":2,"dataPoints":[
              {"startTimeUnixNano":"1699999990000000000","timeUnixNano":1700000000000000000,"asInt":-3,
               "attributes":[{"key":"http.method","value":{"stringValue":"GET"}}],
               "exemplars":[{"asDouble":0.25,"timeUnixNano":"1700000000000000000",
                 "traceId":"0102030405060708090A0b0c0d0e0f10","spanId":"f1f2f3f4f5f6f7f8",
                 "filteredAttributes":[{"key":"k","value":{"stringValue":"v"}}]}]}]}},
            {"name":"sizes","exponentialHistogram":{"aggregationTemporality":2,"dataPoints":[
              {"timeUnixNano":"1700000000000000000","count":4,"sum":2.5,"scale":-1,"zeroCount":"1","min":0,
               "positive":{"offset":-2,"bucketCounts":[1,"0",2]}}]}}]}]}]}
        """#

    @Test("JSON and protobuf say the same")
    func encodings() throws {
        let json = try OTLPBody(
            Array(Self.json.utf8), contentType: "Application/JSON; charset=utf-8")
        let protobuf = try OTLPBody(
            Self.request().serializedBytes(), contentType: "application/x-protobuf")
        #expect(json.encoding == .json && protobuf.encoding == .protobuf)
        let (a, b) = (Self.translate(json), Self.translate(protobuf))
        #expect(a.lines.count == 3 && a.lines == b.lines)
        #expect(a.batch.metadata == b.batch.metadata)
        #expect(a.batch.samples.map(\.time) == b.batch.samples.map(\.time))
        #expect(a.batch.samples.map(\.startTime) == b.batch.samples.map(\.startTime))
        #expect(a.batch.samples.map(\.histogram) == b.batch.samples.map(\.histogram))
        #expect(a.batch.exemplars.map(\.exemplar) == b.batch.exemplars.map(\.exemplar))
        #expect(
            a.batch.exemplars.first?.exemplar.labels
                == Labels([
                    "trace_id": "0102030405060708090a0b0c0d0e0f10", "span_id": "f1f2f3f4f5f6f7f8",
                    "k": "v",
                ]))
        #expect(a.messages.isEmpty && b.messages.isEmpty)
    }

    @Test("What the Python SDK sends is taken whole")
    func python() throws {
        let bytes = try #require(Data(base64Encoded: RecordedOTLP.python))
        let outcome = Self.translate(
            try OTLPBody(Array(bytes), contentType: "application/x-protobuf"))
        #expect(outcome.rejectedPoints == 0 && outcome.messages.isEmpty)
        #expect(
            outcome.lines.filter { !$0.contains("_bucket") } == [
                #"{__name__="http_requests_total", http_method="GET", instance="i-1", job="eu/shop"} 3"#,
                #"{__name__="queue_length", instance="i-1", job="eu/shop"} -2"#,
                #"{__name__="temperature_celsius", instance="i-1", job="eu/shop"} 21.5"#,
                #"{__name__="http_server_duration_milliseconds_sum", instance="i-1", job="eu/shop", route="/"} 333"#,
                #"{__name__="http_server_duration_milliseconds_count", instance="i-1", job="eu/shop", route="/"} 3"#,
                #"{__name__="size_bytes", instance="i-1", job="eu/shop"} {count:3, sum:333, (2.9536522918789982,3.0844216508158815]:1, (29.344129382549475,30.64330498235435]:1, (291.52989049771304,304.4370214406966]:1}"#,
                #"{__name__="target_info", host_name="h1", instance="i-1", job="eu/shop", telemetry_sdk_language="python", telemetry_sdk_name="opentelemetry", telemetry_sdk_version="1.45.2"} 1"#,
            ])
        #expect(outcome.lines.count == 7 + 16)
    }

    @Test("What is no request is refused, with what is wrong")
    func malformed() {
        func error(_ text: String, _ type: String = "application/json") -> String {
            do throws(OTLPError) {
                _ = try OTLPBody(Array(text.utf8), contentType: type)
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(
            error("", "text/plain")
                == #"unsupported content type: "text/plain", supported: [application/json, application/x-protobuf]"#
        )
        #expect(error("", "").hasPrefix(#"unsupported content type: """#))
        #expect(error("{").hasPrefix("the body is no export request in JSON: "))
        #expect(error("[]").hasPrefix("the body is no export request in JSON: "))
        #expect(
            error("\u{0A}\u{7F}", "application/x-protobuf")
                .hasPrefix("the body is no export request in protobuf: "))
        #expect(error("", "application/x-protobuf").isEmpty && error("{}").isEmpty)
    }

    @Test("Nesting has a limit, in known fields and in others")
    func depth() throws {
        var value = OTLPAnyValue()
        value.stringValue = "x"
        for _ in 0..<60 {
            let inner = value
            value = .with { $0.arrayValue.values = [inner] }
        }
        var deep = Self.request()
        deep.resourceMetrics[0].resource.attributes[0].value = value
        let bytes: [UInt8] = try deep.serializedBytes()
        let nested = String(repeating: #"{"a":"#, count: 100_000)
        for (body, type) in [
            (bytes, "application/x-protobuf"),
            (Array(#"{"x":\#(nested)"#.utf8), "application/json"),
            (
                Array(
                    #"{"resourceMetrics":[{"resource":{"attributes":[{"value":"#.utf8)
                    + Array(String(repeating: #"{"arrayValue":{"values":["#, count: 10_000).utf8),
                "application/json"
            ),
        ] {
            #expect(throws: OTLPError.tooDeep) { _ = try OTLPBody(body, contentType: type) }
        }
        #expect("\(OTLPError.tooDeep)".contains("100 levels"))
    }

    @Test("Answers are in the encoding of the request")
    func answers() throws {
        func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
        #expect(OTLPAnswer.taken(rejectedPoints: 0, message: "", encoding: .protobuf).isEmpty)
        #expect(
            text(OTLPAnswer.taken(rejectedPoints: 0, message: "", encoding: .json)) == "{}")
        #expect(
            text(OTLPAnswer.taken(rejectedPoints: 2, message: "why", encoding: .json))
                == #"{"partialSuccess":{"rejectedDataPoints":"2","errorMessage":"why"}}"#)
        let taken = try OTLPExportResponse(
            serializedBytes: OTLPAnswer.taken(
                rejectedPoints: 2, message: "why", encoding: .protobuf))
        #expect(taken.partialSuccess.rejectedDataPoints == 2)
        #expect(taken.partialSuccess.errorMessage == "why")
        #expect(
            text(OTLPAnswer.refused(code: .invalidArgument, message: "why", encoding: .json))
                == #"{"code":3,"message":"why"}"#)
        let refused = try OTLPStatus(
            serializedBytes: OTLPAnswer.refused(
                code: .unavailable, message: "why", encoding: .protobuf))
        #expect(refused.code == 14 && refused.message == "why")
    }
}
