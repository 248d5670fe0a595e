import Model

/// Sorts alerts into groups by the routing tree and says when each group is flushed: a pure state
/// machine with Alertmanager's timing.
///
/// A new group waits for its route's `group_wait` (not at all where its alert began longer ago than
/// that), then is flushed every `group_interval`. A resolved alert stays until a flush that saw it
/// resolved has been delivered everywhere.
public struct Dispatcher: Sendable {
    /// The tree that alerts are sorted by.
    public private(set) var routes: RouteTree
    private(set) var alerts: [Labels: Alert] = [:]
    /// Follows the alerts; made anew for another configuration.
    var inhibitor = Inhibitor([])
    private(set) var groups: [GroupID: AlertGroup] = [:]
    /// The groups that share a group key.
    private var groupsByKey: [String: Set<GroupID>] = [:]
    /// The groups that an alert is in.
    private var memberships: [Labels: Set<GroupID>] = [:]

    /// A group whose time has come, and its alerts as they stand at that moment.
    struct DueGroup: Sendable {
        var id: GroupID
        var key: String
        var route: Route
        var alerts: [Alert]
    }

    /// An empty one.
    public init(routes: RouteTree) { self.routes = routes }

    /// When the next group is due, nil where there is none.
    public func nextFlush() -> Timestamp? { groups.values.lazy.map(\.nextFlush).min() }

    // MARK: Alerts come in

    /// Takes in alerts. A resolved one that was not known is ignored.
    public mutating func receive(_ received: [Alert], at moment: Timestamp) -> [StateChange] {
        var changes = ChangeList()
        for alert in received { receive(alert, at: moment, &changes) }
        return changes.list
    }

    private mutating func receive(
        _ alert: Alert, at moment: Timestamp, _ changes: inout ChangeList
    ) {
        let known = alerts[alert.labels]
        let resolved = alert.isResolved(at: moment)
        if known == nil && resolved { return }
        let joined = known?.joined(by: alert, at: moment) ?? alert
        alerts[alert.labels] = joined
        if known == nil { inhibitor.add(alert.labels) }
        var moved = false
        if joined.isResolved(at: moment) {
            if let known { noteLateEnd(of: joined, before: known, &changes) }
        } else {
            for route in routes.match(alert.labels) {
                if insert(joined, into: route, at: moment, &changes) { moved = true }
            }
        }
        if moved || known.map({ !joined.isSameNews(as: $0, at: moment) }) ?? true {
            changes.add(row(of: alert.labels))
        }
    }

    /// Marks the alert in the groups whose last flush came after its end and told it as firing all the
    /// same: an evaluation that began before a flush may be heard of after it.
    private mutating func noteLateEnd(
        of alert: Alert, before known: Alert, _ changes: inout ChangeList
    ) {
        guard let end = alert.endsAt else { return }
        for id in (memberships[alert.labels] ?? []).sorted() {
            guard var group = groups[id], let last = group.lastFlush, end <= last,
                !known.isResolved(at: last)
            else { continue }
            group.lateEnds.insert(alert.labels)
            groups[id] = group
            changes.add(group.change)
        }
    }

    /// Whether the alert was not in that group before.
    private mutating func insert(
        _ alert: Alert, into route: Route, at moment: Timestamp, _ changes: inout ChangeList
    ) -> Bool {
        let id = GroupID(route: route.id, labels: route.groupLabels(of: alert.labels))
        let isNew = groups[id] == nil
        // In place: a copy of a group copies its members.
        let (inserted, isEarlier) = groups[
            id,
            default: AlertGroup(
                id: id, key: route.groupKey(id.labels), nextFlush: moment + route.groupWait)
        ].add(alert, after: route.groupWait, at: moment)
        if inserted { memberships[alert.labels, default: []].insert(id) }
        if isNew || isEarlier, let group = groups[id] {
            groupsByKey[group.key, default: []].insert(id)
            changes.add(group.change)
        }
        return inserted
    }

