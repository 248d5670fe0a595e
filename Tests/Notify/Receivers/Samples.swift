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
            annotations: Annotations(["s": "x"]), startsAt: start,
            endsAt: resolved ? start + .seconds(600) : nil, generatorURL: "http://g",
            updatedAt: start)
    }
}

/// Takes every request and mail. It answers the same each time, or as its script says and then
/// as the script's last line does.
final class Inbox: Transporting {
    private let sent = Mutex<[HTTPRequest]>([])
    private let mails = Mutex<[MailMessage]>([])
    private let script: [Result<HTTPResponse, TransportError>]

    init(_ answer: Result<HTTPResponse, TransportError>) { script = [answer] }

    init(_ answers: [HTTPResponse]) { script = answers.map { .success($0) } }

    convenience init(
        status: Int, _ body: String = "", _ headers: [HTTPRequest.Header] = []
    ) {
        self.init([Inbox.answer(status, body, headers)])
    }

    static func answer(
        _ status: Int, _ body: String = "", _ headers: [HTTPRequest.Header] = []
    ) -> HTTPResponse {
        HTTPResponse(status: status, headers: headers, body: Array(body.utf8))
    }

    var requests: [HTTPRequest] { sent.withLock { $0 } }
    var request: HTTPRequest? { requests.last }
    var mail: MailMessage? { mails.withLock { $0.last } }
    var body: String { request.map(Inbox.body) ?? "" }

    static func body(_ request: HTTPRequest) -> String {
        String(decoding: request.body ?? [], as: UTF8.self)
    }

    private func take(_ request: HTTPRequest) -> Int {
        sent.withLock {
            $0.append(request)
            return $0.count - 1
        }
    }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let index = take(request)
        return try script[min(index, script.count - 1)].get()
    }

    func send(_ mail: MailMessage) async throws(TransportError) -> MailReceipt {
        mails.withLock { $0.append(mail) }
        _ = try script[0].get()
        return MailReceipt(code: 250, reply: "queued")
    }
}

/// An integration, as a configuration makes it.
func integration(
    _ kind: IntegrationConfiguration.Kind, files: [String: String] = [:],
    environment: [String: String] = [:]
) -> any Integration {
    Receivers.integration(
        IntegrationConfiguration(kind, sendResolved: true), templates: NotificationTemplates(),
        in: .fixed(files: files, environment: environment))
}

extension ReceiverSurroundings {
    /// Files in memory, and a clock that stands.
    static func fixed(
        files: [String: String] = [:], environment: [String: String] = [:]
    ) -> ReceiverSurroundings {
        ReceiverSurroundings(
            files: .memory(files), environment: environment,
            wallClock: { Samples.start + .seconds(3661) })
    }
}
