import Model

/// What each integration was last notified of: an entry per group and integration. It is what keeps a notification from
/// being sent twice, and what remembers that a "resolved" is still due.
struct NotificationLog: Sendable, Equatable {
    /// How long an entry is kept whatever its route's repeat interval.
    static let retention = Milliseconds.seconds(120 * 3600)

    struct Entry: Sendable, Hashable, Codable {
        var key: DeliveryKey
        /// Fingerprints of the alerts notified as firing, and as resolved.
        var firing: Set<UInt64>
        var resolved: Set<UInt64>
        /// When the receiver acknowledged.
        var at: Timestamp
        /// From then on it may be forgotten, once its group is gone.
        var expiresAt: Timestamp
        /// What the integration asked to be remembered.
        var memory: [String: String]?

        /// Sets of integers would be written in a different order each time.
        enum CodingKeys: CodingKey { case key, firing, resolved, at, expiresAt, memory }

        init(key: DeliveryKey, told: ToldAlerts, at: Timestamp, repeatInterval: Milliseconds) {
            self.key = key
            firing = told.firing
            resolved = told.resolved
            self.at = at
            let twice = Milliseconds(repeatInterval.value.multipliedSaturating(2))
            expiresAt = at + min(twice, NotificationLog.retention)
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            key = try container.decode(DeliveryKey.self, forKey: .key)
            firing = Set(try container.decode([UInt64].self, forKey: .firing))
            resolved = Set(try container.decode([UInt64].self, forKey: .resolved))
            at = try container.decode(Timestamp.self, forKey: .at)
            expiresAt = try container.decode(Timestamp.self, forKey: .expiresAt)
            memory = try container.decodeIfPresent([String: String].self, forKey: .memory)
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(key, forKey: .key)
            try container.encode(firing.sorted(), forKey: .firing)
            try container.encode(resolved.sorted(), forKey: .resolved)
            try container.encode(at, forKey: .at)
            try container.encode(expiresAt, forKey: .expiresAt)
            try container.encodeIfPresent(memory, forKey: .memory)
        }
    }

    private(set) var entries: [DeliveryKey: Entry] = [:]

    subscript(key: DeliveryKey) -> Entry? { entries[key] }

    mutating func record(_ entry: Entry) -> StateChange {
        entries[entry.key] = entry
        return StateRow.change(.notificationLog, key: entry.key.row, entry)
    }

    mutating func remove(_ key: DeliveryKey) -> StateChange {
        entries[key] = nil
        return StateChange(.notificationLog, key: key.row, value: nil)
    }

    /// Whether the integration is to be notified of this.
    func verdict(
        _ key: DeliveryKey, _ now: ToldAlerts, sendResolved: Bool, repeatInterval: Milliseconds,
        at moment: Timestamp
    ) -> NotificationVerdict {
        guard let entry = entries[key] else {
            return now.firing.isEmpty ? .nothingToNotify : .notify(.first)
        }
        if !now.firing.isSubset(of: entry.firing) {
            return .notify(entry.firing.isEmpty ? .first : .newAlerts)
        }
        if now.firing.isEmpty {
            if entry.firing.isEmpty { return .endAlreadyNotified(at: entry.at) }
            return sendResolved ? .notify(.allResolved) : .endNotWanted
        }
        if sendResolved, !now.resolved.isSubset(of: entry.resolved) {
            return .notify(.someResolved)
        }
        if entry.at < moment - repeatInterval { return .notify(.repeated) }
        return .alreadyNotified(at: entry.at, repeatAfter: entry.at + repeatInterval)
    }

    init() {}

    init(rows: [String: [UInt8]], problems: inout [String]) {
        for (key, bytes) in rows {
            guard let entry: Entry = StateRow.read(.notificationLog, key, bytes, &problems) else {
                continue
            }
            entries[entry.key] = entry
        }
    }
}

/// Which alerts a notification tells as firing and which as resolved, by fingerprint.
struct ToldAlerts: Sendable, Hashable {
    var firing: Set<UInt64>
    var resolved: Set<UInt64>

    init(_ data: NotificationData) {
        firing = Set(data.firing.map(\.fingerprint.value))
        resolved = Set(data.resolved.map(\.fingerprint.value))
    }
}
