import Configuration
import Foundation
import Model
import Notify
import Testing
import Transport

/// No limit of ours costs a notification: groups of any size are told, by every kind of receiver.
@Suite struct BigGroupTests {
    #if DEBUG
        static let sizes = [10, 800, 2500]
        static let limit = Duration.seconds(60)
    #else
        static let sizes = [10, 800, 2500, 50_000]
        static let limit = Duration.seconds(60)
    #endif

    /// The most bytes of a message, by what the services say.
    private static let maximumBytes = [
        "pagerduty": 512_000, "discord": 40_000, "msteams": 28_000, "msteamsv2": 28_000,
        "telegram": 70_000, "webex": 9000, "wechat": 3000, "pushover": 8000, "opsgenie": 40_000,
        "victorops": 30_000, "sns": 900_000, "incidentio": 512 << 10, "jira": 45_000,
        "mattermost": 30_000, "slack": 10_000, "rocketchat": 10_000,
    ]

    private static func made(_ configuration: IntegrationConfiguration) -> any Integration {
        Receivers.integration(configuration, templates: NotificationTemplates(), in: .fixed())
    }

    private static func told(_ inbox: Inbox) -> Int {
        (inbox.request?.body ?? inbox.mail?.content ?? []).count
    }

    @Test func allKindsAreTried() {
        #expect(EveryReceiver.kinds.count == 18)
    }

