import Exposition
import Model

/// What all pushed groups hold together: which series there are, and of which type each family is.
struct PushIndex: Sendable {
    private struct Owner: Sendable {
        let key: GroupingKey
        let family: String
    }

    /// By the hash of a series' labels.
    private var owners: [Int: Owner] = [:]
    /// How many groups say that a family is of a type.
    private var types: [String: [MetricType: Int]] = [:]
    private(set) var seriesCount = 0
    private(set) var size = 0

    /// The group has other content now, or is new, or gone.
    mutating func replace(_ old: PushGroups.Entry?, with new: PushGroups.Entry?) {
        if let old { remove(old) }
        if let new { add(new) }
    }

    private mutating func add(_ entry: PushGroups.Entry) {
        let key = entry.group.key
        seriesCount += entry.seriesCount
        size += entry.size
        for (family, hashes) in entry.series {
            for hash in hashes { owners[hash] = Owner(key: key, family: family) }
        }
        owners[PushIndex.timeSeries(key).hashValue] = Owner(
            key: key, family: PushedGroup.timeNames.push)
        for family in entry.group.families {
            types[family.name, default: [:]][family.type, default: 0] += 1
        }
    }

    private mutating func remove(_ entry: PushGroups.Entry) {
        seriesCount -= entry.seriesCount
        size -= entry.size
        for hash in entry.series.values.joined() { owners[hash] = nil }
        owners[PushIndex.timeSeries(entry.group.key).hashValue] = nil
        for family in entry.group.families {
            types[family.name]?[family.type, default: 0] -= 1
            if types[family.name]?[family.type] == 0 { types[family.name]?[family.type] = nil }
            if types[family.name]?.isEmpty == true { types[family.name] = nil }
        }
    }

    private static func timeSeries(_ key: GroupingKey) -> Labels {
        key.applied(to: [Label(Labels.name, PushedGroup.timeNames.push)])
    }

    /// Whether a group under another key would report on pushes under the same labels.
    func isTaken(_ key: GroupingKey) -> Bool {
        owners[PushIndex.timeSeries(key).hashValue].map { $0.key != key } ?? false
    }

    /// Why a body does not go with the other groups and with what stays of its own one.
    func faults(
        of body: PushedBody, replacing old: PushGroups.Entry?, with new: PushGroups.Entry
    ) -> [String] {
        let key = new.group.key
        if isTaken(key) { return [PushIndex.collision(PushedGroup.timeNames.push, nil)] }
        var faults: [String] = []
        let kept = Set(new.group.families.map(\.name)).subtracting(body.families.map(\.name))
        for family in body.families {
            let shown = body.samples[family.name]
            let before = old?.group.families.first { $0.name.bytesEqual(family.name) }
            let others = (types[family.name] ?? [:]).filter { type, count in
                type != family.type && count > (before?.type == type ? 1 : 0)
            }
            if let other = others.keys.first {
                faults.append(
                    "collected metric \(family.name.goQuoted) { \(shown ?? "") } is not a "
                        + other.rawValue.uppercased())
            }
            let isTaken = (body.series[family.name] ?? []).contains { hash in
                guard let owner = owners[hash] else { return false }
                return owner.key != key || kept.contains(owner.family)
            }
            if isTaken { faults.append(PushIndex.collision(family.name, shown)) }
        }
        return faults
    }

    private static func collision(_ name: String, _ shown: String?) -> String {
        "collected metric \(name.goQuoted) { \(shown.map { $0 + " " } ?? "")} was collected before with "
            + "the same name and label values"
    }
}
