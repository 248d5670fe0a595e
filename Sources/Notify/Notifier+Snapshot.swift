import Model

/// An alert as the API shows it.
public struct AlertSnapshot: Sendable, Hashable {
    /// The alert.
    public var alert: Alert
    /// Why it is not told, if so.
    public var muted: MutingReasons
    /// The receivers that it reaches.
    public var receivers: [String]

    /// `status.state` of Alertmanager's API.
    public var state: AlertState { muted.isMuted ? .suppressed : .active }
}

/// What becomes of an alert, as Alertmanager's API calls it.
public enum AlertState: String, Sendable, Hashable, CaseIterable {
    /// Nobody has looked yet; Alertmanager looks when it is asked, and so do we: never seen.
    case unprocessed
    /// It is told.
    case active
    /// Something keeps it from being told.
    case suppressed
}

/// A group as the API shows it.
public struct GroupSnapshot: Sendable, Hashable {
    /// What its alerts share.
    public var labels: Labels
    /// Whom it is told to.
    public var receiver: String
    /// Alertmanager's group key.
    public var key: String
    /// The route's identifier.
    public var routeID: String
    /// When it is told next, if there is anything new.
    public var nextFlush: Timestamp
    /// Its alerts in the order of notifications.
    public var alerts: [AlertSnapshot]
}

extension Notifier {
    /// Every alert, ordered by labels.
    public func alerts(at moment: Timestamp) -> [AlertSnapshot] {
        return dispatcher.alerts.values.sorted { $0.labels < $1.labels }.map {
            snapshot($0, nil, at: moment)
        }
    }

    /// Every group, ordered by labels and receiver.
    public func groups(at moment: Timestamp) -> [GroupSnapshot] {
        return dispatcher.groups.values.compactMap { group -> GroupSnapshot? in
            guard let route = dispatcher.routes.route(id: group.id.route) else { return nil }
            return GroupSnapshot(
                labels: group.id.labels, receiver: route.receiver, key: group.key,
                routeID: route.id, nextFlush: group.nextFlush,
                alerts: dispatcher.snapshot(of: group, at: moment).map {
                    // With the end that the snapshot of a notification leaves out.
                    snapshot(dispatcher.alerts[$0.labels] ?? $0, route, at: moment)
                })
        }.sorted {
            if $0.labels != $1.labels { return $0.labels < $1.labels }
            let order = $0.receiver.byteOrder($1.receiver)
            return order == 0 ? $0.routeID.byteOrder($1.routeID) < 0 : order < 0
        }
    }

    private func snapshot(_ alert: Alert, _ route: Route?, at moment: Timestamp) -> AlertSnapshot {
        var muted = MutingReasons()
        muted.inhibitedBy = inhibitor(of: alert.labels, at: moment).map { [$0] } ?? []
        muted.silencedBy = silences.silencing(alert.labels, at: moment)
        muted.mutedBy = route.map { setup.muting.mutes($0, at: moment) } ?? []
        return AlertSnapshot(
            alert: alert, muted: muted, receivers: dispatcher.routes.receivers(of: alert.labels))
    }
}
