import Foundation
import TestSupport
import Testing

/// Debian's Prometheus and this program scrape the same OpenMetrics and are asked for its samples, its
/// metadata and its exemplars.
///
/// Samples and exemplars have times of their own, so that both hold the same. Prometheus is 2.42, which
/// does not write bounds one way, knows no UTF-8 names and refuses exemplars of gauges: there are none in
/// what is scraped.
struct OpenMetricsPeerTests {
    private static let prometheus = "/usr/bin/prometheus"

    private static func exposition(_ base: Int, _ step: Int) -> String {
        let time = "\(base + step * 10).25"
        return """
            # HELP requests_seconds Requests \\"seen\\" \\\\ once.
            # TYPE requests_seconds counter
            # UNIT requests_seconds seconds
            requests_seconds_total{path="/a\\"b # {"} \(step + 1) \(time) # {trace_id="t\(step)",x="é"} 0.5 \(time)
            requests_seconds_created{path="/a\\"b # {"} \(base).5 \(time)
            # TYPE latency histogram
            latency_bucket{le="0.5"} \(step) \(time) # {trace_id="u\(step / 2)"} 0.25 \(base + step / 2)
            latency_bucket{le="+Inf"} \(step * 2) \(time) # {} 7
            latency_count \(step * 2) \(time)
            latency_sum 5 \(time)
            # TYPE size gaugehistogram
            size_bucket{le="+Inf"} 3 \(time)
            # TYPE build info
            build_info{version="1"} 1 \(time)
            # TYPE state stateset
            state{state="on"} 1 \(time)
            # TYPE back counter
            back_total 1 \(time) # {trace_id="b"} 1 \(base + 100 - step)
            # TYPE long counter
            long_total 1 \(time) # {trace_id="\(String(repeating: "x", count: 121))"} 1 \(time)
            # TYPE step gauge
            step \(step) \(time)
            # EOF

            """
    }

    @Test(
        "Prometheus reads the same OpenMetrics",
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: prometheus),
            "prometheus is not installed"))
    func answers() async throws {
        let workspace = try Workspace()
        let base = Int(Date().timeIntervalSince1970) / 60 * 60 - 120
        let service = try Service(
            Self.exposition(base, 0),
            contentType: "application/openmetrics-text; version=1.0.0; charset=utf-8")
        let job = Scene.job("app", service.address)
        try Scene.writeConfiguration(workspace, [job])
        try Scene.writeNotifiers(workspace, [("none", Scene.webhook("http://127.0.0.1:1/"))])
        try Scene.writeRules(workspace, [])
        try workspace.write(
            "tocsin.yml",
            workspace.read("tocsin.yml").replacing(
                "tocsin:\n", with: "tocsin:\n  enable_features: [exemplar-storage]\n"))
        try workspace.write(
            "prometheus.yml",
            "global: {scrape_interval: 500ms, scrape_timeout: 500ms}\nscrape_configs:\n\(job)")
        let daemon = try await Daemon.start(workspace)
        defer { daemon.process.kill() }
        let port = try Listener.freePort()
        let peer = try Subprocess(
            Self.prometheus,
            [
                "--config.file=prometheus.yml", "--storage.tsdb.path=tsdb", "--log.level=error",
                "--web.listen-address=127.0.0.1:\(port)", "--enable-feature=exemplar-storage",
            ], in: workspace, name: "prometheus")
        defer { peer.kill() }
        let (ours, theirs) = (daemon.client, HTTPClient(port: port))
        for step in 0..<4 {
            service.show(Self.exposition(base, step))
            let path = "/api/v1/query?query=step&time=\(base + step * 10 + 1)"
            for client in [ours, theirs] {
                _ = try await eventually("step \(step)") {
                    client.get(path)?.text.contains("\"\(step)\"]") ?? false ? true : nil
                }
            }
        }
        let all = "%7Bjob=%22app%22,__name__!~%22up%7Cscrape_.*%22%7D"
        for path in [
            "query?query=\(all)%5B1m%5D&time=\(base + 40)", "series?match%5B%5D=\(all)",
            "query_exemplars?query=requests_seconds_total",
            "query_exemplars?query=rate(requests_seconds_total%5B1m%5D)%2Bstep%2Bback_total",
            "query_exemplars?query=requests_seconds_total&start=\(base + 10)&end=\(base + 20).5",
            "query_exemplars?query=latency_bucket%7Ble=%220.5%22%7D",
            "query_exemplars?query=%7B__name__=~%22long_total%7Cback_total%22%7D",
            "query_exemplars?query=1", "query_exemplars?query=foo(",
            "query_exemplars?query=a&start=2&end=1",
            "metadata?metric=requests_seconds", "metadata?metric=size", "metadata?metric=build",
            "metadata?metric=state", "metadata?metric=back",
        ] {
            let (our, their) = (ours.get("/api/v1/" + path), theirs.get("/api/v1/" + path))
            #expect(our?.status == their?.status, "\(path)")
            #expect(sorted(our?.text) == sorted(their?.text), "\(path)")
        }
        #expect(
            ours.get("/api/v1/query_exemplars?query=requests_seconds_total")?.text.contains("t3")
                == true)
    }

    /// The answer, its results in one order: instant vectors and matrices come in any.
    private func sorted(_ text: String?) -> [String] {
        (text ?? "").replacing(#"},{"metric""#, with: "}\n{\"metric\"")
            .replacing("[{\"metric\"", with: "[\n{\"metric\"").replacing("]}]}}", with: "]}\n]}}")
            .split(separator: "\n").map(String.init).sorted()
    }
}
