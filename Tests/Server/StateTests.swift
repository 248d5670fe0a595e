import Foundation
import Model
import Scrape
import TestSupport
import Testing

/// Targets, metadata, status pages, federation, health: what is not asked in PromQL.
@Suite struct StateTests {
    private func world() throws -> World {
        let world = try World()
        let body = """
            # HELP jobs_total Jobs done.
            # TYPE jobs_total counter
            jobs_total{kind="a"} 3
            # TYPE load gauge
            load 0.5

            """
        world.daemon.scrapes.ingest(
            RecordedTarget(job: "app", instance: "rec:1"), at: World.now - .seconds(10),
            .body(Array(body.utf8)), duration: 0.25)
        return world
    }

    @Test func targets() async throws {
        let discovered =
            #""discoveredLabels":{"__address__":"app:1","__metrics_path__":"/metrics","__scheme__":"http","__scrape_interval__":"15s","__scrape_timeout__":"10s","job":"app"}"#
        try await world().serve { client in
            let active = try await client.get("/api/v1/targets?state=active").text
            #expect(
                active.contains(
                    "{" + discovered
                        + #","labels":{"instance":"app:1","job":"app","tier":"front"},"scrapePool":"app","scrapeUrl":"http://app:1/metrics","globalUrl":"http://app:1/metrics","lastError":"","lastScrape":"0001-01-01T00:00:00Z","lastScrapeDuration":0,"health":"unknown","scrapeInterval":"15s","scrapeTimeout":"10s"}"#
                ), "\(active)")
            #expect(active.contains(#""lastScrapeDuration":0.25,"health":"up""#))
            #expect(active.hasSuffix(#"],"droppedTargets":[],"droppedTargetCounts":null}}"#))
            try await client.expect(
                "targets", [("state", "dropped")],
                success(
                    #"{"activeTargets":[],"droppedTargets":[{"discoveredLabels":{"__address__":"localhost:2","__metrics_path__":"/metrics","__scheme__":"http","__scrape_interval__":"15s","__scrape_timeout__":"10s","job":"app"},"scrapePool":"app"}],"droppedTargetCounts":{"app":1}}"#
                ))
            try await client.expect(
                "targets", [("scrapePool", "other")],
                success(
                    #"{"activeTargets":[],"droppedTargets":[],"droppedTargetCounts":{"app":1}}"#))
            try await client.expect("scrape_pools", [], success(#"{"scrapePools":["app"]}"#))
        }
    }

    @Test func discovery() async throws {
        try await world().serve { client in
            let source =
                #"{"config":"app","section":"static_configs","index":0,"state":"ok","lastSuccess":"2026-01-05T09:00:00Z","age":0,"lastErrorTime":"0001-01-01T00:00:00Z","lastError":"","groups":1,"targets":2,"looks":0,"failures":0}"#
            let dropped =
                #"{"discoveredLabels":{"__address__":"localhost:2","__metrics_path__":"/metrics","__scheme__":"http","__scrape_interval__":"15s","__scrape_timeout__":"10s","job":"app"},"reason":"relabel_configs[0] drops it"}"#
            try await client.expect(
                "tocsin/discovery", [],
                success(
                    #"{"jobs":[{"scrapePool":"app","sources":["# + source
                        + #"],"activeTargets":2,"limitError":"","failures":[],"droppedTargetCount":1,"droppedTargets":["#
                        + dropped + #"]}],"alertmanagers":[]}"#))
            try await client.expect(
                "tocsin/discovery", [("scrapePool", "other")],
                success(#"{"jobs":[],"alertmanagers":[]}"#))
        }
    }

    @Test func discoveryMetrics() async throws {
        try await world().serve { client in
            let text = try await client.get("/metrics").text
            for line in [
                #"prometheus_sd_discovered_targets{config="app",name="scrape"} 2"#,
                #"prometheus_sd_failed_configs{name="scrape"} 0"#,
                #"prometheus_sd_refresh_failures_total{config="app",mechanism="static",name="scrape"} 0"#,
                #"tocsin_discovery_failing{config="app",index="0",mechanism="static",name="scrape"} 0"#,
            ] {
                #expect(text.contains(line + "\n"), "\(line) in \(text)")
            }
        }
    }

    @Test func relabelSteps() async throws {
        try await world().serve { client in
            try await client.expect(
                "targets/relabel_steps",
                [("scrapePool", "app"), ("labels", #"{"__address__":"x:1"}"#)],
                success(
                    #"{"steps":[{"rule":{"sourceLabels":["__address__"],"separator":";","regex":"localhost:.*","replacement":"$1","action":"drop"},"output":{"__address__":"x:1"},"keep":true},"#
                        + #"{"rule":{"separator":";","regex":"(.*)","targetLabel":"tier","replacement":"front","action":"replace"},"output":{"__address__":"x:1","tier":"front"},"keep":true}]}"#
                ))
            try await client.expect(
                "targets/relabel_steps", [("scrapePool", "x"), ("labels", "{}")], status: 400,
                failure(
                    "bad_data",
                    #"error retrieving scrape config: scrape pool \"x\" not found"#))
            for query in ["", "?scrapePool=app", "?scrapePool=app&labels=%5B1%5D"] {
                #expect(try await client.get("/api/v1/targets/relabel_steps" + query).status == 400)
            }
        }
    }

    @Test func metadata() async throws {
        let jobs = #"{"type":"counter","help":"Jobs done.","unit":""}"#
        let load = #"{"type":"gauge","help":"","unit":""}"#
        let target = #"{"target":{"instance":"rec:1","job":"app"},"#
        try await world().serve { client in
            try await client.expect(
                "metadata", [], success(#"{"jobs_total":[\#(jobs)],"load":[\#(load)]}"#))
            try await client.expect(
                "metadata", [("metric", "load")], success(#"{"load":[\#(load)]}"#))
            try await client.expect(
                "metadata", [("limit", "1"), ("limit_per_metric", "1")],
                success(#"{"jobs_total":[\#(jobs)]}"#))
            try await client.expect("metadata", [("limit", "0")], success("{}"))
            try await client.expect(
                "metadata", [("limit", "x")], status: 400,
                failure("bad_data", "limit must be a number"))
            try await client.expect(
                "targets/metadata", [("metric", "load")],
                success("[" + target + load.dropFirst() + "]"))
            try await client.expect(
                "targets/metadata", [("match_target", #"{job="app"}"#)],
                success(
                    "[" + target + #""metric":"jobs_total","# + jobs.dropFirst() + ","
                        + target + #""metric":"load","# + load.dropFirst() + "]"))
            try await client.expect(
                "targets/metadata", [("match_target", #"{job="x"}"#)], success("[]"))
        }
    }

    @Test func status() async throws {
        try await world().serve { client in
            let configuration = try await client.get("/api/v1/status/config").text
            #expect(
                configuration.hasPrefix(
                    #"{"status":"success","data":{"yaml":"global:\n  scrape_interval: 15s\n"#))
            #expect(configuration.contains(#"password: \u003csecret\u003e"#))
            #expect(!configuration.contains("hush"))
            let flags = try await client.get("/api/v1/status/flags").text
            #expect(flags.contains(#""query.max-samples":"50000000""#))
            #expect(flags.contains(#""query.lookback-delta":"5m""#))
            let build = try await client.get("/api/v1/status/buildinfo").text
            #expect(build.hasPrefix(#"{"status":"success","data":{"version":"3."#))
            let runtime = try await client.get("/api/v1/status/runtimeinfo").text
            #expect(runtime.contains(#""startTime":"2026-01-05T09:00:00Z""#))
            #expect(runtime.contains(#""reloadConfigSuccess":true"#))
            try await client.expect(
                "status/walreplay", [], success(#"{"min":0,"max":0,"current":0}"#))
            try await client.expect(
                "alertmanagers", [],
                success(#"{"activeAlertmanagers":[],"droppedAlertmanagers":[]}"#))
            try await client.expect("notifications", [], success("[]"))
            let features = try await client.get("/api/v1/features").text
            #expect(features.contains(#""promql_functions":{"abs":true,"#))
            #expect(features.contains(#""limitk":false"#))
        }
    }

    @Test func storeStatistics() async throws {
        let world = try World()
        world.append(Labels(["__name__": "a", "x": "1"]), 30, 1)
        world.append(Labels(["__name__": "a", "x": "2"]), 0, 1)
        world.append(Labels(["__name__": "b", "x": "2"]), 0, 1)
        try await world.serve { client in
            try await client.expect(
                "status/tsdb", [("limit", "1")],
                success(
                    #"{"headStats":{"numSeries":3,"numLabelPairs":4,"chunkCount":0,"minTime":1767603570000,"maxTime":1767603600000},"#
                        + #""seriesCountByMetricName":[{"name":"a","value":2}],"labelValueCountByLabelName":[{"name":"__name__","value":2}],"#
                        + #""memoryInBytesByLabelName":[{"name":"__name__","value":3}],"seriesCountByLabelValuePair":[{"name":"__name__=a","value":2}]}"#
                ))
            try await client.expect(
                "status/tsdb", [("limit", "0")], status: 400,
                failure("bad_data", "limit must be a positive number"))
        }
    }

    @Test func federation() async throws {
        let world = try World()
        world.append(Labels(["__name__": "b", "job": "x", "region": "us"]), 20, 1.5)
        world.append(Labels(["__name__": "a", "job": "x", "instance": "i\"1"]), 10, 1e9)
        world.append(Labels(["__name__": "a", "job": "y"]), 400, 1)
        world.append(Labels(["__name__": "gone"]), 10, 1)
        world.append(Labels(["__name__": "gone"]), 5, SampleValue.stale)
        world.append(Labels(["job": "nameless"]), 0, 1)
        try await world.serve { client in
            let answer = try await client.get(
                "/federate?match[]=%7Bjob=~%22.%2B%22%7D&match[]=a&match[]=gone")
            #expect(
                answer.text == """
                    # TYPE a untyped
                    a{instance="i\\"1",job="x",region="eu"} 1e+09 1767603590000
                    # TYPE b untyped
                    b{job="x",region="us",instance=""} 1.5 1767603580000

                    """)
            #expect(answer.headers["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
            #expect(try await client.get("/federate").text.isEmpty)
            #expect(try await client.get("/federate?match[]=%7B").status == 400)
        }
    }

    @Test func crossOrigin() async throws {
        let headers = [("Origin", "http://grafana.example")]
        try await world().serve { client in
            let options = try await client.ask("OPTIONS", "/api/v1/query", headers: headers)
            #expect(options.status == 204)
            #expect(options.headers["access-control-allow-origin"] == "*")
            #expect(options.headers["access-control-allow-methods"] == "GET, POST, OPTIONS")
            #expect(
                options.headers["access-control-allow-headers"]
                    == "Accept, Authorization, Content-Type, Origin")
            #expect(options.headers["access-control-expose-headers"] == "Date")
            #expect(options.headers["vary"] == "Origin")
            let query = try await client.ask("GET", "/api/v1/query?query=1", headers: headers)
            #expect(query.headers["access-control-allow-origin"] == "*")
            let plain = try await client.get("/api/v1/query?query=1")
            #expect(plain.headers["access-control-allow-origin"] == nil)
        }
        try await World("  web: {cors_origin: 'http://.*[.]example'}\n").serve { client in
            let friend = try await client.ask("GET", "/api/v1/query?query=1", headers: headers)
            #expect(friend.headers["access-control-allow-origin"] == "http://grafana.example")
            let other = try await client.ask(
                "GET", "/api/v1/query?query=1", headers: [("Origin", "http://evil.test")])
            #expect(other.status == 200)
            #expect(other.headers["access-control-allow-origin"] == nil)
        }
    }

    /// What is shown is what was loaded; what a reload leaves for a restart is named beside it.
    @Test func aReloadSaysWhatItRefusesAndWhatWaits() async throws {
        let world = try World("  metrics_prefix: one\n")
        try await world.serve { client in
            let before = try await client.get("/api/v2/status").text
            world.write("/a.tmpl", "{{ define")
            world.write("/notifiers.yml", World.nobody + "templates: [/*.tmpl]\n")
            let refused = try await client.ask("POST", "/-/reload")
            #expect(refused.status == 500)
            #expect(
                refused.text.hasPrefix(
                    "failed to reload config: /a.tmpl:1:1: error: failed to parse templates: "
                        + "template: a.tmpl:1:"))
            #expect(try await client.get("/api/v2/status").text == before)
            let shown = try await client.get("/api/v1/status/config").text
            #expect(!shown.contains("restartRequired"))

            world.write("/a.tmpl", "")
            world.write(
                "/tocsin.yml",
                World.configuration
                    + "\ntocsin: {notifiers: /notifiers.yml, metrics_prefix: two}\n")
            #expect(try await client.ask("POST", "/-/reload").status == 200)
            let status = try await client.get("/api/v2/status").text
            #expect(status.contains("*.tmpl"))
            let waiting = try await client.get("/api/v1/status/config").text
            #expect(
                waiting.contains(
                    #""restartRequired":[{"setting":"tocsin.metrics_prefix","running":"one","#
                        + #""configured":"two"}]"#))
        }
    }

    @Test func healthAndUnknownPaths() async throws {
        try await world().serve { (client: Client) async throws in
            #expect(try await client.get("/-/healthy").status == 200)
            // The daemon of these tests was never started.
            #expect(try await client.get("/-/ready").status == 503)
            #expect(try await client.get("/api/v1/nothing").status == 404)
            #expect(try await client.ask("DELETE", "/api/v1/query").status >= 400)
            let admin = try await client.ask("POST", "/api/v1/admin/tsdb/snapshot")
            #expect(admin.status == 503)
            #expect(admin.text == failure("unavailable", "admin APIs disabled"))
            #expect(try await client.ask("POST", "/-/reload").status == 200)
        }
    }
}