    // MARK: Groups go out

    /// The groups that are due, in a stable order, each with its alerts in no order; their next
    /// flush is set.
    mutating func flush(at moment: Timestamp) -> (due: [DueGroup], changes: [StateChange]) {
        var changes = ChangeList()
        var due: [DueGroup] = []
        for id in groups.values.filter({ $0.verdict(at: moment) == .due }).map(\.id).sorted() {
            guard var group = groups[id], let route = routes.route(id: id.route) else { continue }
            group.nextFlush = moment + max(route.groupInterval, Dispatcher.minimumInterval)
            group.lastFlush = moment
            group.lateEnds = []
            groups[id] = group
            changes.add(group.change)
            due.append(self.due(group, route, at: moment))
        }
        return (due, changes.list)
    }

    /// The group as it would be flushed at the moment.
    func due(_ group: AlertGroup, _ route: Route, at moment: Timestamp) -> DueGroup {
        DueGroup(
            id: group.id, key: group.key, route: route, alerts: members(of: group, at: moment))
    }

    /// A group interval of nothing would flush without end.
    static let minimumInterval = Milliseconds(1)

    /// The group's alerts in the order of notifications.
    func snapshot(of group: AlertGroup, at moment: Timestamp) -> [Alert] {
        members(of: group, at: moment).sorted(by: Alert.notificationOrder)
    }

    /// The group's alerts; one that still fires has no end, so that it does not resolve while it is on
    /// its way.
    private func members(of group: AlertGroup, at moment: Timestamp) -> [Alert] {
        group.members.compactMap { labels in
            guard var alert = alerts[labels] else { return nil }
            if !alert.isResolved(at: moment) { alert.writtenEnd = nil }
            return alert
        }
    }

    /// Forgets what the groups with this key have told as resolved; call it when nothing is owed to
    /// anybody for them.
    mutating func settle(groupKey: String) -> [StateChange] {
        var changes = ChangeList()
        for id in (groupsByKey[groupKey] ?? []).sorted() {
            guard let group = groups[id], let last = group.lastFlush else { continue }
            for labels in group.members where ending(of: labels, in: group, at: last) == .ended {
                remove(labels, from: id, &changes)
            }
        }
        return changes.list
    }

    /// Whether the group's alert has ended, and whether the group's last flush knows.
    func ending(of labels: Labels, in group: AlertGroup, at moment: Timestamp) -> EndingVerdict {
        guard let alert = alerts[labels] else { return .ended }
        if !alert.isResolved(at: moment) { return .firing }
        guard let last = group.lastFlush, alert.isResolved(at: last) else { return .notFlushed }
        return group.lateEnds.contains(labels) ? .endedUnseen : .ended
    }

    private mutating func remove(
        _ labels: Labels, from id: GroupID, _ changes: inout ChangeList
    ) {
        memberships[labels]?.remove(id)
        if memberships[labels]?.isEmpty ?? true {
            memberships[labels] = nil
            alerts[labels] = nil
            inhibitor.remove(labels)
        }
        changes.add(row(of: labels))
        groups[id]?.members.remove(labels)
        groups[id]?.lateEnds.remove(labels)
        if let group = groups[id], group.members.isEmpty {
            groups[id] = nil
            groupsByKey[group.key]?.remove(id)
            if groupsByKey[group.key]?.isEmpty ?? true { groupsByKey[group.key] = nil }
            changes.add(StateChange(.groups, key: id.row, value: nil))
        }
    }

    /// The groups with this key.
    func groups(withKey key: String) -> [AlertGroup] {
        (groupsByKey[key] ?? []).sorted().compactMap { groups[$0] }
    }

    private func row(of labels: Labels) -> StateChange {
        guard let alert = alerts[labels] else {
            return StateChange(.alerts, key: labels.description, value: nil)
        }
        let groups = (memberships[labels] ?? []).sorted()
        return StateRow.change(
            .alerts, key: labels.description, json: AlertRow(alert: alert, groups: groups).rowJSON)
    }

