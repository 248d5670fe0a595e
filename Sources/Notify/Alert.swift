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
    /// How a client wrote `startsAt` and `endsAt`, where they say more than a timestamp; nil for our
    /// own rules' alerts, which this costs a pointer.
    private var written: WrittenDetails?
    /// Nil in rows that were written before there was such a thing.
    private var hasTimeOut: Bool?

    /// Whether nobody said when it ends: `endsAt` only bounds the silence of who says it.
    public var timesOut: Bool { hasTimeOut ?? false }

    /// When it began to fire, as the client wrote it.
    public var writtenStart: WrittenTime {
        get { WrittenTime(startsAt, written?.start) }
        set {
            startsAt = newValue.timestamp
            written = WrittenDetails(start: newValue.detail, end: written?.end)
        }
    }

    /// `endsAt`, as the client wrote it.
    public var writtenEnd: WrittenTime? {
        get { endsAt.map { WrittenTime($0, written?.end) } }
        set {
            endsAt = newValue?.timestamp
            written = WrittenDetails(start: written?.start, end: newValue?.detail)
        }
    }

    /// How its times were written; nil where timestamps say everything.
    var details: WrittenDetails? { written }

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

/// The details of an alert's times. It is boxed, since few alerts have any.
indirect enum WrittenDetails: Hashable, Sendable, Codable {
    case times(start: WrittenTime.Detail?, end: WrittenTime.Detail?)

    /// Nil where there are none.
    init?(start: WrittenTime.Detail?, end: WrittenTime.Detail?) {
        if start == nil, end == nil { return nil }
        self = .times(start: start, end: end)
    }

    private enum CodingKeys: String, CodingKey { case start, end }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        self = .times(
            start: try row.decodeIfPresent(WrittenTime.Detail.self, forKey: .start),
            end: try row.decodeIfPresent(WrittenTime.Detail.self, forKey: .end))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.encodeIfPresent(start, forKey: .start)
        try row.encodeIfPresent(end, forKey: .end)
    }

    var start: WrittenTime.Detail? {
        switch self {
        case .times(let start, _): start
        }
    }

    var end: WrittenTime.Detail? {
        switch self {
        case .times(_, let end): end
        }
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
        let (start, end) = (writtenStart, writtenEnd ?? WrittenTime(.distantFuture))
        func isInside(_ time: WrittenTime) -> Bool { start.isBefore(time) && time.isBefore(end) }
        let overlaps =
            isInside(newer.writtenEnd ?? WrittenTime(.distantFuture))
            || isInside(newer.writtenStart)
        guard overlaps else { return newer }
        if newer.updatedAt < updatedAt { return newer.merged(over: self, at: moment) }
        return merged(over: newer, at: moment)
    }

    /// `latest` with what must be kept of this one.
    private func merged(over latest: Alert, at moment: Timestamp) -> Alert {
        var result = latest
        if writtenStart.isBefore(latest.writtenStart) { result.writtenStart = writtenStart }
        // Two resolved ones: the later end. Two firing ones: the later end that somebody has set.
        if let end = writtenEnd, let latestEnd = latest.writtenEnd, latestEnd.isBefore(end),
            isResolved(at: moment) == latest.isResolved(at: moment),
            isResolved(at: moment) || !timesOut
        {
            result.writtenEnd = end
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
