import Model

/// An alert as the router knows it: what a rule (or a client) said of one label set, and when.
public struct Alert: Hashable, Sendable, Codable {
    /// Its identity.
    public var labels: Labels
    /// What it says to people; changes freely while it fires.
    public var annotations: Annotations
    /// When it began to fire.
    public var startsAt: Timestamp
    /// From when on it counts as resolved: in the past for a resolved one, in the future for one that
    /// times out unless it is said again, nil for one that fires until it is resolved.
    public var endsAt: Timestamp?
    /// Where what it stands on can be looked at.
    public var generatorURL: String
    /// When it was last said.
    public var updatedAt: Timestamp
    /// Nil in rows that were written before there was such a thing.
    private var hasTimeOut: Bool?

    /// Whether nobody said when it ends: `endsAt` only bounds the silence of who says it.
    public var timesOut: Bool { hasTimeOut ?? false }

    /// An alert.
    public init(
        labels: Labels, annotations: Annotations = .empty, startsAt: Timestamp,
        endsAt: Timestamp? = nil, generatorURL: String = "", updatedAt: Timestamp,
        timesOut: Bool = false
    ) {
        self.labels = labels
        self.annotations = annotations
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.generatorURL = generatorURL
        self.updatedAt = updatedAt
        hasTimeOut = timesOut ? true : nil
    }

    /// Alertmanager's fingerprint of its labels.
    public var fingerprint: Fingerprint { Fingerprint(labels) }

    /// Its `alertname` label, or "".
    public var name: String { labels.value("alertname") }

    /// Whether it is over at `moment`.
    public func isResolved(at moment: Timestamp) -> Bool {
        guard let endsAt else { return false }
        return endsAt <= moment
    }

    /// Firing or resolved at `moment`.
    public func status(at moment: Timestamp) -> AlertStatus {
        isResolved(at: moment) ? .resolved : .firing
    }
}

/// Whether an alert, or a whole notification, is on or over.
public enum AlertStatus: String, Hashable, Sendable, Codable {
    case firing
    case resolved
}

extension Alert {
    /// What is known after `newer` was said of the same labels, as Alertmanager joins overlapping
    /// reports: the earliest start is kept, and among two firing reports the later time-out.
    func joined(by newer: Alert, at moment: Timestamp) -> Alert {
        let end = endsAt ?? .distantFuture
        let newerEnd = newer.endsAt ?? .distantFuture
        let overlaps =
            (newerEnd > startsAt && newerEnd < end)
            || (newer.startsAt > startsAt && newer.startsAt < end)
        guard overlaps else { return newer }
        if newer.updatedAt < updatedAt { return newer.merged(over: self, at: moment) }
        return merged(over: newer, at: moment)
    }

    /// `latest` with what must be kept of this one.
    private func merged(over latest: Alert, at moment: Timestamp) -> Alert {
        var result = latest
        result.startsAt = min(startsAt, latest.startsAt)
        // Two resolved ones: the later end. Two firing ones: the later end that somebody has set.
        if let end = endsAt, let latestEnd = latest.endsAt, end > latestEnd,
            isResolved(at: moment) == latest.isResolved(at: moment),
            isResolved(at: moment) || !timesOut
        {
            result.endsAt = end
        }
        return result
    }

    /// Alertmanager's order within a notification: by `job`, by `instance`, then fewer labels first,
    /// then label by label.
    static func notificationOrder(_ a: Alert, _ b: Alert) -> Bool {
        if let isBefore = order(by: "job", a, b) { return isBefore }
        if let isBefore = order(by: "instance", a, b) { return isBefore }
        if a.labels.count != b.labels.count { return a.labels.count < b.labels.count }
        for (x, y) in zip(a.labels.sorted, b.labels.sorted) {
            let order = x.name.byteOrder(y.name)
            // The side that has the smaller name has a label that the other one lacks.
            if order != 0 { return order > 0 }
            let values = x.value.byteOrder(y.value)
            if values != 0 { return values < 0 }
        }
        return false
    }

    /// Whether this label says that `a` comes before `b`; nil where it does not tell them apart.
    private static func order(by name: String, _ a: Alert, _ b: Alert) -> Bool? {
        switch (a.labels[name], b.labels[name]) {
        case (nil, nil): return nil
        case (nil, _): return false
        case (_, nil): return true
        case (let x?, let y?):
            let order = x.byteOrder(y)
            return order == 0 ? nil : order < 0
        }
    }
}
