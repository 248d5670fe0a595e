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

    /// Binds to the sides where they changed; says whether they did.
    mutating func bind(_ a: Operator, _ b: Operator, _ matching: VectorMatching) -> Bool {
        if a.version == seenLeft && b.version == seenRight { return false }
        ids = [:]
        count = 0
        left = a.labels.map { group(matching.key($0)) }
        right = b.labels.map { group(matching.key($0)) }
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
