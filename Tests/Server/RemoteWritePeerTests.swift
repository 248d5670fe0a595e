import Daemon
import Foundation
import TestSupport
import Testing

/// Debian's Prometheus (2.42, remote write 1.0) writes to us, as a server and as an agent.
@Suite("A Prometheus that writes to us")
struct RemoteWritePeerTests {
    private static let prometheus = "/usr/bin/prometheus"

    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: prometheus),
            "prometheus is not installed"), arguments: [false, true])
    func writes(isAgent: Bool) async throws {
        let world = try World("  push: {enabled: true}\n", clock: WallClock())
        try await world.serve { client in
            let workspace = try Workspace()
            let port = try Listener.freePort()
            try workspace.write(
                "prometheus.yml",
                """
                global: {scrape_interval: 250ms, scrape_timeout: 250ms, external_labels: {from: peer}}
                scrape_configs:
                  - job_name: itself
                    static_configs: [{targets: ["127.0.0.1:\(port)"]}]
                remote_write:
                  - url: http://127.0.0.1:\(client.port)/api/v1/write
                    metadata_config: {send_interval: 500ms}
                """)
            let storage =
                isAgent
                ? ["--enable-feature=agent", "--storage.agent.path=agent"]
                : ["--storage.tsdb.path=tsdb"]
            let peer = try Subprocess(
                Self.prometheus,
                [
                    "--config.file=prometheus.yml", "--log.level=warn",
                    "--web.listen-address=127.0.0.1:\(port)",
                ] + storage, in: workspace, name: "prometheus")
            defer { peer.kill() }
            try await Self.wait(client, "query?query=count_over_time(up{job='itself'}[1m])>2") {
                $0.contains(#""from":"peer""#)
            }
            try await Self.wait(client, "query?query=prometheus_build_info") {
                $0.contains(#""job":"itself""#)
            }
            try await Self.wait(client, "metadata?metric=prometheus_build_info") {
                $0.contains(#""type":"gauge""#)
            }
            let metrics = try await client.get("/metrics").text
            #expect(metrics.contains(#"tocsin_write_requests_failed_total{protocol="write"} 0"#))
            for line in metrics.split(separator: "\n")
            where line.contains("write_samples_rejected_total{") {
                #expect(line.hasSuffix(" 0"), "\(line)")
            }
            #expect(!workspace.read("prometheus.log").contains("non-recoverable"))
        }
    }

    private static func wait(
        _ client: Client, _ path: String, _ isThere: @escaping (String) -> Bool
    ) async throws {
        let escaped = path.replacing(">", with: "%3E").replacing("{", with: "%7B")
            .replacing("}", with: "%7D").replacing("'", with: "%27")
        _ = try await eventually(path, every: .milliseconds(200)) {
            isThere(try await client.get("/api/v1/" + escaped).text) ? true : nil
        }
    }
}
