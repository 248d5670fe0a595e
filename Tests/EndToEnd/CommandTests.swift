import Foundation
import TestSupport
import Testing

/// Commands beside the daemon, as they are typed.
@Suite("Commands", .serialized)
struct CommandTests {
    private func tocsin(
        _ arguments: [String], in workspace: Workspace
    ) async throws -> (end: Subprocess.End?, output: String, log: String) {
        let run = try await Subprocess.run(
            try Program.path(), arguments, in: workspace, name: "command")
        return (run.end, run.output, run.log)
    }

    @Test("routes are shown and tried, templates rendered")
    func routesAndTemplates() async throws {
        let workspace = try Workspace()
        try workspace.write(
            "alertmanager.yml",
            """
            templates: ['*.tmpl']
            route: {receiver: mail, routes: [{receiver: pager, matchers: [severity=page]}]}
            receivers:
              - {name: mail, webhook_configs: [{url: "http://127.0.0.1:1/"}]}
              - {name: pager, webhook_configs: [{url: "http://127.0.0.1:1/"}]}
            """)
        try workspace.write("a.tmpl", "{{ define \"mine\" }}{{ .Status }}!{{ end }}")
        let file = ["--notifiers", "alertmanager.yml"]
        let shown = try await tocsin(["routes"] + file, in: workspace)
        #expect(shown.output.contains("{severity=\"page\"}"), "\(shown.log)")
        let tried = try await tocsin(
            ["routes", "test", "Down", "severity=page", "--verify.receivers", "pager"] + file,
            in: workspace)
        #expect(tried.end == .exited(0) && tried.output.hasSuffix("Receivers: pager\n"))
        let wrong = try await tocsin(
            ["routes", "test", "Down", "--verify.receivers", "pager"] + file, in: workspace)
        #expect(wrong.end == .exited(1) && wrong.log.contains("not mail"))
        let rendered = try await tocsin(
            ["template", "render", "--template", "mine"] + file, in: workspace)
        #expect(rendered.output == "firing!\n", "\(rendered.log)")
    }

    @Test("a test message is sent and its exchange shown")
    func testMessage() async throws {
        let workspace = try Workspace()
        let receiver = try Receiver([.respond(status: 202), .respond(status: 403)])
        try workspace.write(
            "notifiers.yml",
            """
            route: {receiver: hook}
            receivers:
              - name: hook
                webhook_configs:
                  - url: \(receiver.url)
                    http_config: {authorization: {credentials: hidden}}
            """)
        let arguments = [
            "notify", "test", "hook", "team=x", "--notifiers", "notifiers.yml",
        ]
        let taken = try await tocsin(arguments, in: workspace)
        #expect(taken.end == .exited(0), "\(taken.log)")
        #expect(taken.output.contains("> Authorization: <secret>"))
        #expect(taken.output.contains("< 202"))
        #expect(taken.output.contains("1 of 1 took it"))
        #expect(!taken.output.contains("hidden"))
        let payload = try #require(receiver.posts.first).payload()
        #expect(payload.alerts.map { $0.labels["team"] } == ["x"])
        let refused = try await tocsin(arguments, in: workspace)
        #expect(refused.end == .exited(1))
        #expect(refused.output.contains("REFUSED"))
    }

    @Test("a daemon that is not there is said")
    func nobodyThere() async throws {
        let workspace = try Workspace()
        let port = try Listener.freePort()
        for command in [["silence"], ["alerts"]] {
            let run = try await tocsin(
                command + ["--url", "http://127.0.0.1:\(port)"], in: workspace)
            #expect(run.end == .exited(1) && run.log.contains("127.0.0.1:\(port)"), "\(run.log)")
        }
    }
}