    // MARK: Another tree

    /// Sorts every alert anew. Groups that still exist keep their timing; an alert leaves the groups
    /// that its routes no longer lead to, and enters the others as if it had just been received.
    mutating func reroute(_ tree: RouteTree, at moment: Timestamp) -> [StateChange] {
        routes = tree
        var changes = ChangeList()
        for (labels, alert) in alerts.sorted(by: { $0.key < $1.key }) {
            let matched = tree.match(labels)
            let wanted = Set(
                matched.map { GroupID(route: $0.id, labels: $0.groupLabels(of: labels)) })
            if !alert.isResolved(at: moment) {
                for route in matched {
                    if insert(alert, into: route, at: moment, &changes) {
                        changes.add(row(of: labels))
                    }
                }
            }
            for id in (memberships[labels] ?? []).sorted() where !wanted.contains(id) {
                remove(labels, from: id, &changes)
            }
            if memberships[labels]?.isEmpty ?? true {
                memberships[labels] = nil
                alerts[labels] = nil
                changes.add(row(of: labels))
            }
        }
        return changes.list
    }

    // MARK: After a restart

    /// The state of the rows. An alert that would have timed out while nobody could repeat it gets
    /// its time again from `moment` on: being away resolves nothing.
    init(
        routes: RouteTree, alertRows: [String: [UInt8]], groupRows: [String: [UInt8]],
        at moment: Timestamp, problems: inout [String]
    ) {
        self.routes = routes
        for (key, bytes) in groupRows {
            guard let row: AlertGroup.Row = StateRow.read(.groups, key, bytes, &problems) else {
                continue
            }
            groups[row.id] = AlertGroup(
                id: row.id, key: row.key, nextFlush: row.nextFlush, lastFlush: row.lastFlush,
                lateEnds: Set(row.lateEnds ?? []))
            groupsByKey[row.key, default: []].insert(row.id)
        }
        for (key, bytes) in alertRows {
            guard let row: AlertRow = StateRow.read(.alerts, key, bytes, &problems) else {
                continue
            }
            var alert = row.alert
            if let endsAt = alert.endsAt, endsAt > alert.updatedAt {
                alert.endsAt = max(endsAt, moment + (endsAt - alert.updatedAt))
            }
            alerts[alert.labels] = alert
            memberships[alert.labels] = []
            for id in row.groups where groups[id] != nil {
                groups[id]?.members.insert(alert.labels)
                memberships[alert.labels]?.insert(id)
            }
        }
        for group in groups.values where group.members.isEmpty {
            groups[group.id] = nil
            groupsByKey[group.key]?.remove(group.id)
        }
    }
}

extension Alert {
    /// Whether only the time-out moved: not worth a row, since a restart renews time-outs anyway.
    fileprivate func isSameNews(as other: Alert, at moment: Timestamp) -> Bool {
        labels == other.labels && annotations == other.annotations
            && writtenStart == other.writtenStart
            && generatorURL.bytesEqual(other.generatorURL)
            && isResolved(at: moment) == other.isResolved(at: moment)
            && (endsAt == nil) == (other.endsAt == nil)
            && (!isResolved(at: moment) || writtenEnd == other.writtenEnd)
    }
}

/// Changes of one step, the last one of each row.
struct ChangeList {
    private var changes: [StateChange] = []
    private var positions: [String: Int] = [:]

    mutating func add(_ change: StateChange) {
        let name = change.table.rawValue + " " + change.key
        if let position = positions[name], changes[position].key.bytesEqual(change.key) {
            changes[position] = change
        } else {
            positions[name] = changes.count
            changes.append(change)
        }
    }

    mutating func add(_ more: [StateChange]) {
        for change in more { add(change) }
    }

    var list: [StateChange] { changes }
    var isEmpty: Bool { changes.isEmpty }
}
