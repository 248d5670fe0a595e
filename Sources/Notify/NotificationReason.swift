/// Why a receiver is told, in Alertmanager's words (since 0.32): `.NotificationReason` of templates and
/// `notification_reason` of webhooks.
public enum NotificationReason: String, Sendable, Hashable, Codable, CaseIterable {
    /// It is not: nothing has changed for it.
    case noNews = "none"
    /// Of this group it believes nothing to fire.
    case first = "first notification"
    /// It has not heard of some alerts that fire.
    case newAlerts = "new alerts added"
    /// Some that it believes to fire have ended.
    case someResolved = "some alerts resolved"
    /// All have ended.
    case allResolved = "all alerts resolved"
    /// The same again.
    case repeated = "repeat interval elapsed"
    /// None of these: a message that may have arrived is put right.
    case unknown
}
