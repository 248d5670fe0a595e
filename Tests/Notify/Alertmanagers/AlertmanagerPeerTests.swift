import Configuration
import Foundation
import Model
import Notify
import TestSupport
import Testing
import Transport

/// Debian's Alertmanager takes what we send.
struct AlertmanagerPeerTests {
    private static let program = "/usr/bin/prometheus-alertmanager"
    private static let isInstalled = FileManager.default.isExecutableFile(atPath: program)

    private struct Shown: Decodable {
        var labels: [String: String]
        var annotations: [String: String]
        var startsAt: String
        var endsAt: String
        var generatorURL: String
    }

    @Test(.enabled(if: isInstalled, "prometheus-alertmanager is not installed"))
    func itShowsFiringAlertsAndForgetsResolvedOnes() async throws {
        let workspace = try Workspace()
        try workspace.write("am.yml", "route: {receiver: none}\nreceivers: [{name: none}]\n")
        let port = try Listener.freePort()
        let peer = try Subprocess(
            AlertmanagerPeerTests.program,
            [
                "--config.file=am.yml", "--storage.path=am", "--cluster.listen-address=",
                "--web.listen-address=127.0.0.1:\(port)", "--web.route-prefix=/am",
            ], in: workspace, name: "alertmanager")
        let client = HTTPClient(port: port)
        _ = try await eventually("the Alertmanager") {
            if let end = peer.end { throw TimedOut("it ended: \(end)\n\(peer.logTail)") }
            return client.get("/am/-/ready")?.status == 200 ? true : nil
        }
        let yaml = """
            alerting:
              alertmanagers:
                - {path_prefix: /am, static_configs: [{targets: ["127.0.0.1:\(port)"]}]}
            """
        let sender = AlertmanagerSender(
            try TocsinConfiguration.load(text: Array(yaml.utf8), path: "t.yml").get().alertmanagers,
            transport: CurlTransport())
        let now = Timestamp(seconds: Date().timeIntervalSince1970)
        func alert(_ name: String, endsAt end: Timestamp) -> Alert {
            Alert(
                labels: Labels(["alertname": name, "path": "a\\b \"é\""]),
                annotations: Annotations(["summary": "line\nline"]), startsAt: now - .minutes(1),
                endsAt: end, generatorURL: "http://tocsin/graph?g0.expr=up", updatedAt: now)
        }
        func shown() throws -> [Shown] {
            let answer = try #require(client.get("/am/api/v2/alerts"))
            return try JSONDecoder().decode([Shown].self, from: Data(answer.body))
        }
        // More than one batch.
        await sender.send((0..<300).map { alert("A\($0)", endsAt: now + .minutes(4)) })
        _ = try await eventually("300 alerts") {
            try shown().count == 300 ? true : nil
        }
        let first = try #require(try shown().first { $0.labels["alertname"] == "A0" })
        #expect(first.labels["path"] == "a\\b \"é\"")
        #expect(first.annotations == ["summary": "line\nline"])
        #expect(first.startsAt == (now - .minutes(1)).rfc3339(alwaysMilliseconds: true))
        #expect(first.endsAt == (now + .minutes(4)).rfc3339(alwaysMilliseconds: true))
        #expect(first.generatorURL == "http://tocsin/graph?g0.expr=up")
        await sender.send([alert("A0", endsAt: now)])
        _ = try await eventually("299 alerts") { try shown().count == 299 ? true : nil }
        #expect(await sender.drain(timeout: .seconds(60)))
        #expect(await sender.status.map(\.counters.sent) == [301])
        #expect(await sender.status.map(\.counters.dropped) == [0])
    }
}
