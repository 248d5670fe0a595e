import Model
import Transport

/// How an attempt to deliver ended.
public enum DeliveryOutcome: Hashable, Sendable {
    /// The receiver took it; `detail` is for the log. `memory` is what the integration wants to be
    /// told with the group's next notification; nil: what it was told with this one.
    case delivered(detail: String = "", memory: [String: String]? = nil)
    /// It may work later: 429, 5xx, no connection. `after` is what the receiver asked to wait.
    /// `mayHaveArrived` where no answer says that it did not (a time-out after sending): what was
    /// said must then be taken back even if the alert ends before the next attempt.
    case retry(after: Milliseconds? = nil, reason: String, mayHaveArrived: Bool = false)
    /// The receiver refused it, and repeating it at once would not help: another 4xx. Tried again at the
    /// next group interval.
    case failed(reason: String)
    /// There was nothing to send on our side: a missing secret, a bad address, a template that says
    /// where to and fails. Tried again at the next group interval.
    case unmade(reason: String)
}

/// One way of telling people: a configured entry of a receiver.
public protocol Integration: Sendable {
    /// Its kind: `slack`, `pagerduty`, `email`, `webhook`.
    var name: String { get }
    /// Whether it wants to hear of resolved alerts.
    var sendResolved: Bool { get }
    /// One attempt, bounded in time by the transport's own time-outs.
    func deliver(_ data: NotificationData, transport: any Transporting) async -> DeliveryOutcome
    /// What would be sent, without sending or reading secrets.
    func render(_ data: NotificationData) throws -> RenderedNotification
    /// Why it cannot work as things are (a secret file that is missing), or nil.
    func problem() async -> String?
}

extension Integration {
    public func problem() async -> String? { nil }
}

/// A notification as its reader would see it.
public struct RenderedNotification: Hashable, Sendable, Codable {
    /// The integration's kind.
    public var integration: String
    /// Where it goes, without secrets: a channel, an address, a host.
    public var destination: String
    /// What a person reads.
    public var text: String
    /// The raw request or message, without secrets.
    public var request: String

    /// A rendered notification.
    public init(integration: String, destination: String, text: String, request: String) {
        self.integration = integration
        self.destination = destination
        self.text = text
        self.request = request
    }
}
