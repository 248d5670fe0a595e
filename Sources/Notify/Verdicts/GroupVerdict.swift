import Model

/// All that is decided on a group at a moment: what it waits for, which of its alerts are muted, and what
/// each integration of its receiver is to be notified of.
public struct GroupVerdict: Sendable, Hashable {
    /// The group, with the verdicts on its alerts.
    public let group: GroupSnapshot
    /// The integrations of its receiver, in the order of the file.
    public let integrations: [IntegrationVerdict]
}

/// What an integration is to be notified of, for one group.
public struct IntegrationVerdict: Sendable, Hashable {
    /// The group and the integration.
    public let key: DeliveryKey
    /// What a flush at this moment decides.
    public let notification: NotificationVerdict
    /// When the integration last took a notification of the group, if the log still knows.
    public let lastNotified: Timestamp?
    /// What it is owed: since when, after how many attempts, with which error.
    public let owed: OutboxSlot?
    /// What a flush at this moment makes of `owed`, where every alert of the group is muted.
    public let hold: HoldVerdict?
    /// Fingerprints of the alerts that it was notified of as firing.
    private let firing: Set<UInt64>

    init(
        key: DeliveryKey, _ notification: NotificationVerdict, _ entry: NotificationLog.Entry?,
        owed: OutboxSlot?, hold: HoldVerdict?
    ) {
        self.key = key
        self.notification = notification
        self.owed = owed
        self.hold = hold
        lastNotified = entry?.at
        firing = entry?.firing ?? []
    }

    /// Whether it believes that the alert fires: it was notified of that, and not of the end.
    public func believesFiring(_ alert: Alert) -> Bool {
        firing.contains(alert.fingerprint.value)
    }
}

extension Notifier {
    /// The verdict on every group, as if each were flushed at this moment; ordered by labels and receiver.
    /// It costs what flushing all groups costs: it is made for those who ask why.
    public func verdicts(at moment: Timestamp) -> [GroupVerdict] {
        dispatcher.groups.values.compactMap { verdict(on: $0, at: moment) }
            .sorted { $0.group < $1.group }
    }

    private func verdict(on group: AlertGroup, at moment: Timestamp) -> GroupVerdict? {
        guard let route = dispatcher.routes.route(id: group.id.route),
            let shown = snapshot(group, at: moment)
        else { return nil }
        let due = dispatcher.due(group, route, at: moment)
        let muted = Set(shown.alerts.filter(\.muted.isMuted).map(\.alert.labels))
        let alerts = due.alerts.filter { !muted.contains($0.labels) }
        let isShared = isShared(due)
        let integrations = setup.integrations(of: route.receiver).map { integration in
            let slot = slot(integration, due, alerts, at: moment)
            let owed = outbox.slots[slot.key]
            return IntegrationVerdict(
                key: slot.key, alerts.isEmpty ? .allMuted : verdict(on: slot, at: moment),
                log[slot.key], owed: owed,
                hold: alerts.isEmpty ? owed.map { hold($0, isShared: isShared) } : nil)
        }
        return GroupVerdict(group: shown, integrations: integrations)
    }
}
