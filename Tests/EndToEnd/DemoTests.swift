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
        // The log keeps what fired; the incident is over within seconds.
        func fired(_ name: String) -> Substring? {
            daemon.process.log.split(separator: "\n").first {
                $0.contains("msg=\"alert firing\" alert=\(name) ")
            }
        }
        try await daemon.until(
            "the incident, as far as \(output) tells of it", within: .seconds(90)
        ) {
            Self.wanted.allSatisfy { fired($0) != nil } ? true : nil
        }
        for name in Self.wanted {
            let line = fired(name)?.replacing("\\", with: "") ?? ""
            #expect(line.contains("project_id=\"proj-3\"") == (name == "HighErrorRate"), "\(line)")
            for label in [
                "job=\"lynex-processor\"", "instance=\"processor-0\"", "service=\"processor\"",
                "environment=\"production\"",
            ] {
                #expect(line.contains(label), "\(line)")
            }
        }
        let isScraped = try daemon.targets()["lynex-processor"] != nil
        #expect(isScraped == (output == "textfile"))
        let metrics = daemon.client.get("/metrics")?.text ?? ""
        for name in ["write", "otlp"] {
            let prefix = "tocsin_write_samples_total{protocol=\"\(name)\"} "
            let line = metrics.split(separator: "\n").first { $0.hasPrefix(prefix) }
            let count = line.flatMap { Double($0.dropFirst(prefix.count)) } ?? 0
            #expect((count > 0) == (name == protocolName), "\(name): \(count)")
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
