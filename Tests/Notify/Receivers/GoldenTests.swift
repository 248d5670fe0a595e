import Configuration
import Foundation
import Model
import Notify
import Testing
import Transport

/// What every receiver is sent, in files that a person can read: `NAME.yml` configures one receiver,
/// `NAME.firing` and `NAME.resolved` are the requests that it makes. With `TOCSIN_RECORD` set, the
/// latter are written anew.
@Suite struct GoldenTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures/Receivers")

    private static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".yml") }.map { String($0.dropLast(4)) }.sorted()
    }

    /// Answers that let every receiver go on to its end.
    private static let answers: [String: [HTTPResponse]] = [
        "slack": [Inbox.answer(200, "ok")],
        "slack-app": [
            Inbox.answer(200, #"{"ok":true}"#, [.init("Content-Type", "application/json")])
        ],
        "rocketchat": [Inbox.answer(200, #"{"success":true}"#)],
        "telegram": [Inbox.answer(200, #"{"ok":true,"result":{}}"#)],
        "wechat": [
            Inbox.answer(200, #"{"errcode":0,"access_token":"TOKEN","expires_in":7200}"#),
            Inbox.answer(200, #"{"errcode":0,"errmsg":"ok"}"#),
        ],
        "jira": [
            Inbox.answer(
                200,
                #"{"issues":[{"key":"OPS-7","fields":{"status":{"statusCategory":{"key":"STATE"}}}}]}"#
            ),
            Inbox.answer(204),
            Inbox.answer(
                200, #"{"transitions":[{"id":"11","name":"Reopen"},{"id":"12","name":"Done"}]}"#),
            Inbox.answer(204),
        ],
        "jira-cloud": [Inbox.answer(200, #"{"issues":[]}"#), Inbox.answer(201, "{}")],
        "sns-role": [
            Inbox.answer(
                200,
                """
                <AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIATEMP</AccessKeyId>
                <SecretAccessKey>tempsecret</SecretAccessKey><SessionToken>session</SessionToken>
                <Expiration>2026-01-05T11:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>
                """), Inbox.answer(200, "<PublishResponse/>"),
        ],
        "oauth2": [
            Inbox.answer(200, #"{"access_token":"TOKEN","expires_in":3600}"#), Inbox.answer(200),
        ],
    ]

    private static func alerts(resolved: Bool) -> [Alert] {
        func alert(_ instance: String, over: Bool) -> Alert {
            Alert(
                labels: Labels([
                    "alertname": "DiskFull", "instance": instance, "severity": "critical",
                    "team": "storage",
                ]),
                annotations: Annotations(["summary": "<\(instance)> has 3% & falling"]),
                startsAt: Samples.start, endsAt: over ? Samples.start + .seconds(600) : nil,
                generatorURL: "http://tocsin/graph?g0.expr=up", updatedAt: Samples.start)
        }
        return resolved
            ? [alert("db1", over: true)] : [alert("db1", over: false), alert("db2", over: true)]
    }

    private func requests(_ name: String, resolved: Bool) async throws -> [HTTPRequest] {
        let text = try String(
            contentsOf: Self.folder.appendingPathComponent("\(name).yml"), encoding: .utf8)
        let configuration = try NotifierConfiguration.load(
            text: Array(text.utf8), path: "/c/notifiers.yml"
        ).get()
        let all = configuration.receivers.flatMap(\.integrations)
        #expect(all.count == 1, "\(name)")
        let made = Receivers.integration(
            try #require(all.first), templates: NotificationTemplates(),
            in: .fixed(files: [
                "/c/secret": "from-a-file\n", "/c/url": "http://from-a-file/hook\n",
            ]))
        let data = NotificationData(
            receiver: "ops", integration: made.name, index: 0,
            groupKey: "{}:{alertname=\"DiskFull\"}",
            groupLabels: Labels(["alertname": "DiskFull"]), alerts: Self.alerts(resolved: resolved),
            externalURL: "http://tocsin", now: Samples.start + .seconds(3661))
        var script = Self.answers[name] ?? [Inbox.answer(200)]
        if name == "jira" {
            let state = resolved ? "indeterminate" : "done"
            script[0].body = Array(
                String(decoding: script[0].body, as: UTF8.self).replacing("STATE", with: state).utf8
            )
        }
        let inbox = Inbox(script)
        let outcome = await made.deliver(data, transport: inbox)
        guard case .delivered = outcome else {
            Issue.record("\(name): \(outcome)")
            return []
        }
        // What is shown of it holds no secrets, and does not need them.
        let shown = try made.render(data)
        #expect(!shown.request.contains("inline-secret"), "\(name)")
        #expect(!shown.destination.contains("inline-secret"), "\(name)")
        #expect(!shown.text.isEmpty, "\(name)")
        return inbox.requests
    }

    @Test func everyReceiverSendsWhatItsFileSays() async throws {
        let names = try Self.names()
        #expect(names.count == 25)
        for name in names {
            for status in ["firing", "resolved"] {
                let requests = try await requests(name, resolved: status == "resolved")
                let text = requests.map(Exchange.text).joined(separator: "\n")
                let file = Self.folder.appendingPathComponent("\(name).\(status)")
                if ProcessInfo.processInfo.environment["TOCSIN_RECORD"] != nil {
                    try Data(text.utf8).write(to: file)
                }
                let golden = try? String(contentsOf: file, encoding: .utf8)
                #expect(text == golden, "\(name).\(status)")
                for request in requests {
                    try ServiceSchemas.check(request, of: "\(name).\(status)")
                }
            }
        }
    }
}

/// A request as a person reads it.
enum Exchange {
    static func text(_ request: HTTPRequest) -> String {
        var lines = ["\(request.method) \(request.url)"]
        lines += request.headers.map { "\($0.name): \($0.value)" }
        switch request.authorization {
        case .basic(let user, let password):
            lines.append("Authorization: Basic \(user):\(password)")
        case .bearer(let token): lines.append("Authorization: Bearer \(token)")
        case .scheme(let name, let credentials):
            lines.append("Authorization: \(name) \(credentials)")
        case nil: break
        }
        let body = Inbox.body(request)
        if !body.isEmpty { lines += ["", body.hasPrefix("{") ? pretty(body) : form(body)] }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A form, a field a line.
    private static func form(_ text: String) -> String {
        fields(text).map { "\($0.name) = \($0.value)" }.joined(separator: "\n")
    }

    static func fields(_ text: String) -> [(name: String, value: String)] {
        text.split(separator: "&").map { field in
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map { $0.replacing("+", with: " ").removingPercentEncoding ?? "?" }
            return (parts[0], parts.count > 1 ? parts[1] : "")
        }
    }

    /// JSON with its keys in the order sent, a value a line.
    private static func pretty(_ json: String) -> String {
        var out = ""
        var depth = 0
        var inString = false
        var isEscaped = false
        func newLine() { out += "\n" + String(repeating: "  ", count: depth) }
        let characters = Array(json)
        for (index, character) in characters.enumerated() {
            if inString {
                out.append(character)
                if isEscaped {
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "\"" {
                    inString = false
                }
                continue
            }
            switch character {
            case "\"":
                inString = true
                out.append(character)
            case "{", "[":
                out.append(character)
                depth += 1
                if index + 1 < characters.count, !"}]".contains(characters[index + 1]) { newLine() }
            case "}", "]":
                depth -= 1
                if index > 0, !"{[".contains(characters[index - 1]) { newLine() }
                out.append(character)
            case ",":
                out.append(character)
                newLine()
            case ":": out += ": "
            default: out.append(character)
            }
        }
        return out
    }
}
