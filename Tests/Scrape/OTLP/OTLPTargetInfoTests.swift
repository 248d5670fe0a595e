import Model
import Scrape
import Store
import Testing

@Suite("OTLP: target_info")
struct OTLPTargetInfoTests {
    private func samples(
        _ resource: KeyValuePairs<String, String>, times: [Int64] = [0],
        _ change: (inout OTLPSettings) -> Void = { _ in }
    ) throws -> [(labels: Labels, seconds: Int64)] {
        let request = OTLPRequest {
            $0.resource = OTLPRequest.attributes(resource)
            change(&$0.settings)
        }
        let points = times.map {
            #"{"asInt":1,"timeUnixNano":"\#(OTLPRequest.seconds + $0)000000000"}"#
        }
        let outcome = try request.outcome(
            OTLPRequest.metric(
                "m", "", #""gauge":{"dataPoints":[\#(points.joined(separator: ","))]}"#))
        #expect(outcome.rejectedPoints == 0)
        return outcome.batch.samples.compactMap { sample in
            let labels = outcome.batch.series[sample.series]
            guard labels.metricName == "target_info" else { return nil }
            #expect(sample.value == 1 && sample.startTime == nil)
            #expect(
                outcome.batch.metadata["target_info"]
                    == MetricMetadata(type: .gauge, help: "Target metadata"))
            return (labels, sample.time.milliseconds / 1000 - OTLPRequest.seconds)
        }
    }

    @Test("It has the attributes that do not identify the service")
    func labels() throws {
        let resource: KeyValuePairs = [
            "service.name": "shop", "service.instance.id": "i", "host.name": "h",
        ]
        let expected = Labels([
            "__name__": "target_info", "job": "shop", "instance": "i", "host_name": "h",
        ])
        #expect(try samples(resource).map(\.labels) == [expected])
        #expect(
            try samples(resource) { $0.configuration.keepsIdentifyingResourceAttributes = true }
                .map(\.labels)
                == [
                    expected.setting("service_name", "shop").setting("service_instance_id", "i")
                ])
        // Promotion is of other series.
        #expect(
            try samples(resource) { $0.configuration.promotion = .allExcept([]) }.map(\.labels)
                == [expected])
    }

    @Test("There is none without identity, or with nothing else to say")
    func none() throws {
        #expect(try samples(["host.name": "h"]).isEmpty)
        #expect(try samples(["service.name": "shop", "service.instance.id": "i"]).isEmpty)
        #expect(try samples([:]).isEmpty)
    }

    @Test("Its samples are half a lookback apart, from the first data point to the last")
    func times() throws {
        let resource: KeyValuePairs = ["service.name": "shop", "a": "b"]
        #expect(try samples(resource, times: [5]).map(\.seconds) == [5])
        #expect(try samples(resource, times: [400, 0, 20]).map(\.seconds) == [0, 150, 300, 400])
        #expect(try samples(resource, times: [0, 300]).map(\.seconds) == [0, 150, 300])
        #expect(
            try samples(resource, times: [0, 60]) { $0.lookbackDelta = .minutes(1) }.map(\.seconds)
                == [0, 30, 60])
        #expect(
            try samples(resource, times: [0, 1500]) { $0.limits.targetInfoSamples = 3 }
                .map(\.seconds) == [1200, 1350, 1500])
    }

    @Test("Resources that say the same say it once")
    func repeated() throws {
        let resource =
            #"{"resource":{"attributes":[\#(OTLPRequest.attributes(["service.name": "s", "a": "b"]))]},"scopeMetrics":[{"metrics":[\#(OTLPRequest.gauge("m", OTLPRequest.point(#""asInt":1"#)))]}]}"#
        let body = try OTLPBody(
            Array(#"{"resourceMetrics":[\#(resource),\#(resource)]}"#.utf8),
            contentType: "application/json")
        var sums = OTLPDeltaSums()
        let outcome = OTLPTranslator(OTLPSettings()).translate(
            body, sums: &sums, at: Timestamp(milliseconds: 0))
        #expect(outcome.lines.filter { $0.contains("target_info") }.count == 1)
        #expect(outcome.dataLines.count == 2)
    }
}
