import Model

/// Whether an integration is to be notified of a group, by Alertmanager's rules: what the group's alerts
/// are now is compared with what the integration was last notified of.
public enum NotificationVerdict: Sendable, Hashable {
    /// It is notified, for this reason.
    case notify(NotificationReason)
    /// All alerts that it was notified of have ended, and it has `send_resolved: false`: nothing is sent,
    /// and the notification log records the end.
    case endNotWanted
    /// It was notified of all this, and is notified again at the first flush after `repeatAfter` if
    /// nothing changes.
    case alreadyNotified(at: Timestamp, repeatAfter: Timestamp)
    /// All alerts have ended, and it was notified of that (or does not want to be).
    case endAlreadyNotified(at: Timestamp)
    /// Every alert of the group is muted: nothing is sent, and `HoldVerdict` says what becomes of what is
    /// owed from before.
    case allMuted
    /// Nothing fires, and it was never notified of anything.
    case nothingToNotify

    /// Whether there is anything that the integration, or the log, does not know.
    public var isNews: Bool {
        switch self {
        case .notify, .endNotWanted: true
        case .alreadyNotified, .endAlreadyNotified, .allMuted, .nothingToNotify: false
        }
    }

    /// The reason as templates and webhooks have it.
    public var reason: NotificationReason {
        switch self {
        case .notify(let reason): reason
        case .endNotWanted: .allResolved
        case .alreadyNotified, .endAlreadyNotified, .allMuted, .nothingToNotify: .noNews
        }
    }
}
