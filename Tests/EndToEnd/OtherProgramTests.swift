import Foundation
import TestSupport
import Testing

/// What is installed here.
private enum Peers {
    static let promtool = "/usr/bin/promtool"
    static let python = "/usr/bin/python3"

    static let hasPromtool = FileManager.default.isExecutableFile(atPath: promtool)

    static let hasMailServer: Bool = {
        let check = Process()
        check.executableURL = URL(fileURLWithPath: python)
        check.arguments = ["-c", "import aiosmtpd"]
        check.standardError = FileHandle.nullDevice
        do { try check.run() } catch { return false }
        check.waitUntilExit()
        return check.terminationStatus == 0
    }()
}

/// Programs that are not ours take what we give them.
@Suite("Other programs", .serialized)
struct OtherProgramTests {
    @Test(
        "promtool takes the shipped rules",
        .enabled(if: Peers.hasPromtool, "promtool is not installed"))
    func rules() async throws {
        let workspace = try Workspace()
        let folder = Program.repository.appendingPathComponent("rules").path
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".yml") && !$0.contains("test") }.sorted()
        #expect(files == ["alerts.yml", "tocsin.yml"])
        let run = try await Subprocess.run(
            Peers.promtool, ["check", "rules"] + files.map { folder + "/" + $0 },
            in: workspace)
        #expect(run.end == .exited(0), "\(run.output) \(run.log)")
    }

    @Test(
        "promtool takes our metrics, and queries us",
        .enabled(if: Peers.hasPromtool, "promtool is not installed"))
    func promtool() async throws {
        let workspace = try Workspace()
        let (service, receiver) = (try Service("app_broken 1\n"), try Receiver([.close]))
        try Scene.writeConfiguration(workspace, [Scene.job("app", service.address)])
        try Scene.writeRules(workspace, [Scene.rule("Broken")])
        try Scene.writeNotifiers(workspace, [("hook", Scene.webhook(receiver.url))])
        let daemon = try await Daemon.start(workspace)
        defer { daemon.process.kill() }
        try await daemon.until("a delivery") { receiver.posts.count == 2 ? true : nil }
        let metrics = try #require(daemon.client.get("/metrics")).text
        #expect(metrics.contains(#"tocsin_alerts_triggered_total{severity="critical"} 1"#))
        #expect(metrics.contains("tocsin_alert_evaluation_duration_seconds_bucket"))
        try workspace.write("metrics", metrics)
        let check = try await Subprocess.run(
            "/bin/sh", ["-c", "\(Peers.promtool) check metrics < metrics"],
            in: workspace, name: "check")
        #expect(check.end == .exited(0), "\(check.output) \(check.log)")

        let url = "http://127.0.0.1:\(daemon.client.port)"
        let query = try await Subprocess.run(
            Peers.promtool,
            ["query", "instant", url, "last_over_time(app_broken[5m]) + 41"], in: workspace,
            name: "query")
        #expect(query.end == .exited(0), "\(query.log)")
        #expect(query.output.contains(#"{instance="\#(service.address)", job="app"} => 42 @"#))
        let labels = try await Subprocess.run(
            Peers.promtool, ["query", "labels", url, "job"], in: workspace,
            name: "labels")
        #expect(labels.output == "app\n", "\(labels.log)")
    }

    /// Prints each message that it takes, and first the port that it listens on.
    private static let mailServer = """
        import asyncio, sys
        from aiosmtpd.smtp import SMTP
        class Handler:
            async def handle_DATA(self, server, session, envelope):
                print("FROM", envelope.mail_from, "TO", ",".join(envelope.rcpt_tos), flush=True)
                print(envelope.content.decode(), flush=True)
                print("END", flush=True)
                return "250 taken"
        async def main():
            loop = asyncio.get_running_loop()
            server = await loop.create_server(lambda: SMTP(Handler()), "127.0.0.1", 0)
            print("PORT", server.sockets[0].getsockname()[1], flush=True)
            await asyncio.sleep(300)
        asyncio.run(main())
        """

    @Test(
        "a mail server gets both parts, under threading headers",
        .enabled(if: Peers.hasMailServer, "python3-aiosmtpd is not installed"))
    func mail() async throws {
        let workspace = try Workspace()
        try workspace.write("server.py", OtherProgramTests.mailServer)
        let server = try Subprocess(
            Peers.python, ["server.py"], in: workspace, name: "mail")
        defer { server.kill() }
        let port = try await eventually("the mail server") { () -> Int? in
            if let end = server.end { throw TimedOut("it ended: \(end) \(server.log)") }
            guard server.output.hasPrefix("PORT "),
                let line = server.output.split(separator: "\n").first
            else { return nil }
            return Int(line.dropFirst(5))
        }
        let service = try Service("app_broken 1\n")
        try Scene.writeConfiguration(workspace, [Scene.job("app", service.address)])
        try Scene.writeRules(workspace, [Scene.rule("Broken")])
        try Scene.writeNotifiers(
            workspace,
            [
                (
                    "mail",
                    "email_configs: [{to: Oncall <oncall@example.org>, from: tocsin@example.org, "
                        + "smarthost: \"127.0.0.1:\(port)\", require_tls: false, hello: localhost, "
                        + "send_resolved: true, text: \"{{ .CommonAnnotations.summary }}\"}]"
                )
            ])
        let daemon = try await Daemon.start(workspace)
        defer { daemon.process.kill() }
        let first = try await daemon.until("a mail") { () -> String? in
            server.output.contains("\nEND\n") ? server.output : nil
        }
        #expect(first.contains("FROM tocsin@example.org TO oncall@example.org"))
        #expect(first.contains("Subject: "))
        #expect(first.contains("FIRING:1"))
        #expect(
            first.contains("From: tocsin@example.org")
                || first.contains("From: <tocsin@example.org>"))
        #expect(first.contains("Message-Id: <") || first.contains("Message-ID: <"))
        #expect(first.contains("Date: "))
        #expect(first.contains("multipart/alternative"))
        #expect(first.contains("Content-Type: text/plain"))
        #expect(first.contains("Content-Type: text/html"))
        #expect(first.contains("app is broken: 1"))

        service.show("app_broken 0\n")
        let both = try await daemon.until("the second mail") { () -> String? in
            server.output.components(separatedBy: "\nEND\n").count > 2 ? server.output : nil
        }
        #expect(both.contains("RESOLVED"))
    }
}
