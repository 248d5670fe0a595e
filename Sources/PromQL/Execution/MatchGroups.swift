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
    private var leftFollower = SeriesFollower()
    private var rightFollower = SeriesFollower()

    /// Binds to the sides where they changed; says what became of their slots.
    mutating func bind(
        _ a: OperatorOutput, _ b: OperatorOutput, _ matching: VectorMatching, _ run: Run
    ) throws(QueryError) -> SeriesChange {
        let changes = (leftFollower.change(to: a.version), rightFollower.change(to: b.version))
        if changes == (.none, .none) { return .none }
        let isRebuilt = changes.0 == .rebuilt || changes.1 == .rebuilt
        if isRebuilt {
            ids = [:]
            count = 0
            left.removeAll(keepingCapacity: true)
            right.removeAll(keepingCapacity: true)
        }
        let added = a.labels.count - left.count + b.labels.count - right.count
        try run.memory.take(added * MemoryLayout<Int>.stride)
        for slot in left.count..<a.labels.count {
            left.append(try group(matching.key(a.labels[slot]), run))
        }
        for slot in right.count..<b.labels.count {
            right.append(try group(matching.key(b.labels[slot]), run))
        }
        leftFollower.follow(a.version)
        rightFollower.follow(b.version)
        return isRebuilt ? .rebuilt : .grown
    }

    private mutating func group(_ key: Labels, _ run: Run) throws(QueryError) -> Int {
        try run.checkTime()
        if let known = ids[key] { return known }
        try run.memory.take(MemoryCost.tableEntry + MemoryCost.labels(key))
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
