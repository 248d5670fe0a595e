import TestSupport
import Testing

/// The demo as it is typed, on a clock that runs a hundred times as fast.
@Suite("The demo", .serialized)
struct DemoTests {
    /// The rules over the Processor's metrics that the first twenty minutes make fire.
    private static let wanted: Set = ["HighErrorRate", "HighProcessingLatency", "QueueBacklog"]

    @Test(
        "Rules over the Processor's metrics fire, however it hands them over",
        arguments: [
            ("textfile", nil), ("pushgateway", nil), ("remote-write", "write"), ("otlp", "otlp"),
        ] as [(String, String?)])
    func fires(output: String, written protocolName: String?) async throws {
        let workspace = try Workspace()
        let daemon = try await Daemon.demo(
            workspace, options: ["--speed", "100", "--processor", output])
        defer { daemon.process.kill() }
        var fired: [String: Daemon.Alert] = [:]
        try await daemon.until(
            "the incident, as far as \(output) tells of it", within: .seconds(60)
        ) {
            for alert in try daemon.alerts() where alert.state == "firing" {
                fired[alert.labels["alertname"] ?? ""] = alert
            }
            return Self.wanted.isSubset(of: fired.keys) ? true : nil
        }
        for name in Self.wanted {
            let labels = fired[name]?.labels ?? [:]
            if name != "HighErrorRate" { #expect(labels["project_id"] == nil) }
            #expect(labels["job"] == "lynex-processor", "\(labels)")
            #expect(labels["instance"] == "processor-0", "\(labels)")
            #expect(labels["service"] == "processor", "\(labels)")
            #expect(labels["environment"] == "production", "\(labels)")
        }
        #expect(fired["HighErrorRate"]?.labels["project_id"] == "proj-3")
        let isScraped = try daemon.targets()["lynex-processor"] != nil
        #expect(isScraped == (output == "textfile"))
        let metrics = daemon.client.get("/metrics")?.text ?? ""
        for name in ["write", "otlp"] {
            let none = "tocsin_write_samples_total{protocol=\"\(name)\"} 0\n"
            #expect(metrics.contains(none) == (name != protocolName), "\(name)")
        }
        #expect(!daemon.process.log.contains("cannot hand its metrics over"))
        #expect(try await daemon.stop() == .exited(0))
    }

    @Test("Beyond loopback the Processor's pushes need push.insecure")
    func insecure() async throws {
        let run = try await Subprocess.run(
            try Program.path(),
            ["run", "--demo", "--processor", "otlp", "--web.listen-address", "0.0.0.0:0"],
            in: try Workspace(), name: "refused")
        #expect(run.end != .exited(0) && run.log.contains("push.insecure: true"))
    }
}
