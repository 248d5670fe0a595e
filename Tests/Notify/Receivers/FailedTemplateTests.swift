import Configuration
import Foundation
import Logging
import Model
import Notify
import Synchronization
import Testing
import Transport

/// A template that fails costs its field, not the message, unless the field says where the message goes.
@Suite struct FailedTemplateTests {
    private static let failing = "half {{ .StartsAt }}"
    private static let log = "see Tocsin's log"

    private static func fields(_ kind: String) throws -> [ReceiverTemplate] {
        // Where a webhook goes is the one field that others cannot do without: it has tests of its own.
        try EveryReceiver.configuration(kind).kind.settings.templates.filter {
            kind != "webhook" || $0.name != "url"
        }
    }

    private func send(
        _ configuration: IntegrationConfiguration, _ data: NotificationData? = nil,
        over inbox: Inbox, _ log: LogLines = LogLines()
    ) async -> DeliveryOutcome {
        var surroundings = ReceiverSurroundings.fixed()
        surroundings.logger = Logger(label: "test") { _ in log }
        return await Receivers.integration(
            configuration, templates: NotificationTemplates(), in: surroundings
        ).deliver(data ?? EveryReceiver.group(2), transport: inbox)
    }

    /// All that was sent, as its reader sees it.
    private func said(_ inbox: Inbox) throws -> String {
        if let mail = inbox.mail {
            let content = String(decoding: mail.content, as: UTF8.self)
            let read = try MailReader(content)
            return content + (read.html ?? "") + (read.text ?? "")
        }
        return inbox.requests.map { request in
            let body = Inbox.body(request)
            return body.hasPrefix("{")
                ? body : Exchange.fields(body).map(\.value).joined(separator: "\n")
        }.joined(separator: "\n")
    }

