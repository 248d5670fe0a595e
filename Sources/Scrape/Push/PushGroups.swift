import Configuration
import Exposition
import Foundation
import Model

/// The pushed groups: a pure state machine with Pushgateway's rules. Each change gives the rows to be
/// written.
public struct PushGroups: Sendable {
    /// What came of a push.
    public struct Outcome: Sendable {
        /// The rows to be written.
        public var changes: [StateChange] = []
        /// Why it was not taken, or nil.
        public var refusal: PushRefusal?
    }

    struct Entry: Sendable {
        var group: PushedGroup
        /// The hashes of the labels of each family's series.
        var series: [String: [Int]] = [:]
        /// Counts the changes of its content.
        var version = 0

        var size: Int { group.families.reduce(0) { $0 + $1.size } }
        var seriesCount: Int { series.values.reduce(0) { $0 + $1.count } }
    }

    private(set) var limits: PushLimits
    private(set) var entries: [GroupingKey: Entry] = [:]
    private var index = PushIndex()
    private var lastVersion = 0

    /// None.
    public init(_ settings: PushSettings, nameValidation: NameValidation = .utf8) {
        limits = PushLimits(settings, nameValidation: nameValidation)
    }

    /// Goes on with other limits; what is there stays.
    public mutating func limit(_ settings: PushSettings, nameValidation: NameValidation) {
        limits = PushLimits(settings, nameValidation: nameValidation)
    }

    /// All groups, in the order of their keys.
    public var groups: [PushedGroup] {
        entries.values.map(\.group).sorted { $0.key.labels < $1.key.labels }
    }

    /// Series of all groups together, those that report on pushes left out.
    public var seriesCount: Int { index.seriesCount }

    // MARK: Changing

    /// Takes a body in. Where `replaces`, the group has nothing else then; else families of other
    /// names stay.
    public mutating func push(
        _ bytes: [UInt8], contentType: String = "", to key: GroupingKey, replaces: Bool,
        at time: Timestamp
    ) -> Outcome {
        let body: PushedBody
        do {
            body = try PushedBody(
                bytes, contentType: contentType, key: key, limits: limits, at: time)
        } catch {
            return Outcome(refusal: .malformed(error.description))
        }
        let pushed = Set(body.families.map(\.name))
        let old = entries[key]
        var new = old ?? Entry(group: PushedGroup(key: key))
        new.group.families =
            (replaces ? [] : new.group.families.filter { !pushed.contains($0.name) })
            + body.families
        new.group.families.sort { $0.name.byteOrder($1.name) < 0 }
        new.series = (replaces ? [:] : new.series).merging(body.series) { _, new in new }
        if let refusal = overLimit(old, new) {
            return Outcome(changes: fail(key, at: time), refusal: refusal)
        }
        let faults =
            body.faults.isEmpty ? index.faults(of: body, replacing: old, with: new) : body.faults
        if !faults.isEmpty {
            return Outcome(
                changes: fail(key, at: time), refusal: .inconsistent(PushGroups.joined(faults)))
        }
        new.group.pushTime = time
        return Outcome(changes: [keep(new)])
    }

    private func overLimit(_ old: Entry?, _ new: Entry) -> PushRefusal? {
        let settings = limits.settings
        if old == nil, entries.count >= settings.maximumGroups {
            return .full(limits.tooManyGroups)
        }
        if new.seriesCount > settings.maximumSeriesPerGroup {
            return .malformed(limits.tooManySeriesInGroup)
        }
        let series = index.seriesCount - (old?.seriesCount ?? 0) + new.seriesCount
        if series > settings.maximumSeries { return .full(limits.tooManySeries) }
        let size = index.size - (old?.size ?? 0) + new.size
        return size > settings.maximumSize ? .full(limits.tooLarge) : nil
    }

    /// The group says that a push failed. One that is not there begins with that, where it may.
    private mutating func fail(_ key: GroupingKey, at time: Timestamp) -> [StateChange] {
        let new = Entry(group: PushedGroup(key: key))
        if entries[key] == nil {
            if entries.count >= limits.settings.maximumGroups || index.isTaken(key) { return [] }
        }
        var entry = entries[key] ?? new
        entry.group.failureTime = time
        return [keep(entry)]
    }

    private mutating func keep(_ new: Entry) -> StateChange {
        var new = new
        lastVersion += 1
        new.version = lastVersion
        index.replace(entries[new.group.key], with: new)
        entries[new.group.key] = new
        return new.group.change
    }

    /// Forgets a group; one that is not there is no error.
    public mutating func delete(_ key: GroupingKey) -> [StateChange] {
        guard let old = entries.removeValue(forKey: key) else { return [] }
        index.replace(old, with: nil)
        return [StateChange(.pushedGroups, key: key.id, value: nil)]
    }

    /// Forgets all groups.
    public mutating func wipe() -> [StateChange] {
        groups.flatMap { delete($0.key) }
    }

    /// Forgets the groups that were not heard of for `push.expire_after`.
    public mutating func expire(at time: Timestamp) -> [StateChange] {
        guard let age = limits.settings.expireAfter else { return [] }
        return groups.filter { $0.lastHeard + age <= time }.flatMap { delete($0.key) }
    }

    /// As Go's client library lists errors.
    private static func joined(_ faults: [String]) -> String {
        if faults.count == 1 { return faults[0] }
        return "\(faults.count) error(s) occurred:" + faults.map { "\n* " + $0 }.joined()
    }

    // MARK: After a restart

    /// Those of the rows; a row that cannot be read is named in `problems` and left out.
    public init(
        _ settings: PushSettings, nameValidation: NameValidation = .utf8, rows: [String: [UInt8]],
        problems: inout [String]
    ) {
        self.init(settings, nameValidation: nameValidation)
        for (name, bytes) in rows.sorted(by: { $0.key.byteOrder($1.key) < 0 }) {
            do {
                let group = try PushedGroup(row: bytes)
                var entry = Entry(group: group)
                for family in group.families {
                    entry.series[family.name] = try restoredSeries(family, group.key)
                }
                _ = keep(entry)
            } catch {
                problems.append("row \(name.goQuoted) of pushed_groups cannot be read: \(error)")
            }
        }
    }

    /// Limits that are narrower than when the family was pushed do not cost it.
    private func restoredSeries(
        _ family: PushedFamily, _ key: GroupingKey
    ) throws(ExpositionError) -> [Int] {
        var samples = PushedSamples(
            key, .none, histograms: HistogramPolicy(readsNative: true, keepsClassic: true))
        try family.read(&samples)
        return samples.series.map(\.hashValue)
    }
}

/// Why a push was not taken.
public enum PushRefusal: Sendable, Hashable {
    /// The body cannot be read, or is over a limit.
    case malformed(String)
    /// It does not go with itself or with what other groups hold.
    case inconsistent(String)
    /// All groups together are at a limit.
    case full(String)
}

extension PushLimits {
    /// None but the largest: of what is there already.
    static let none: PushLimits = {
        var settings = PushSettings()
        settings.maximumSeriesPerGroup = .max / 4
        settings.maximumLabels = 0
        settings.maximumLabelNameLength = 0
        settings.maximumLabelValueLength = 0
        return PushLimits(settings, nameValidation: .utf8)
    }()
}
