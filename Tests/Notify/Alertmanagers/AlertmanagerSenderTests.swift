import Configuration
import Foundation
import Model
import Notify
import Synchronization
import Testing
import Transport

/// Alertmanagers that a test makes up: each takes what comes, refuses it, or never answers.
private final class Alertmanagers: Transporting {
    private struct State {
        var requests: [HTTPRequest] = []
        var hanging: Set<String> = []
        var statuses: [String: Int] = [:]
    }

    private let state = Mutex(State())

    func hang(_ url: String) { state.locked { _ = $0.hanging.insert(url) } }
    func answer(_ url: String, _ status: Int) { state.locked { $0.statuses[url] = status } }

    func requests(_ url: String) -> [HTTPRequest] {
        state.locked { state in state.requests.filter { $0.url == url } }
    }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let (hangs, status) = state.locked { state in
            state.requests.append(request)
            return (state.hanging.contains(request.url), state.statuses[request.url] ?? 200)
        }
        while hangs {
            do { try await Task.sleep(for: .seconds(3600)) } catch {
                throw TransportError(.cancelled, "cancelled")
            }
        }
        return HTTPResponse(status: status)
    }

    func send(_ mail: MailMessage) async throws(TransportError) -> MailReceipt {
        throw TransportError(.invalidRequest, "no mail here")
    }
}

struct AlertmanagerSenderTests {
    private let network = Alertmanagers()
    private static let start = Timestamp(milliseconds: 1_767_603_600_000)

    private func configurations(_ yaml: String) throws -> [AlertmanagerConfiguration] {
        let text = "alerting:\n  alertmanagers:\n" + yaml
        return try TocsinConfiguration.load(text: Array(text.utf8), path: "tocsin.yml").get()
            .alertmanagers
    }

    private func alert(_ name: String, _ labels: Labels = .empty, isResolved: Bool = false) -> Alert
    {
        let start = AlertmanagerSenderTests.start
        return Alert(
            labels: labels.setting("alertname", name),
            annotations: Annotations(["summary": "it \"is\""]), startsAt: start,
            endsAt: isResolved ? start + .seconds(30) : start + .minutes(4),
            generatorURL: "http://tocsin/graph", updatedAt: start)
    }

    private func bodies(_ url: String) throws -> [[[String: Any]]] {
        try network.requests(url).map { request in
            let json = try JSONSerialization.jsonObject(with: Data(request.body ?? []))
            return try #require(json as? [[String: Any]])
        }
    }

