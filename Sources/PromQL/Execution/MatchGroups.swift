import Model

/// The match group of every slot of both sides of a binary operation, as small integers.
struct MatchGroups {
    /// Group of each slot of the left side.
    var left: [Int] = []
    /// Group of each slot of the right side.
    var right: [Int] = []
    /// How many groups there are.
    var count = 0
    private var ids: [Labels: Int] = [:]
    private var seenLeft = -1
    private var seenRight = -1
    private var rebuildsSeen = (left: -1, right: -1)
    /// Whether the last binding left the slots of both sides as they were and only added some.
    private(set) var grewOnly = false

    /// Binds to the sides where they changed; says whether they did.
    mutating func bind(_ a: Operator, _ b: Operator, _ matching: VectorMatching) -> Bool {
        if a.version == seenLeft && b.version == seenRight { return false }
        grewOnly = rebuildsSeen == (a.rebuilds, b.rebuilds)
        if !grewOnly {
            rebuildsSeen = (a.rebuilds, b.rebuilds)
            ids = [:]
            count = 0
            left.removeAll(keepingCapacity: true)
            right.removeAll(keepingCapacity: true)
        }
        for slot in left.count..<a.labels.count { left.append(group(matching.key(a.labels[slot]))) }
        for slot in right.count..<b.labels.count {
            right.append(group(matching.key(b.labels[slot])))
        }
        seenLeft = a.version
        seenRight = b.version
        return true
    }

    private mutating func group(_ key: Labels) -> Int {
        if let known = ids[key] { return known }
        ids[key] = count
        count += 1
        return count - 1
    }
}

extension VectorMatching {
    /// The labels that have to be equal for two series to match.
    func key(_ series: Labels) -> Labels {
        on ? series.keeping(labels) : series.dropping(labels + [Labels.name])
    }
}
