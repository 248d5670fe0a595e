import TestSupport
import Testing

/// Prometheus's flag for its receiver, as it is typed.
@Suite("--web.enable-remote-write-receiver")
struct RemoteWriteFlagTests {
    private static let flag = "--web.enable-remote-write-receiver"

    @Test("It turns on remote write and nothing else")
    func alone() async throws {
        let workspace = try Workspace()
        try Scene.writeConfiguration(workspace, [])
        try Scene.writeNotifiers(workspace, [("none", Scene.webhook("http://127.0.0.1:1/"))])
        try Scene.writeRules(workspace, [])
        let daemon = try await Daemon.start(workspace, options: [Self.flag])
        defer { daemon.process.kill() }
        func post(_ path: String, _ body: [UInt8]) -> HTTPClient.Response? {
            daemon.client.request("POST", path, body: body, headers: [])
        }
        // An empty message.
        #expect(post("/api/v1/write", [0])?.status == 204)
        #expect(post("/metrics/job/a", Array("a 1\n".utf8))?.status == 404)
        let flags = daemon.client.get("/api/v1/status/flags")?.text ?? ""
        #expect(flags.contains(#""web.enable-remote-write-receiver":"true""#))
        #expect(flags.contains(#""web.enable-otlp-receiver":"false""#))
    }

    @Test("Beyond loopback it needs push.insecure")
    func insecure() async throws {
        let workspace = try Workspace()
        try Scene.writeConfiguration(workspace, [])
        try Scene.writeNotifiers(workspace, [("none", Scene.webhook("http://127.0.0.1:1/"))])
        try Scene.writeRules(workspace, [])
        let run = try await Subprocess.run(
            try Program.path(),
            ["run", "--config.file", "tocsin.yml", "--web.listen-address", "0.0.0.0:0", Self.flag],
            in: workspace, name: "refused")
        #expect(run.end != .exited(0) && run.log.contains("push.insecure: true"))
    }
}
