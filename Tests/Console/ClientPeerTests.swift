import Console
import Foundation
import Model
import TestSupport
import Testing
import Transport

/// Debian's Alertmanager understands us, and amtool shows of it what we show.
struct ClientPeerTests {
    private static let program = "/usr/bin/prometheus-alertmanager"
    private static let amtool = "/usr/bin/amtool"
    private static let isInstalled = [program, amtool].allSatisfy {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    @Test(.enabled(if: isInstalled, "prometheus-alertmanager and amtool are not installed"))
    func theLifeOfASilence() async throws {
        let workspace = try Workspace()
        try workspace.write("am.yml", "route: {receiver: none}\nreceivers: [{name: none}]\n")
        let port = try Listener.freePort()
        let peer = try Subprocess(
            Self.program,
            [
                "--config.file=am.yml", "--storage.path=am", "--cluster.listen-address=",
                "--web.listen-address=127.0.0.1:\(port)",
            ], in: workspace, name: "alertmanager")
        let http = HTTPClient(port: port)
        _ = try await eventually("the Alertmanager") {
            if let end = peer.end { throw TimedOut("it ended: \(end)\n\(peer.logTail)") }
            return http.get("/-/ready")?.status == 200 ? true : nil
        }
        let url = "http://127.0.0.1:\(port)"
        let client = AlertmanagerClient(url: url, transport: CurlTransport())
        let now = Timestamp(seconds: Date().timeIntervalSince1970)
        let (silences, alerts) = (SilenceCommands(client, now: now), AlertCommands(client))
        func amtool(_ arguments: String...) async throws -> String {
            let run = try await Subprocess.run(
                Self.amtool, ["--alertmanager.url=" + url] + arguments, in: workspace)
            #expect(run.end == .exited(0), "\(run.log)")
            return run.output.split(separator: "\n").map { String($0).trimmingWhitespace }
                .joined(separator: "\n")
        }

        try await alerts.add(
            try LabelArguments.labels(["Down", "job=a b"]),
            annotations: Annotations(["summary": "x, y"]),
            generatorURL: "http://g")
        try await alerts.add(try LabelArguments.labels(["Quiet", "job=c"]))
        let id = try await silences.add(
            try LabelArguments.matchers(["Quiet", "job=~c|d"]), .init(duration: .minutes(30)),
            author: "me", comment: "a b")
        _ = try await eventually("the silence") {
            (http.get("/api/v2/alerts?active=false")?.text ?? "").contains("Quiet") ? true : nil
        }
        #expect(try await alerts.query(.init(), .simple) == amtool("alert", "query"))
        var silenced = AlertCommands.Query()
        silenced.states = [.silenced]
        #expect(try await alerts.query(silenced, .simple) == amtool("alert", "query", "-s"))
        let suppressed = try await alerts.query(silenced, .simple)
        #expect(suppressed.contains("suppressed"))
        let shown = try await silences.query(.init(), .simple, quiet: false)
        #expect(try await shown == amtool("silence", "query"))
        #expect(shown.contains(id))

        // Changed, exported, expired, and made again.
        let updated = try await silences.update(
            [id], .init(duration: .minutes(90)), comment: "longer", .simple, quiet: false)
        #expect(updated.contains(id) && updated.contains("longer"))
        let export = try await silences.query(.init(), .json, quiet: false)
        try await silences.expire([id])
        #expect(try await silences.query(.init(), .simple, quiet: true) == "")
        var expired = SilenceCommands.Query()
        expired.expired = true
        #expect(try await silences.query(expired, .simple, quiet: true) == id)
        #expect(
            try await silences.importAll(Array(export.utf8), anew: true)
                == "1 made, 0 changed, 0 left out because they are over")
        #expect(
            try await silences.query(.init(), .simple, quiet: false) == amtool("silence", "query"))
        let again = try await silences.query(.init(), .simple, quiet: true)
        #expect(!again.isEmpty && again != id)
        await #expect(throws: ConsoleError.self) { try await silences.expire(["nonsense"]) }
    }
}
