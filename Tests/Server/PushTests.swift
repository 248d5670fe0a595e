import Daemon
import Model
import PromQL
import TestSupport
import Testing

@Suite("Push as to a Pushgateway")
struct PushTests {
    private static let on = "  push: {enabled: true}\n"

    @Test("It is off unless it is turned on")
    func off() async throws {
        try await World().serve { client in
            let answer = try await client.post("/metrics/job/a", "a 1\n", type: nil, method: "PUT")
            #expect(answer.status == 404 && answer.text.contains("tocsin.push.enabled"))
            #expect(try await client.get("/api/v1/metrics").status == 404)
        }
    }

    @Test("What is pushed is committed with the time of the push, until it is deleted")
    func pushed() async throws {
        let world = try World(PushTests.on)
        try await world.serve { client in
            let body = "# HELP a Help.\n# TYPE a gauge\na{job=\"mine\",x=\"1\"} 3.5\n"
            let answer = try await client.post(
                "/metrics/job/batch/instance/i1", body, type: nil, method: "PUT")
            #expect(answer.status == 200 && answer.text.isEmpty)
            await world.daemon.pushes.commit(at: World.now)
            try await client.expect(
                "query", [("query", "a"), ("time", "2026-01-05T09:00:00Z")],
                success(
                    #"{"resultType":"vector","result":[{"metric":{"__name__":"a","instance":"i1","#
                        + #""job":"batch","x":"1"},"value":[1767603600,"3.5"]}]}"#))
            try await client.expect(
                "query", [("query", "push_time_seconds - push_failure_time_seconds")],
                success(
                    #"{"resultType":"vector","result":[{"metric":{"instance":"i1","job":"batch"},"#
                        + #""value":[1767603600,"1767603600"]}]}"#))
            #expect(
                try await client.ask("DELETE", "/metrics/job/batch/instance/i1").status == 202)
            await world.daemon.pushes.commit(at: World.now + Milliseconds(1))
            #expect(
                try await client.get("/api/v1/query?query=a&time=1767603600.001").text
                    == success(#"{"resultType":"vector","result":[]}"#))
        }
    }

    @Test("The list of groups is Pushgateway's")
    func list() async throws {
        try await World(PushTests.on).serve { client in
            let body =
                "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n"
            _ = try await client.post("/metrics/job/b", body, type: nil)
            let stamp = #""time_stamp":"2026-01-05T09:00:00Z""#
            let labels = #""labels":{"instance":"","job":"b"}"#
            try await client.expect(
                "metrics", [],
                success(
                    #"[{"labels":{"job":"b"},"last_push_successful":true,"h":{\#(stamp),"#
                        + #""type":"HISTOGRAM","metrics":[{\#(labels),"buckets":{"1":"1","+Inf":"2"},"#
                        + #""count":"2","sum":"3"}]},"push_failure_time_seconds":{\#(stamp),"#
                        + #""type":"GAUGE","help":"Last Unix time when changing this group in the Pushgateway failed.","#
                        + #""metrics":[{\#(labels),"value":"0"}]},"push_time_seconds":{\#(stamp),"#
                        + #""type":"GAUGE","help":"Last Unix time when changing this group in the Pushgateway succeeded.","#
                        + #""metrics":[{\#(labels),"value":"1.7676036e+09"}]}}]"#))
        }
    }

    @Test("Wiping needs its setting")
    func wipe() async throws {
        try await World(PushTests.on).serve { client in
            let answer = try await client.ask("PUT", "/api/v1/admin/wipe")
            #expect(answer.status == 404 && answer.text.contains("enable_admin_api"))
        }
        try await World("  push: {enabled: true, enable_admin_api: true}\n").serve { client in
            _ = try await client.post("/metrics/job/b", "a 1\n", type: nil)
            #expect(try await client.ask("PUT", "/api/v1/admin/wipe").status == 202)
            try await client.expect("metrics", [], success("[]"))
        }
    }

    @Test("Bodies over the limit, and those that cannot be read, are refused")
    func refusals() async throws {
        try await World("  push: {enabled: true, max_body_size: 10B}\n").serve { client in
            let large = try await client.post("/metrics/job/b", "abcdefghijk 1\n", type: nil)
            #expect(large.status == 413 && large.text.contains("push.max_body_size"))
            let odd = try await client.post("/metrics/job/b", "a b\n", type: nil)
            #expect(odd.status == 400)
            let stamped = try await client.post("/metrics/job/b", "a 1 1\n", type: nil)
            #expect(
                stamped.text == "pushed metrics are invalid or inconsistent with existing metrics: "
                    + "pushed metrics must not have timestamps\n")
            #expect(try await client.ask("PATCH", "/metrics/job/b").status == 405)
        }
    }
}
