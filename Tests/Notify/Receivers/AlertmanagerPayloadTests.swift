import Configuration
import Foundation
import Model
import Notify
import Synchronization
import TestSupport
import Testing
import Transport

private let debianAlertmanager = "/usr/bin/prometheus-alertmanager"

/// The same alerts through Debian's Alertmanager and through ours, where it is installed: what each
/// service is sent where its receiver says nothing must be the same.
@Suite(
    .enabled(
        if: FileManager.default.isExecutableFile(atPath: debianAlertmanager),
        "prometheus-alertmanager is not installed"))
struct AlertmanagerPayloadTests {
    /// By the beginning of its path, what a service was sent.
    private final class Services: Sendable {
        static let names = [
            "opsgenie", "victorops", "bottoken", "discord", "webex", "wechat", "slack", "webhook",
            "sns",
        ]
        private let received = Mutex<[String: String]>([:])

        func take(_ request: Request) -> Answer {
            let name = String(request.path.dropFirst().prefix { $0 != "/" && $0 != "?" })
            let isMessage = request.method != "GET"
            if isMessage { received.withLock { $0[name] = request.text } }
            if name == "slack" { return .respond(body: Array("ok".utf8)) }
            let answer =
                #"{"ok":true,"result":{"message_id":1,"chat":{"id":1}},"errcode":0,"access_token":"t"}"#
            return .respond(headers: ["Content-Type": "application/json"], body: Array(answer.utf8))
        }

        /// Everything, once all have been told; it then begins anew.
        func drain() -> [String: String]? {
            received.withLock { all in
                guard Services.names.allSatisfy({ all[$0] != nil }) else { return nil }
                defer { all = [:] }
                return all
            }
        }
    }

    private static func configuration(_ base: String) -> String {
        """
        route: {receiver: ops, group_by: [alertname], group_wait: 0s, group_interval: 1s}
        receivers:
          - name: ops
            opsgenie_configs: [{api_key: k, api_url: "\(base)/opsgenie/"}]
            victorops_configs: [{api_key: k, routing_key: a b, api_url: "\(base)/victorops/"}]
            telegram_configs: [{bot_token: token, chat_id: -1001, api_url: "\(base)"}]
            discord_configs: [{webhook_url: "\(base)/discord"}]
            webex_configs:
              - {room_id: r, api_url: "\(base)/webex", http_config: {authorization: {credentials: x}}}
            wechat_configs:
              - {api_secret: s, corp_id: c, agent_id: "1", to_user: u, api_url: "\(base)/wechat/", send_resolved: true}
            slack_configs: [{api_url: "\(base)/slack", channel: c, send_resolved: true}]
            webhook_configs: [{url: "\(base)/webhook"}]
            sns_configs:
              - api_url: "\(base)/sns/"
                topic_arn: arn:aws:sns:us-east-1:1:topic
                sigv4: {region: us-east-1, access_key: a, secret_key: b}
                attributes: {team: "{{ .CommonLabels.team }}"}
        """
    }

    private static func alert(_ instance: String, until end: Timestamp?) -> Alert {
        Alert(
            labels: Labels([
                "alertname": "DiskFull", "instance": instance, "severity": "critical",
                "team": "storage",
            ]),
            annotations: Annotations(["summary": "<\(instance)> has 3% & falling"]),
            startsAt: Samples.start, endsAt: end, generatorURL: "http://tocsin/graph?g0.expr=up",
            updatedAt: Samples.start)
    }

    private func post(_ alerts: [Alert], to base: String) async throws {
        let json = alerts.map { alert in
            func object(_ labels: Labels) -> [String: String] {
                labels.sorted.reduce(into: [:]) { $0[$1.name] = $1.value }
            }
            return Posted(
                labels: object(alert.labels), annotations: object(alert.annotations.pairs),
                startsAt: alert.startsAt.description, endsAt: alert.endsAt?.description,
                generatorURL: alert.generatorURL)
        }
        let response = try await CurlTransport().send(
            HTTPRequest(
                method: "POST", url: base + "/api/v2/alerts",
                headers: [.init("Content-Type", "application/json")],
                body: Array(try JSONEncoder().encode(json))))
        #expect(response.status == 200)
    }