    @Test(arguments: EveryReceiver.kinds, sizes)
    func everyReceiverIsTold(kind: String, count: Int) async throws {
        let configuration = try EveryReceiver.plainConfiguration(kind)
        let inbox = EveryReceiver.inbox(kind)
        let group = EveryReceiver.group(count)
        let clock = ContinuousClock()
        let start = clock.now
        let outcome = await Self.made(configuration).deliver(group, transport: inbox)
        let length = clock.now - start
        guard case .delivered = outcome else {
            Issue.record("\(kind) \(count): \(outcome)")
            return
        }
        #expect(length < Self.limit, "\(kind) \(count)")
        let bytes = Self.told(inbox)
        if ProcessInfo.processInfo.environment["TOCSIN_TIMES"] != nil {
            print("TIMES \(kind) \(count) alerts: \(length), \(bytes) bytes")
        }
        #expect(bytes > 100, "\(kind) \(count)")
        if let mail = inbox.mail, count <= 2500 {
            let text = String(decoding: mail.content.suffix(20_000), as: UTF8.self)
                .replacing("=\r\n", with: "")
            #expect(text.contains("app-7f8d9c6b5-\(count - 1)<"))
            #expect(!text.contains("more alerts"))
        }
        if let most = Self.maximumBytes[kind] { #expect(bytes <= most, "\(kind) \(count)") }
    }

    @Test(arguments: sizes) func webhooksHaveAllAlerts(count: Int) async throws {
        let inbox = EveryReceiver.inbox("webhook")
        _ = await Self.made(try EveryReceiver.plainConfiguration("webhook"))
            .deliver(EveryReceiver.group(count), transport: inbox)
        let body = try #require(inbox.request?.body)
        let object = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
        #expect((object?["alerts"] as? [Any])?.count == count)
        #expect(object?["truncatedAlerts"] as? Int == 0)
    }

    @Test(arguments: sizes.filter { $0 < 100 || $0 > 10_000 })
    func mailsAreWholeWhileServersTakeThem(count: Int) async throws {
        let inbox = EveryReceiver.inbox("email")
        _ = await Self.made(try EveryReceiver.plainConfiguration("email"))
            .deliver(EveryReceiver.group(count), transport: inbox)
        let mail = String(decoding: try #require(inbox.mail).content, as: UTF8.self)
        #expect(mail.utf8.count < 25_000_000)
        #expect(mail.contains("FIRING:\(count)"))
        let html = try #require(MailReader(mail).html)
        if count <= 2500 {
            #expect(html.contains("app-7f8d9c6b5-\(count - 1)<"))
            #expect(!html.contains("more alerts"))
        } else {
            let note = try #require(html.firstMatch(of: #/… and (\d+) more alerts/#))
            let more = try #require(Int(note.output.1))
            #expect(html.contains("app-7f8d9c6b5-\(count - more - 1)<"))
            #expect(!html.contains("app-7f8d9c6b5-\(count - more)<"))
            #expect(html.hasSuffix("</body>\n</html>\n"))
        }
    }

    @Test func pagerDutySaysWhatIsMissing() async throws {
        let inbox = EveryReceiver.inbox("pagerduty")
        _ = await Self.made(try EveryReceiver.plainConfiguration("pagerduty"))
            .deliver(EveryReceiver.group(1200), transport: inbox)
        #expect(inbox.body.contains("[FIRING:1200]"))
        #expect(
            inbox.body.contains(
                "\"custom_details\":{\"error\":\"Custom details have been removed because"))
    }

    private static let list =
        "{{ range .Alerts }}{{ .Labels.pod }}: {{ .Annotations.description }} {{ .GeneratorURL }} {{ end }}"

    /// Every text of a receiver with the whole list in it.
    private static func listing(_ kind: String) throws -> IntegrationConfiguration {
        let fields = try EveryReceiver.configuration(kind).kind.settings.templates
        let texts = fields.filter { $0.role == .text && !$0.name.contains(#/[.\[:]/#) }
        return try EveryReceiver.plainConfiguration(
            kind, Dictionary(uniqueKeysWithValues: texts.map { ($0.name, list) }))
    }

    @Test(arguments: EveryReceiver.kinds)
    func textsOfTheUsersOwnAreToldToo(kind: String) async throws {
        let inbox = EveryReceiver.inbox(kind)
        let outcome = await Self.made(try Self.listing(kind))
            .deliver(EveryReceiver.group(2500), transport: inbox)
        guard case .delivered = outcome else {
            Issue.record("\(kind): \(outcome)")
            return
        }
        #expect(Self.told(inbox) > 100)
    }

    @Test func subjectsAreShort() async throws {
        let topic = EveryReceiver.inbox("sns")
        _ = await Self.made(try Self.listing("sns"))
            .deliver(EveryReceiver.group(20), transport: topic)
        let subject = Exchange.fields(topic.body).first { $0.name == "Subject" }?.value
        #expect(subject?.unicodeScalars.count == 99)
        #expect(subject?.hasSuffix("…") == true)
        let mail = EveryReceiver.inbox("email")
        _ = await Self.made(
            try EveryReceiver.configuration("email", ["headers.Subject": Self.list])
        ).deliver(EveryReceiver.group(200), transport: mail)
        let content = String(decoding: try #require(mail.mail).content, as: UTF8.self)
        let header = try #require(MailReader(content).header("Subject"))
        // Encoded it may be three times as long, and a little more.
        #expect(header.utf8.count < 4000)
    }

    @Test func whatIsTooCostlyListsFewerAlerts() async throws {
        let costly =
            "{{ range .Alerts }}{{ range $.Alerts }}{{ if false }}{{ end }}{{ end }}x{{ end }}"
        let configuration = try EveryReceiver.plainConfiguration("slack", ["text": costly])
        let inbox = EveryReceiver.inbox("slack")
        let outcome = await Self.made(configuration)
            .deliver(EveryReceiver.group(1000), transport: inbox)
        #expect(outcome == .delivered(detail: "status 200"))
        #expect(inbox.body.contains("[FIRING:1000]"))
        #expect(
            inbox.body.contains(
                #""text":"\#(String(repeating: "x", count: 250))\n… and 750 more alerts: "#
                    + #"http://am/#/alerts?receiver=r""#))
    }

    @Test func whatFewerAlertsDoNotHelpIsALink() async throws {
        let endless = "{{ range 100000000 }}{{ if false }}{{ end }}{{ end }}"
        let configuration = try EveryReceiver.plainConfiguration("telegram", ["message": endless])
        let inbox = EveryReceiver.inbox("telegram")
        let outcome = await Self.made(configuration)
            .deliver(EveryReceiver.group(3), transport: inbox)
        #expect(outcome == .delivered(detail: "status 200"))
        #expect(inbox.body.contains("Alerts: 3 firing."))
        #expect(inbox.body.contains("http://am/#/alerts?receiver=r"))
    }

    @Test(arguments: EveryReceiver.kinds)
    func whatAReceiverRefusesForItsSizeBecomesSmaller(kind: String) async throws {
        let transport = SmallDoor(maximumBytes: 6000, answer: EveryReceiver.inbox(kind))
        let outcome = await Self.made(try Self.listing(kind))
            .deliver(EveryReceiver.group(200), transport: transport)
        guard case .delivered = outcome else {
            Issue.record("\(kind): \(outcome)")
            return
        }
        #expect(Self.told(transport.answer) > 100)
        if kind == "webhook" {
            let body = try #require(transport.answer.request?.body)
            let object = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
            let alerts = try #require(object?["alerts"] as? [Any])
            #expect(alerts.count < 200)
            #expect(object?["truncatedAlerts"] as? Int == 200 - alerts.count)
        }
    }

    @Test func whatIsRefusedAtAnySizeIsRefused() async throws {
        let transport = SmallDoor(maximumBytes: 0, answer: EveryReceiver.inbox("webhook"))
        let outcome = await Self.made(try EveryReceiver.plainConfiguration("webhook"))
            .deliver(EveryReceiver.group(200), transport: transport)
        #expect(outcome == .failed(reason: "unexpected status code 413: too large"))
    }
}

/// Takes small messages.
private struct SmallDoor: Transporting {
    let maximumBytes: Int
    let answer: Inbox

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        if request.body?.count ?? 0 > maximumBytes { return Inbox.answer(413, "too large") }
        return try await answer.send(request)
    }

    func send(_ mail: MailMessage) async throws(TransportError) -> MailReceipt {
        if mail.content.count > maximumBytes {
            throw TransportError(.smtp(code: 552), "the server said: 552 too large")
        }
        return try await answer.send(mail)
    }
}
