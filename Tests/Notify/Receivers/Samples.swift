import Configuration
import Model
import Notify
import Synchronization
import Testing
import Transport

/// One notification for the tests of templates and receivers.
enum Samples {
    /// 2026-01-05T09:00:00Z.
    static let start = Timestamp(milliseconds: 1_767_603_600_000)

    /// The labels that the recorded templates were given.
    static let recordedGroup = Labels(["alertname": "A", "groupLabelKey1": "v1"])

    static func notification(
        groupLabels: Labels = Labels(["alertname": "A"]),
        alerts: [Alert]? = nil, receiver: String = "r"
    ) -> NotificationData {
        NotificationData(
            receiver: receiver, integration: "x", index: 0,
            groupKey: "{}:{alertname=\"A\"}", groupLabels: groupLabels,
            alerts: alerts ?? [alert()], externalURL: "http://am",
            now: start + .seconds(3661))
    }

    static func alert(_ more: [Label] = [], resolved: Bool = false) -> Alert {
        Alert(
            labels: Labels([Label("alertname", "A"), Label("b", "2")] + more),
            annotations: Labels(["s": "x"]), startsAt: start,
            endsAt: resolved ? start + .seconds(600) : nil, generatorURL: "http://g",
            updatedAt: start)
    }
}

/// Takes every request and mail, and answers the same each time.
final class Inbox: Transporting {
    private let requests = Mutex<[HTTPRequest]>([])
    private let mails = Mutex<[MailMessage]>([])
    private let answer: Result<HTTPResponse, TransportError>

    init(_ answer: Result<HTTPResponse, TransportError>) { self.answer = answer }

    convenience init(
        status: Int, _ body: String = "", _ headers: [HTTPRequest.Header] = []
    ) {
        self.init(.success(HTTPResponse(status: status, headers: headers, body: Array(body.utf8))))
    }

    var request: HTTPRequest? { requests.withLock { $0.last } }
    var mail: MailMessage? { mails.withLock { $0.last } }
    var body: String { String(decoding: request?.body ?? [], as: UTF8.self) }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        requests.withLock { $0.append(request) }
        return try answer.get()
    }

    func send(_ mail: MailMessage) async throws(TransportError) -> MailReceipt {
        mails.withLock { $0.append(mail) }
        _ = try answer.get()
        return MailReceipt(code: 250, reply: "queued")
    }
}

/// An integration, as a configuration makes it.
func integration(
    _ kind: IntegrationConfiguration.Kind, files: [String: String] = [:]
) throws -> any Integration {
    try #require(
        Receivers.integration(
            IntegrationConfiguration(kind, sendResolved: true),
            templates: NotificationTemplates(), files: .memory(files)))
}
