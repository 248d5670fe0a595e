import Model

/// What one notification says, before any template: the input of an integration.
public struct NotificationData: Hashable, Sendable, Codable {
    /// The receiver's name.
    public var receiver: String
    /// The integration's kind within the receiver: `slack`, `pagerduty`, `email`, `webhook`.
    public var integration: String
    /// The position among the receiver's integrations of this kind, from 0.
    public var index: Int
    /// Alertmanager's group key, e.g. `{}/{severity="critical"}:{alertname="Down"}`.
    public var groupKey: String
    /// The labels that all alerts of the group share by being grouped.
    public var groupLabels: Labels
    /// In Alertmanager's order. A firing one has no `endsAt`; one that has it is resolved.
    public var alerts: [Alert]
    /// The base of links to ourselves, without a slash at the end.
    public var externalURL: String
    /// The moment of the flush that made this.
    public var now: Timestamp
    /// What the integration asked to be remembered of the group when it last delivered; filled in
    /// for an attempt.
    public var memory: [String: String]?
    /// Why the receiver is told; filled in for an attempt.
    public var reason: NotificationReason?

    /// What one notification says.
    public init(
        receiver: String, integration: String, index: Int, groupKey: String, groupLabels: Labels,
        alerts: [Alert], externalURL: String, now: Timestamp
    ) {
        self.receiver = receiver
        self.integration = integration
        self.index = index
        self.groupKey = groupKey
        self.groupLabels = groupLabels
        self.alerts = alerts
        self.externalURL = externalURL
        self.now = now
    }

    /// Firing where any alert is.
    public var status: AlertStatus { firing.isEmpty ? .resolved : .firing }

    /// The alerts that fire.
    public var firing: [Alert] { alerts.filter { $0.endsAt == nil } }

    /// The alerts that are over.
    public var resolved: [Alert] { alerts.filter { $0.endsAt != nil } }
}
