import Foundation
import TestSupport
import Testing

/// Alerts that others post are kept like our own.
@Suite("Alerts of others", .serialized)
struct OutsideAlertTests {
    @Test("an alert that was posted is told, outlives a kill, and is told when it ends")
    func outlivesAKill() async throws {
        let workspace = try Workspace()
        let receiver = try Receiver()
        try Scene.writeConfiguration(workspace, [])
        try Scene.writeRules(workspace, [])
        try Scene.writeNotifiers(workspace, [("hook", Scene.webhook(receiver.url))])
        func post(_ daemon: Daemon, end: TimeInterval) throws -> Int? {
            let moment = ISO8601DateFormatter().string(from: Date(timeIntervalSinceNow: end))
            let body =
                #"[{"labels":{"alertname":"Theirs","job":"x"},"annotations":{"summary":"s"},"#
                + #""startsAt":"2026-01-05T08:00:00Z","endsAt":"\#(moment)"}]"#
            return daemon.client.request(
                "POST", "/api/v2/alerts", body: Array(body.utf8),
                headers: [("Content-Type", "application/json")])?.status
        }
        let first = try await Daemon.start(workspace)
        #expect(try post(first, end: 3600) == 200)
        try await first.kill()

        // Nobody has said it to this one.
        let second = try await Daemon.start(workspace, name: "second")
        defer { second.process.kill() }
        try await second.until("told") {
            try receiver.told().contains("firing Theirs") ? true : nil
        }
        let shown = try #require(second.client.get("/api/v2/alerts")?.text)
        #expect(shown.contains(#""labels":{"alertname":"Theirs","job":"x"}"#), "\(shown)")
        #expect(try post(second, end: -1) == 200)
        try await second.until("told of its end") {
            try receiver.told().contains("resolved Theirs") ? true : nil
        }
        #expect(try receiver.told().last == "resolved Theirs")
    }
}
