import Foundation
import Hummingbird
import Model

/// Stands where Slack, PagerDuty, the mail server and the webhook's owner would be, and shows each
/// message as its reader would see it.
public final class Inbox: Sendable {
    private let show: @Sendable (String) -> Void

    /// Where the inbox listens.
    public struct Addresses: Sendable {
        /// The base URL of the HTTP receivers.
        public var http: String
        /// The mail server's host.
        public var smtpHost: String
        /// And its port.
        public var smtpPort: Int
    }

    /// `show` is called with every message.
    public init(show: @escaping @Sendable (String) -> Void) { self.show = show }

    /// Runs until cancelled; `started` is told the addresses.
    public func run(started: @escaping @Sendable (Addresses) async -> Void) async throws {
        let ports = PortCollector(count: 1)
        let mail = try MailSink { [show] in show(InboxMessage.email($0)) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await DemoServer.run(self.router()) { await ports.set(0, $0) } }
            group.addTask { try await mail.run() }
            group.addTask {
                let port = await ports.all()[0]
                await started(
                    Addresses(
                        http: "http://127.0.0.1:\(port)", smtpHost: "127.0.0.1",
                        smtpPort: mail.port))
            }
            try await group.waitForAll()
        }
    }

    private func router() -> Router<BasicRequestContext> {
        let router = Router()
        answer(router, "/slack", with: "ok", InboxMessage.slack)
        answer(
            router, "/pagerduty", with: #"{"status":"success","message":"Event processed"}"#,
            InboxMessage.pagerDuty, status: .accepted)
        answer(router, "/webhook", with: "", InboxMessage.webhook)
        return router
    }

    private func answer(
        _ router: Router<BasicRequestContext>, _ path: RouterPath, with body: String,
        _ describe: @escaping @Sendable ([String: Any]) -> String,
        status: HTTPResponse.Status = .ok
    ) {
        router.post(path) { [show] request, _ -> Response in
            let buffer = try await request.body.collect(upTo: 4 << 20)
            let json = try? JSONSerialization.jsonObject(with: Data(buffer.readableBytesView))
            show(describe(json as? [String: Any] ?? [:]))
            return Response(
                status: status, body: .init(byteBuffer: ByteBuffer(string: body)))
        }
    }
}

/// The messages as text.
enum InboxMessage {
    static func slack(_ json: [String: Any]) -> String {
        let attachments = json["attachments"] as? [[String: Any]] ?? []
        let parts = attachments.map { part in
            [part["title"], part["text"]].compactMap { $0 as? String }
                .filter { !$0.isEmpty }.joined(separator: "\n")
        }
        let channel = json["channel"] as? String ?? ""
        let text = json["text"] as? String ?? ""
        return box("Slack \(channel)", ([text] + parts).filter { !$0.isEmpty })
    }

    static func pagerDuty(_ json: [String: Any]) -> String {
        let payload = json["payload"] as? [String: Any] ?? [:]
        let action = json["event_action"] as? String ?? "?"
        let severity = payload["severity"] as? String ?? ""
        return box(
            "PagerDuty \(action) \(severity)", [payload["summary"] as? String ?? "(resolved)"])
    }

    static func webhook(_ json: [String: Any]) -> String {
        let alerts = json["alerts"] as? [[String: Any]] ?? []
        let lines = alerts.map { alert in
            let labels = alert["labels"] as? [String: String] ?? [:]
            let annotations = alert["annotations"] as? [String: String] ?? [:]
            let text = annotations["description"] ?? annotations["summary"] ?? ""
            return "\(alert["status"] as? String ?? "?") \(labels["alertname"] ?? "?"): \(text)"
        }
        return box("Webhook \(json["status"] as? String ?? "?")", lines)
    }

    static func email(_ message: String) -> String {
        let normalised = message.replacingOccurrences(of: "\r\n", with: "\n")
        let parts = normalised.components(separatedBy: "\n\n")
        let headers = (parts.first ?? "").components(separatedBy: "\n")
        func header(_ name: String) -> String {
            headers.first { $0.lowercased().hasPrefix(name + ":") }
                .map { String($0.dropFirst(name.count + 1)).trimmingWhitespace } ?? ""
        }
        return box("Email to \(header("to"))", [MailText.decodedWords(header("subject"))])
    }

    private static func box(_ title: String, _ lines: [String]) -> String {
        let body = lines.flatMap { $0.components(separatedBy: "\n") }
        return (["┌─ \(title.trimmingWhitespace)"] + body.map { "│ " + $0 } + ["└─"])
            .joined(separator: "\n")
    }
}

/// The little of MIME that a subject needs.
enum MailText {
    /// `=?utf-8?q?…?=` and `?b?` words decoded.
    static func decodedWords(_ text: String) -> String {
        text.components(separatedBy: " ").map { word in
            let parts = word.components(separatedBy: "?")
            guard parts.count == 5, parts[0] == "=", parts[4] == "=" else { return word }
            if parts[2].lowercased() == "b" {
                return Data(base64Encoded: parts[3]).map { String(decoding: $0, as: UTF8.self) }
                    ?? word
            }
            return quotedPrintable(parts[3].replacingOccurrences(of: "_", with: " "))
        }.joined(separator: " ")
    }

    private static func quotedPrintable(_ text: String) -> String {
        var out: [UInt8] = []
        var bytes = Array(text.utf8)[...]
        while let byte = bytes.popFirst() {
            if byte == UInt8(ascii: "="), bytes.count >= 2,
                let value = UInt8(String(decoding: bytes.prefix(2), as: UTF8.self), radix: 16)
            {
                out.append(value)
                bytes = bytes.dropFirst(2)
            } else {
                out.append(byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