    @Test(arguments: EveryReceiver.kinds) func everyFieldIsTried(kind: String) throws {
        let mark = "{{ .Status }} mark"
        for field in try Self.fields(kind) where !field.name.contains(": key ") {
            let marked = try EveryReceiver.configuration(kind, [field.name: mark])
            let texts = marked.kind.settings.templates.filter { $0.text == mark }.map(\.name)
            #expect(
                texts == [field.name] || field.text.isEmpty,
                "\(kind): the test's configuration has no \(field.name)")
        }
    }

    @Test(arguments: EveryReceiver.kinds) func aFieldThatFailsCostsItself(kind: String) async throws
    {
        for field in try Self.fields(kind)
        where !field.name.contains(": key ") && !field.text.isEmpty {
            let inbox = EveryReceiver.inbox(kind)
            let log = LogLines()
            let configuration = try EveryReceiver.configuration(kind, [field.name: Self.failing])
            let outcome = await send(configuration, over: inbox, log)
            let said = try said(inbox)
            let place = "\(kind) \(field.name)"
            if field.role == .destination {
                guard case .unmade(let reason) = outcome else {
                    Issue.record("\(place): \(outcome)")
                    continue
                }
                #expect(
                    reason.hasPrefix("\(field.name): a template failed: template: :1:"), "\(place)")
                #expect(!said.contains("half"), "\(place)")
                continue
            }
            guard case .delivered = outcome else {
                Issue.record("\(place): \(outcome)")
                continue
            }
            let note = "half [\(field.name): template failed, \(Self.log)]"
            #expect(said.contains(note) == (field.role == .text), "\(place): \(said)")
            #expect(said.contains("half") == (field.role == .text), "\(place): \(said)")
            let line = try #require(log.lines.first, "\(place)")
            #expect(line.contains("a template failed"), "\(place)")
            #expect(line.contains("field=\(field.name)"), "\(place)")
            #expect(line.contains("template: :1:8: executing"), "\(place)")
            #expect(line.contains("/c/notifiers.yml:2:"), "\(place)")
        }
    }

    @Test func keysOfTheUsersOwnAreTextsToo() async throws {
        let texts = ["payload.a": "x"]
        var configuration = try EveryReceiver.configuration("webhook", texts)
        guard case .webhook(var webhook) = configuration.kind else { return }
        webhook.payload = .map([.init("k {{ .StartsAt }}", .text("v"))])
        configuration.kind = .webhook(webhook)
        let inbox = EveryReceiver.inbox("webhook")
        #expect(await send(configuration, over: inbox) == .delivered(detail: "status 200"))
        #expect(inbox.body.hasPrefix(#"{"k [payload: key k {{ .StartsAt }}: template failed"#))
    }

    /// The case that people met: a footer and a button fail, the message arrives.
    @Test func slackArrivesWithoutTheButton() async throws {
        guard case .slack(var slack) = try EveryReceiver.plainConfiguration("slack").kind else {
            return
        }
        slack.text = "{{ range .Alerts }}{{ .Annotations.summary }}{{ end }}"
        slack.footer = "since {{ .StartsAt }}"
        slack.actions = [.init(type: "button", text: "Graph"), .init(type: "button", text: "Us")]
        slack.actions[0].url = "{{ (index .Alerts.Firing 0).GeneratorURL }}"
        slack.actions[1].url = "{{ .ExternalURL }}"
        let inbox = EveryReceiver.inbox("slack")
        let outcome = await send(
            IntegrationConfiguration(.slack(slack), sendResolved: true),
            Samples.notification(alerts: [Samples.alert(resolved: true)]), over: inbox)
        #expect(outcome == .delivered(detail: "status 200"))
        #expect(inbox.body.contains(#""footer":"since [footer: template failed, \#(Self.log)]""#))
        #expect(
            inbox.body.contains(
                #""actions":[{"type":"button","text":"Us","url":"http://am"}]"#))
    }

    @Test func aNoteIsSeenInHTML() async throws {
        for (html, shown) in [
            ("<p>a</p><a href=\"{{ .StartsAt }}\">x</a>", "<p>a</p>"),
            ("<html><title>b {{ .StartsAt }}</title>", "<html><title>b </title>"),
            ("<b>c &lt;{{ .Status }}{{ .StartsAt }}</b>", "<b>c &lt;firing"),
        ] {
            guard case .email(var email) = try EveryReceiver.plainConfiguration("email").kind
            else { return }
            email.html = html
            let inbox = EveryReceiver.inbox("email")
            _ = await send(IntegrationConfiguration(.email(email), sendResolved: true), over: inbox)
            let mail = String(decoding: try #require(inbox.mail).content, as: UTF8.self)
            // html/template writes no apostrophe into a document; the note is not from a template.
            #expect(
                try MailReader(mail).html == "\(shown) [html: template failed, \(Self.log)]",
                "\(html)")
        }
    }

    @Test func aNoteFitsIntoWhatIsTaken() async throws {
        let long = "{{ range .Alerts }}{{ .Annotations.description }} {{ end }}{{ .StartsAt }}"
        let configuration = try EveryReceiver.plainConfiguration("discord", ["title": long])
        let inbox = EveryReceiver.inbox("discord")
        #expect(
            await send(configuration, EveryReceiver.group(6), over: inbox)
                == .delivered(detail: "status 200"))
        let title = try #require(inbox.body.firstMatch(of: #/"title":"([^"]+)"/#)).output.1
        #expect(title.unicodeScalars.count == 256)
        #expect(title.hasSuffix("… [title: template failed, \(Self.log)]"))
    }

    @Test func whatIsAskedForIsAnError() throws {
        let configuration = try EveryReceiver.plainConfiguration("slack", ["text": Self.failing])
        let made = Receivers.integration(
            configuration, templates: NotificationTemplates(), in: .fixed())
        let error = #expect(throws: (any Error).self) { try made.render(EveryReceiver.group(1)) }
        #expect("\(error.map { "\($0)" } ?? "")".hasPrefix("a template failed: template: :1:8:"))
    }
}

/// What was logged, a line each.
private final class LogLines: LogHandler {
    private let kept = Mutex<[String]>([])

    var lines: [String] { kept.withLock { $0 } }

    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        let more = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted()
        kept.withLock { $0.append("\(event.message) \(more.joined(separator: " "))") }
    }
}
