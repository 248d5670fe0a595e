import Configuration
import Model
import Scrape
import Store
import Testing

@Suite("OTLP: data points become samples")
struct OTLPTranslationTests {
    @Test("Monotonic sums are counters, others gauges; metadata, start and time go along")
    func sums() throws {
        let point = OTLPRequest.point(
            #""startTimeUnixNano":"1699999990123456789","asInt":"3""#)
        let outcome = try OTLPRequest().outcome(
            OTLPRequest.sum("requests", unit: "1", point),
            OTLPRequest.sum("queue", unit: "By", isMonotonic: false, point),
            OTLPRequest.gauge("level", unit: "m", OTLPRequest.point(#""asDouble":2.5"#)))
        #expect(
            outcome.lines == [
                #"{__name__="requests_total"} 3"#, #"{__name__="queue_bytes"} 3"#,
                #"{__name__="level_meters"} 2.5"#,
            ])
        #expect(
            outcome.batch.metadata == [
                "requests_total": MetricMetadata(type: .counter, help: "Help."),
                "queue_bytes": MetricMetadata(type: .gauge, help: "Help.", unit: "bytes"),
                "level_meters": MetricMetadata(type: .gauge, help: "Help.", unit: "meters"),
            ])
        let first = try #require(outcome.batch.samples.first)
        #expect(first.time == Timestamp(milliseconds: OTLPRequest.seconds * 1000))
        #expect(first.startTime == Timestamp(milliseconds: 1_699_999_990_123))
        #expect(outcome.batch.samples.last?.startTime == nil)
        #expect(outcome.rejectedPoints == 0 && outcome.messages.isEmpty)
    }

    @Test("Nothing recorded is a stale marker, in all series of the point")
    func gaps() throws {
        let gap = #""flags":1"#
        let outcome = try OTLPRequest().outcome(
            OTLPRequest.gauge("g", OTLPRequest.point(gap)),
            OTLPRequest.histogram(
                "h", OTLPRequest.point(#""sum":1,"bucketCounts":[1],\#(gap)"#)),
            OTLPRequest.histogram(
                "e", kind: "exponentialHistogram", OTLPRequest.point(#""count":5,\#(gap)"#)))
        #expect(outcome.lines.count == 5)
        #expect(outcome.lines.allSatisfy { $0.hasSuffix(" stale") })
        #expect(outcome.batch.samples.allSatisfy { $0.histogram == nil })
    }

    @Test("job and instance come of the service, and attributes do not get in their way")
    func identity() throws {
        func labels(_ resource: KeyValuePairs<String, String>) throws -> Labels? {
            let request = OTLPRequest { $0.resource = OTLPRequest.attributes(resource) }
            let attributes = OTLPRequest.attributes(["job": "mine", "__name__": "x"])
            return try request.outcome(
                OTLPRequest.gauge(
                    "m", OTLPRequest.point(#""asInt":1,"attributes":[\#(attributes)]"#))
            ).batch.series.first
        }
        #expect(
            try labels(["service.name": "shop", "service.instance.id": "i"])
                == Labels(["__name__": "m", "job": "shop", "instance": "i"]))
        #expect(
            try labels(["service.name": "shop", "service.namespace": "eu"])
                == Labels(["__name__": "m", "job": "eu/shop"]))
        #expect(
            try labels(["service.namespace": "eu"]) == Labels(["__name__": "m", "job": "mine"]))
    }

    @Test("Resource attributes are promoted as the settings say, behind those of the data point")
    func promotion() throws {
        func labels(_ promotion: OTLPConfiguration.Promotion) throws -> Labels? {
            let request = OTLPRequest {
                $0.resource = OTLPRequest.attributes([
                    "host.name": "h", "os.type": "linux", "a": "r",
                ])
                $0.settings.configuration.promotion = promotion
            }
            let attributes = OTLPRequest.attributes(["a": "p"])
            return try request.outcome(
                OTLPRequest.gauge(
                    "m", OTLPRequest.point(#""asInt":1,"attributes":[\#(attributes)]"#))
            ).batch.series.first?.droppingName
        }
        #expect(try labels(.only([])) == Labels(["a": "p"]))
        #expect(try labels(.only(["host.name", "a"])) == Labels(["a": "p", "host_name": "h"]))
        #expect(
            try labels(.allExcept(["host.name"])) == Labels(["a": "p", "os_type": "linux"]))
    }

    @Test("A scope with a name becomes labels where it is asked for")
    func scopes() throws {
        func labels(_ scope: String, promotes: Bool = true) throws -> Labels? {
            let request = OTLPRequest {
                $0.scope = scope
                $0.schemaURL = "https://x/1"
                $0.settings.configuration.promotesScopeMetadata = promotes
            }
            return try request.outcome(OTLPRequest.gauge("m", OTLPRequest.point(#""asInt":1"#)))
                .batch.series.first?.droppingName
        }
        let attributes = OTLPRequest.attributes(["a.b": "c"])
        let scope = #"{"name":"lib","version":"2","attributes":[\#(attributes)]}"#
        #expect(
            try labels(scope)
                == Labels([
                    "otel_scope_name": "lib", "otel_scope_version": "2",
                    "otel_scope_schema_url": "https://x/1", "otel_scope_a_b": "c",
                ]))
        #expect(try labels(scope, promotes: false) == .empty)
        #expect(try labels(#"{"version":"2"}"#) == .empty)
    }

    @Test("Types and units become labels where the feature flag asks for it")
    func typeAndUnitLabels() throws {
        let request = OTLPRequest { $0.settings.addsTypeAndUnitLabels = true }
        let outcome = try request.outcome(
            OTLPRequest.sum("c", unit: "By/s", OTLPRequest.point(#""asInt":1"#)),
            OTLPRequest.histogram("h", OTLPRequest.point(#""count":"0""#)))
        #expect(
            outcome.lines == [
                #"{__name__="c_bytes_per_second_total", __type__="counter", __unit__="bytes_per_second"} 1"#,
                #"{__name__="h_count", __type__="histogram"} 0"#,
                #"{__name__="h_bucket", __type__="histogram", le="+Inf"} 0"#,
            ])
    }

    @Test("Summaries are a sum, a count and quantiles")
    func summaries() throws {
        let point = OTLPRequest.point(
            #""count":"4","sum":10,"quantileValues":[{"quantile":0.5,"value":2},{"quantile":1,"value":4}]"#
        )
        let outcome = try OTLPRequest().outcome(
            OTLPRequest.metric("s", "s", #""summary":{"dataPoints":[\#(point)]}"#))
        #expect(
            outcome.lines == [
                #"{__name__="s_seconds_sum"} 10"#, #"{__name__="s_seconds_count"} 4"#,
                #"{__name__="s_seconds", quantile="0.5"} 2"#,
                #"{__name__="s_seconds", quantile="1"} 4"#,
            ])
        #expect(outcome.batch.metadata["s_seconds"]?.type == .summary)
    }

    @Test(
        "Exemplars have the IDs of their traces, and attributes as long as these are short enough")
    func exemplars() throws {
        func exemplar(_ rest: String) throws -> Exemplar? {
            let point = OTLPRequest.point(#""asInt":1,"exemplars":[{\#(rest)}]"#)
            let outcome = try OTLPRequest().outcome(OTLPRequest.sum("m", point))
            #expect(outcome.batch.exemplars.allSatisfy { $0.series == 0 })
            return outcome.batch.exemplars.first?.exemplar
        }
        let trace = #""traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"B7AD6B7169203331""#
        let ids = Labels(
            ["trace_id": "0af7651916cd43dd8448eb211c80319c", "span_id": "b7ad6b7169203331"])
        let full = try #require(
            try exemplar(
                #"\#(trace),"asDouble":0.5,"timeUnixNano":"1700000001000000000","filteredAttributes":[\#(OTLPRequest.attributes(["a.b": "c"]))]"#
            ))
        #expect(full.labels == ids.setting("a.b", "c"))
        #expect(full.value == 0.5 && full.hasTime)
        #expect(full.time == Timestamp(milliseconds: 1_700_000_001_000))
        let long = OTLPRequest.attributes(["a": String(repeating: "x", count: 65)])
        #expect(
            try exemplar(#"\#(trace),"asInt":"2","filteredAttributes":[\#(long)]"#)?.labels == ids)
        let untimed = try exemplar(#""asInt":2"#)
        #expect(untimed?.hasTime == false && untimed?.labels == .empty)
        #expect(untimed?.time == Timestamp(milliseconds: OTLPRequest.seconds * 1000))
        #expect(try exemplar(trace) == nil)
        #expect(
            try exemplar(#""asInt":1,"traceId":"0af7","spanId":"zzzzzzzzzzzzzzzz""#)?.labels
                == .empty)
    }

    @Test("What cannot be stored is counted and named, and costs nothing else")
    func partialSuccess() throws {
        let good = OTLPRequest.point(#""asInt":1"#)
        let outcome = try OTLPRequest().outcome(
            OTLPRequest.gauge("a", #"{"asInt":1}"#, good),
            OTLPRequest.sum("b", temporality: 0, good, good),
            OTLPRequest.metric("c", "", #""gauge":{}"#), OTLPRequest.gauge("d", good))
        #expect(outcome.lines == [#"{__name__="a"} 1"#, #"{__name__="d"} 1"#])
        #expect(outcome.rejectedPoints == 3)
        #expect(
            outcome.messages == [
                "a data point has no time",
                #"invalid temporality and type combination for metric "b""#,
                "empty data points. c is dropped",
            ])
        #expect(outcome.batch.metadata.keys.sorted() == ["a", "d"])
    }

    @Test("Each limit refuses what is beyond it, by its name")
    func limits() throws {
        func messages(_ change: (inout OTLPLimits) -> Void, _ metrics: String) throws -> [String] {
            let outcome = try OTLPRequest { change(&$0.settings.limits) }.outcome(metrics)
            #expect(outcome.rejectedPoints == 1 && outcome.batch.samples.count == 1)
            return outcome.messages
        }
        let good = OTLPRequest.point(#""asInt":1"#)
        let labelled = OTLPRequest.point(
            #""asInt":1,"attributes":[\#(OTLPRequest.attributes(["a": "1", "b": "2"]))]"#)
        let two = OTLPRequest.gauge("m", good, labelled)
        #expect(
            try messages({ $0.labels = 1 }, two)
                == ["2 attributes are more than push.label_limit (1) allows"])
        #expect(
            try messages({ $0.labels = 2 }, two)
                == [#"a series of "m" has 3 labels, more than push.label_limit (2) allows"#])
        #expect(
            try messages({ $0.series = 1 }, two).first?.contains("push.max_series_per_request (1)")
                == true)
        #expect(
            try messages({ $0.samples = 1 }, two).first?.contains(
                "push.max_samples_per_request (1)")
                == true)
        let buckets = OTLPRequest.histogram(
            "h", kind: "exponentialHistogram",
            OTLPRequest.point(#""count":2,"positive":{"bucketCounts":[1,1]}"#),
            OTLPRequest.point(#""count":1,"positive":{"bucketCounts":[1]}"#))
        #expect(
            try messages({ $0.buckets = 1 }, buckets) == [
                #"a histogram of metric "h" has 2 buckets, more than push.max_buckets_per_histogram (1) allows"#
            ])
    }

    @Test("Beyond a limit of the request nothing more is taken, and what was before it is")
    func end() throws {
        let point = OTLPRequest.point(#""asInt":1"#)
        let outcome = try OTLPRequest { $0.settings.limits.series = 2 }.outcome(
            OTLPRequest.gauge("a", point), OTLPRequest.gauge("b", point),
            OTLPRequest.gauge("c", point), OTLPRequest.gauge("a", point))
        #expect(outcome.lines == [#"{__name__="a"} 1"#, #"{__name__="b"} 1"#])
        #expect(outcome.rejectedPoints == 2 && outcome.messages.count == 1)
    }

    @Test("A NaN of a sender's has no meaning but NaN and the stale marker")
    func nans() throws {
        let outcome = try OTLPRequest().outcome(
            OTLPRequest.gauge("m", OTLPRequest.point(#""asDouble":"NaN""#)))
        #expect(outcome.batch.samples.first?.value.bitPattern == SampleValue.nanBits)
    }
}
