import Model

/// `and`, `or` and `unless`.
final class SetOperation: Operator {
    private let left: Operator
    private let right: Operator
    private let op: BinaryOperator
    private let matching: VectorMatching
    private var groups = MatchGroups()
    private var isPresent: [Bool] = []
    /// The output slots of the right side's series, for `or`.
    private var rightTarget: [Int] = []

    init(
        _ left: Operator, _ right: Operator, _ op: BinaryOperator, matching: VectorMatching
    ) {
        self.left = left
        self.right = right
        self.op = op
        self.matching = matching
    }

    override func step(at time: Int64, _ run: Run) throws(QueryError) {
        try left.step(at: time, run)
        try right.step(at: time, run)
        if groups.bind(left, right, matching) { bind() }
        clear()
        order = nil
        for group in isPresent.indices { isPresent[group] = false }
        if op == .or {
            try unite()
        } else {
            filter()
        }
    }

    private func bind() {
        var table = SlotTable()
        for slot in left.labels.indices {
            _ = table.slot(left.labels[slot], dropsName: left.dropsName[slot])
        }
        if op == .or {
            rightTarget = right.labels.indices.map {
                table.slot(right.labels[$0], dropsName: right.dropsName[$0])
            }
        }
        labels = table.labels
        dropsName = table.dropsName
        isPresent = [Bool](repeating: false, count: groups.count)
        version += 1
    }

    /// Left sides whose group has (or has not) a right side.
    private func filter() {
        let right = right.values
        for slot in right.indices where !SampleValue.isStale(right[slot]) {
            isPresent[groups.right[slot]] = true
        }
        let wanted = op == .and
        let left = left.values
        for slot in left.indices where !SampleValue.isStale(left[slot]) {
            if isPresent[groups.left[slot]] == wanted { values[slot] = left[slot] }
        }
        order = self.left.order
    }

    /// Left sides, and right sides whose group has no left side.
    private func unite() throws(QueryError) {
        let left = left.values
        for slot in left.indices where !SampleValue.isStale(left[slot]) {
            isPresent[groups.left[slot]] = true
            values[slot] = left[slot]
        }
        let right = right.values
        for slot in right.indices where !SampleValue.isStale(right[slot]) {
            if isPresent[groups.right[slot]] { continue }
            let out = rightTarget[slot]
            if !SampleValue.isStale(values[out]) { throw .sameLabels }
            values[out] = right[slot]
        }
    }
}