    @Test func everyAlertmanagerIsSentEveryAlertAsThePrometheusSendsIt() async throws {
        let sender = AlertmanagerSender(
            try configurations(
                """
                    - static_configs: [{targets: ["a:9093", "b:9093", "a:9093"]}]
                    - scheme: https
                      path_prefix: /am//x/
                      timeout: 3s
                      basic_auth: {username: me, password: hush}
                      static_configs: [{targets: ["c"]}]
                """), transport: network)
        await sender.send([alert("Down"), alert("Up", isResolved: true)])
        #expect(await sender.drain(timeout: .seconds(60)))
        for url in [
            "http://a:9093/api/v2/alerts", "http://b:9093/api/v2/alerts",
            "https://c/am/x/api/v2/alerts",
        ] {
            let requests = network.requests(url)
            #expect(requests.count == 1, "\(url)")
            #expect(requests.first?.method == "POST")
            #expect(
                requests.first?.headers.contains(.init("Content-Type", "application/json")) == true)
            let sent = try #require(try bodies(url).first)
            #expect(
                sent.map { $0["startsAt"] as? String }
                    == Array(repeating: "2026-01-05T09:00:00.000Z", count: 2))
            #expect(
                sent.map { $0["endsAt"] as? String } == [
                    "2026-01-05T09:04:00.000Z", "2026-01-05T09:00:30.000Z",
                ])
            #expect(
                sent.map { $0["labels"] as? [String: String] } == [
                    ["alertname": "Down"], ["alertname": "Up"],
                ])
            #expect(sent[0]["annotations"] as? [String: String] == ["summary": "it \"is\""])
            #expect(sent[0]["generatorURL"] as? String == "http://tocsin/graph")
        }
        let secure = try #require(network.requests("https://c/am/x/api/v2/alerts").first)
        #expect(secure.authorization == .basic(user: "me", password: "hush"))
        #expect(secure.timeout == .seconds(3))
        #expect(await sender.status.map(\.counters.sent) == [2, 2, 2])
    }

    @Test func labelsOfAlertsAndAddressesAreRewritten() async throws {
        let sender = AlertmanagerSender(
            try configurations(
                """
                    - static_configs: [{targets: ["a", "b", "c/d"], labels: {zone: z}}]
                      relabel_configs:
                        - {source_labels: [__address__], regex: b, action: drop}
                        - {source_labels: [zone, __address__], regex: "(.*);a", target_label: __address__, replacement: "$1:1"}
                      alert_relabel_configs:
                        - {source_labels: [severity], regex: info, action: drop}
                        - {regex: replica, action: labeldrop}
                    - static_configs: [{targets: [whole]}]
                """), transport: network)
        await sender.send([
            alert("Down", Labels(["replica": "1"])), alert("Note", Labels(["severity": "info"])),
        ])
        #expect(await sender.drain(timeout: .seconds(60)))
        #expect(
            await sender.status.map(\.url) == [
                "http://z:1/api/v2/alerts", "http://whole/api/v2/alerts",
            ])
        #expect(await sender.dropped == ["http://b/api/v2/alerts"])
        let labels = try bodies("http://z:1/api/v2/alerts").map {
            $0.map { $0["labels"] as? [String: String] }
        }
        #expect(labels == [[["alertname": "Down"]]])
        #expect(try bodies("http://whole/api/v2/alerts").map(\.count) == [2])
    }

    @Test func oneThatNeverAnswersOrRefusesDelaysNoOther() async throws {
        let (slow, bad) = ("http://slow/api/v2/alerts", "http://bad/api/v2/alerts")
        network.hang(slow)
        network.answer(bad, 500)
        let sender = AlertmanagerSender(
            try configurations("    - static_configs: [{targets: [slow, bad, good]}]\n"),
            transport: network)
        for number in 0..<3 { await sender.send([alert("A\(number)")]) }
        // All that was sent to the others ends, whatever becomes of the slow one.
        while await sender.status.map({ $0.counters.sent + $0.counters.failed }) != [0, 3, 3] {
            await Task.yield()
        }
        #expect(await sender.status.map(\.waiting) == [2, 0, 0])
        #expect(await sender.status.map(\.counters.dropped) == [0, 3, 0])
        #expect(network.requests(slow).count == 1)
        #expect(await !sender.drain(timeout: .milliseconds(1)))
    }

    @Test(arguments: ["dns_sd_configs: [{names: [a]}]", "file_sd_configs: [{files: [a.yml]}]"])
    func whatFindsAnAlertmanagerIsNoPartOfIt(section: String) throws {
        let alone = AlertmanagerTargets(
            try configurations("    - static_configs: [{targets: [am]}]\n"))
        let beside = AlertmanagerTargets(
            try configurations("    - {static_configs: [{targets: [am]}], \(section)}\n"))
        #expect(alone.endpoints.count == 1)
        #expect(alone.endpoints == beside.endpoints)
    }

    @Test func aReloadKeepsTheQueuesOfThoseThatStay() async throws {
        let slow = "http://slow/api/v2/alerts"
        network.hang(slow)
        let both = "    - static_configs: [{targets: [slow, gone]}]\n"
        let sender = AlertmanagerSender(try configurations(both), transport: network)
        await sender.send([alert("A")])
        await sender.send([alert("B")])
        var next = try configurations(both)
        next[0].discoveries.staticTargets = [TargetGroup(targets: ["slow", "new"])]
        await sender.apply(next)
        #expect(await sender.status.map(\.url) == [slow, "http://new/api/v2/alerts"])
        await sender.send([alert("C")])
        while network.requests("http://new/api/v2/alerts").isEmpty { await Task.yield() }
        #expect(await sender.status.map(\.waiting).first == 2)
        #expect(network.requests(slow).count == 1)
        #expect(await !sender.drain(timeout: .milliseconds(1)))
    }
}
