import Console
import Foundation
import Model
import TestSupport
import Testing
import Transport

/// Alertmanager's own tool and ours, both against a daemon.
struct AmtoolTests {
    private static let amtool = "/usr/bin/amtool"

    /// A moment that the tools, which have a clock of their own, take for the future.
    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: amtool), "amtool is not installed"))
    func amtoolWorks() async throws {
        let world = try World(notifiers: AlertmanagerTests.notifiers)
        try await world.serve { client in
            let workspace = try Workspace()
            let url = "http://127.0.0.1:\(client.port)"
            func amtool(_ arguments: String...) async throws -> String {
                let run = try await Subprocess.run(
                    Self.amtool,
                    ["--alertmanager.url=" + url, "--no-version-check"] + arguments, in: workspace)
                #expect(run.end == .exited(0), "\(arguments): \(run.log)")
                return run.output.split(separator: "\n").map { String($0).trimmingWhitespace }
                    .joined(separator: "\n")
            }
            _ = try await amtool(
                "alert", "add", "Down", "job=a", "--annotation=summary=it is down",
                "--start=2026-01-05T08:00:00Z", "--end=2026-01-05T10:00:00Z")
            _ = try await amtool(
                "alert", "add", "Quiet", "--start=2026-01-05T08:00:00Z",
                "--end=2026-01-05T10:00:00Z")
            let alerts = try await amtool("alert", "query", "-o", "simple")
            #expect(alerts.contains("Down       2026-01-05 08:00:00 UTC  it is down  active"))

            let id = try await amtool(
                "silence", "add", "alertname=Quiet", "--comment=hush",
                "--start=2026-01-05T09:00:00Z", "--end=2099-01-05T10:00:00Z", "--author=me")
            #expect(try await amtool("silence", "query", "-q") == id)
            #expect(try await amtool("alert", "query", "-s").contains("suppressed"))
            let longer = try await amtool("silence", "update", "-c", "longer", id)
            #expect(longer.contains("longer"))
            let export = try await amtool("silence", "query", "-o", "json")
            let now = try #require(
                try await amtool("silence", "query", "-q").split(separator: "\n").last)
            _ = try await amtool("silence", "expire", String(now))
            #expect(try await amtool("silence", "query", "-q") == "")
            #expect(try await amtool("silence", "query", "--expired", "-q").contains(now))
            try workspace.write("silences.json", export)
            _ = try await amtool("silence", "import", "--force", "silences.json")
            #expect(try await !amtool("silence", "query", "-q").isEmpty)

            let tree = try await amtool("config", "routes", "show")
            #expect(tree.contains(#"{severity="page"}  receiver: pager"#), "\(tree)")
            #expect(try await amtool("config", "routes", "test", "severity=page") == "pager")
            #expect(try await amtool("config", "show").contains("receiver: team-x"))
            #expect(try await amtool("cluster", "show").contains("disabled"))
        }
    }

    @Test func ourOwnCommandsWork() async throws {
        let world = try World(notifiers: AlertmanagerTests.notifiers)
        try await world.serve { server in
            let client = AlertmanagerClient(
                url: "http://127.0.0.1:\(server.port)", transport: CurlTransport())
            let silences = SilenceCommands(client, now: World.now)
            let alerts = AlertCommands(client)
            try await alerts.add(
                try LabelArguments.labels(["Quiet", "job=c"]),
                annotations: Annotations(["summary": "x, y"]), generatorURL: "http://g")
            let id = try await silences.add(
                try LabelArguments.matchers(["Quiet", "job=~c|d"]), .init(duration: .minutes(30)),
                author: "me", comment: "a b")
            var silenced = AlertCommands.Query()
            silenced.states = [.silenced]
            #expect(try await alerts.query(silenced, .simple).contains("suppressed"))
            #expect(try await silences.query(.init(), .simple, quiet: true) == id)
            let updated = try await silences.update(
                [id], .init(duration: .minutes(90)), comment: "longer", .simple, quiet: false)
            #expect(updated.contains(id) && updated.contains("longer"))
            let export = try await silences.query(.init(), .json, quiet: false)
            try await silences.expire([id])
            #expect(try await silences.query(.init(), .simple, quiet: true) == "")
            #expect(
                try await silences.importAll(Array(export.utf8), anew: true)
                    == "1 made, 0 changed, 0 left out because they are over")
            await #expect(throws: ConsoleError.self) { try await silences.expire(["nonsense"]) }
        }
    }
}