    private struct Posted: Encodable {
        var labels: [String: String]
        var annotations: [String: String]
        var startsAt: String
        var endsAt: String?
        var generatorURL: String
    }

    /// What ours would send, by the beginning of its path.
    private func ours(_ text: String, _ alerts: [Alert]) async throws -> [String: String] {
        let configuration = try NotifierConfiguration.load(
            text: Array(text.utf8), path: "/c/n.yml"
        ).get()
        var sent: [String: String] = [:]
        for integration in configuration.receivers[0].integrations {
            let made = Receivers.integration(
                integration, templates: NotificationTemplates(), in: .fixed())
            let inbox = Inbox(
                status: 200, #"{"ok":true,"errcode":0,"access_token":"t"}"#,
                integration.kind.name == "slack" ? [.init("Content-Type", "application/json")] : [])
            let data = NotificationData(
                receiver: "ops", integration: made.name, index: 0,
                groupKey: "{}:{alertname=\"DiskFull\"}",
                groupLabels: Labels(["alertname": "DiskFull"]), alerts: alerts,
                externalURL: "http://tocsin", now: Samples.start + .seconds(3661))
            #expect(
                await made.deliver(data, transport: inbox) == .delivered(detail: "status 200"),
                "\(made.name)")
            let url = try #require(inbox.request.flatMap { URL(string: $0.url) })
            sent[url.pathComponents[1]] = inbox.body
        }
        return sent
    }

    /// What is the same in both: numbers and truth values as text, the program's name, and what only
    /// one of them says.
    private func comparable(_ body: String, _ service: String) throws -> [String: String] {
        var values: [String: String] = [:]
        func walk(_ value: JSON, _ path: String) {
            switch value {
            case .null: values[path] = "null"
            case .bool(let flag): values[path] = "\(flag)"
            case .int(let number): values[path] = "\(number)"
            case .double(let number): values[path] = "\(number)"
            case .text(let text):
                values[path] = text.replacing("Tocsin", with: "Alertmanager")
            case .list(let list):
                for (index, element) in list.enumerated() { walk(element, "\(path)[\(index)]") }
            case .object(let object):
                for (key, element) in object { walk(element, "\(path).\(key)") }
            }
        }
        if body.hasPrefix("{") {
            walk(try JSONDecoder().decode(JSON.self, from: Data(body.utf8)), "")
        } else {
            for field in Exchange.fields(body) { values[field.name] = field.value }
        }
        switch service {
        // Ours says that it is not silent; Alertmanager's message has both shapes of a text.
        case "bottoken": values[".disable_notification"] = nil
        // Debian's is older than that.
        case "webhook": values[".notification_reason"] = nil
        case "wechat": if values[".markdown.content"] == "" { values[".markdown.content"] = nil }
        default: break
        }
        return values
    }

    @Test func everyServiceIsToldTheSame() async throws {
        let services = Services()
        let server = try HTTPServer { services.take($0) }
        let text = Self.configuration("http://\(server.address)")
        let workspace = try Workspace()
        try workspace.write("am.yml", text)
        let program = try Subprocess(
            debianAlertmanager,
            [
                "--config.file=am.yml", "--storage.path=data", "--cluster.listen-address=",
                "--web.listen-address=127.0.0.1:0", "--web.external-url=http://tocsin",
            ], in: workspace, name: "alertmanager")
        let base = try await eventually("Alertmanager listening") { () -> String? in
            guard
                let line = program.log.split(separator: "\n").first(where: {
                    $0.contains("Listening on")
                }),
                let address = line.firstRange(of: "address=")
            else { return nil }
            return "http://" + line[address.upperBound...]
        }
        let end = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970) * 1000 - 1000)
        for over in [false, true] {
            let alerts = ["db1", "db2"].map { Self.alert($0, until: over ? end : nil) }
            try await post(alerts, to: base)
            let theirs = try await eventually("every service being told") { services.drain() }
            let ours = try await ours(text, alerts)
            #expect(ours.count == Services.names.count)
            for name in Services.names {
                #expect(
                    try comparable(try #require(ours[name]), name)
                        == comparable(try #require(theirs[name]), name), "\(name), over: \(over)")
            }
        }
        try await program.killAndWait()
    }
}
