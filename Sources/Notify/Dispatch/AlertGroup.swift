import Model

/// Which group: a route and the labels its alerts share.
struct GroupID: Hashable, Sendable, Codable, Comparable {
    var route: String
    var labels: Labels

    /// The key of its row.
    var row: String { route + ":" + labels.description }

    static func == (a: GroupID, b: GroupID) -> Bool {
        a.labels == b.labels && a.route.bytesEqual(b.route)
    }

    static func < (a: GroupID, b: GroupID) -> Bool {
        let order = a.route.byteOrder(b.route)
        return order == 0 ? a.labels < b.labels : order < 0
    }
}

/// Alerts that are notified together, and when the group is flushed next.
struct AlertGroup: Sendable, Equatable {
    let id: GroupID
    /// Alertmanager's key; groups of sibling routes with equal matchers share it.
    let key: String
    var nextFlush: Timestamp
    /// The last flush, nil before the first one.
    var lastFlush: Timestamp?
    /// The members that had ended before the last flush, which did not know of it.
    var lateEnds: Set<Labels> = []
    /// The label sets of its alerts.
    var members: Set<Labels> = []

    /// Takes an alert in: whether it was not there before, and whether the first flush moves to now
    /// because the alert began longer ago than the group waits.
    mutating func add(
        _ alert: Alert, after groupWait: Milliseconds, at moment: Timestamp
    ) -> (inserted: Bool, isEarlier: Bool) {
        let before = nextFlush
        if lastFlush == nil, alert.startsAt + groupWait < moment {
            nextFlush = min(nextFlush, moment)
        }
        return (members.insert(alert.labels).inserted, nextFlush != before)
    }

    /// Whether it is flushed at the moment, or what it waits for.
    func verdict(at moment: Timestamp) -> FlushVerdict {
        if nextFlush <= moment { return .due }
        return lastFlush == nil ? .groupWait(until: nextFlush) : .groupInterval(until: nextFlush)
    }

    /// What its row holds; members stand in the alerts' rows, so that a group of thousands is not
    /// rewritten for each of them.
    struct Row: Codable {
        var id: GroupID
        var key: String
        var nextFlush: Timestamp
        var lastFlush: Timestamp?
        /// Nil where there are none, as there nearly never are.
        var lateEnds: [Labels]?
    }

    var change: StateChange {
        StateRow.change(
            .groups, key: id.row,
            Row(
                id: id, key: key, nextFlush: nextFlush, lastFlush: lastFlush,
                lateEnds: lateEnds.isEmpty ? nil : lateEnds.sorted()))
    }
}

/// What an alert's row holds.
struct AlertRow: Codable {
    var alert: Alert
    var groups: [GroupID]
}
