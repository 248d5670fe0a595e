import Model

/// An alert as the API shows it.
public struct AlertSnapshot: Sendable, Hashable {
    /// The alert.
    public var alert: Alert
    /// Whether it is muted, and by what.
    public var muted: MutingVerdict
    /// Whether it leaves its group; nil where it is shown without one.
    public var ending: EndingVerdict?
    /// The receivers that it reaches.
    public var receivers: [String]

    /// `status.state` of Alertmanager's API.
    public var state: AlertState { muted.isMuted ? .suppressed : .active }
}

/// What becomes of an alert, as Alertmanager's API calls it.
public enum AlertState: String, Sendable, Hashable, CaseIterable {
    /// Nobody has looked yet; Alertmanager looks when it is asked, and so do we: never seen.
    case unprocessed
    /// Nothing mutes it.
    case active
    /// It is silenced, inhibited or muted by a time interval.
    case suppressed
}

/// A group as the API shows it.
public struct GroupSnapshot: Sendable, Hashable {
    /// What its alerts share.
    public var labels: Labels
    /// The receiver's name.
    public var receiver: String
    /// Alertmanager's group key.
    public var key: String
    /// The route's identifier.
    public var routeID: String
    /// When it is flushed next.
    public var nextFlush: Timestamp
    /// Whether that is now, or what it waits for.
    public var flush: FlushVerdict
    /// Whether a time interval mutes its route.
    public var timeIntervals: TimeIntervalVerdict
    /// Its alerts in the order of notifications.
    public var alerts: [AlertSnapshot]
}

extension Notifier {
    /// Every alert, ordered by labels.
    public func alerts(at moment: Timestamp) -> [AlertSnapshot] {
        dispatcher.alerts.values.sorted { $0.labels < $1.labels }.map {
            snapshot($0, .active, nil, at: moment)
        }
    }

    /// Every group, ordered by labels and receiver.
    public func groups(at moment: Timestamp) -> [GroupSnapshot] {
        dispatcher.groups.values.compactMap { snapshot($0, at: moment) }.sorted(by: <)
    }

    func snapshot(_ group: AlertGroup, at moment: Timestamp) -> GroupSnapshot? {
        guard let route = dispatcher.routes.route(id: group.id.route) else { return nil }
        let timeIntervals = setup.muting.verdict(on: route, at: moment)
        let isOwed = outbox.owesAnything(groupKey: group.key)
        let alerts = dispatcher.snapshot(of: group, at: moment).map { alert in
            let ending = dispatcher.ending(of: alert.labels, in: group, at: moment)
            return snapshot(
                // With the end that the snapshot of a notification leaves out.
                dispatcher.alerts[alert.labels] ?? alert, timeIntervals,
                ending == .ended && isOwed ? .owed : ending, at: moment)
        }
        return GroupSnapshot(
            labels: group.id.labels, receiver: route.receiver, key: group.key, routeID: route.id,
            nextFlush: group.nextFlush, flush: group.verdict(at: moment),
            timeIntervals: timeIntervals, alerts: alerts)
    }

    private func snapshot(
        _ alert: Alert, _ timeIntervals: TimeIntervalVerdict, _ ending: EndingVerdict?,
        at moment: Timestamp
    ) -> AlertSnapshot {
        AlertSnapshot(
            alert: alert, muted: muting(of: alert.labels, timeIntervals, at: moment),
            ending: ending, receivers: dispatcher.routes.receivers(of: alert.labels))
    }
}

extension GroupSnapshot {
    static func < (a: GroupSnapshot, b: GroupSnapshot) -> Bool {
        if a.labels != b.labels { return a.labels < b.labels }
        let order = a.receiver.byteOrder(b.receiver)
        return order == 0 ? a.routeID.byteOrder(b.routeID) < 0 : order < 0
    }
}
