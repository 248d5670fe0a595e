import Model

/// `and`, `or` and `unless`.
final class SetOperation: OperatorOutput, Operator {
    private let left: any Operator
    private let right: any Operator
    private let op: BinaryOperator
    private let matching: VectorMatching
    private var groups = MatchGroups()
    private var isPresent: [Bool] = []
    private var seenRun = -1
    private var table = SlotTable()
    /// The output slots of both sides' series.
    private var leftTarget: [Int] = []
    private var rightTarget: [Int] = []

    init(
        _ left: any Operator, _ right: any Operator, _ op: BinaryOperator, matching: VectorMatching
    ) {
        self.left = left
        self.right = right
        self.op = op
        self.matching = matching
    }

    func activeTimes(_ run: Run) -> ActiveTimes {
        left.activeTimes(run).union(right.activeTimes(run))
    }

    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try left.step(at: time, run)
        try right.step(at: time, run)
        let isNewRun = run.id != seenRun
        seenRun = run.id
        let change = try groups.bind(left, right, matching, run)
        if change != .none { try bind(afresh: isNewRun && change == .rebuilt, run) }
        clear()
        order = nil
        for group in isPresent.indices { isPresent[group] = false }
        if op == .or {
            try unite()
        } else {
            filter()
        }
    }

    /// Within a run inputs only gain slots, and slots that are known stay where they are; so it is from
    /// run to run as long as that is all that happened.
    private func bind(afresh: Bool, _ run: Run) throws(QueryError) {
        if afresh {
            table = SlotTable()
            leftTarget = []
            rightTarget = []
            removeSeries()
        }
        for slot in left.labels.indices.dropFirst(leftTarget.count) {
            leftTarget.append(try output(left, slot, run))
        }
        if op == .or {
            for slot in right.labels.indices.dropFirst(rightTarget.count) {
                rightTarget.append(try output(right, slot, run))
            }
        }
        isPresent += [Bool](repeating: false, count: max(0, groups.count - isPresent.count))
        if afresh { rebuilt() } else { grew() }
    }

    private func output(
        _ side: OperatorOutput, _ slot: Int, _ run: Run
    ) throws(QueryError) -> Int {
        let out = table.slot(side.labels[slot], dropsName: side.dropsName[slot])
        if out == labels.count {
            try addSeries(side.labels[slot], dropsName: side.dropsName[slot], run)
        }
        return out
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
            if isPresent[groups.left[slot]] == wanted {
                copy(slot, of: self.left, to: leftTarget[slot])
            }
        }
        order = self.left.order.map { $0.map { leftTarget[$0] } }
    }

    /// Left sides, and right sides whose group has no left side.
    private func unite() throws(QueryError) {
        let left = left.values
        for slot in left.indices where !SampleValue.isStale(left[slot]) {
            isPresent[groups.left[slot]] = true
            copy(slot, of: self.left, to: leftTarget[slot])
        }
        let right = right.values
        for slot in right.indices where !SampleValue.isStale(right[slot]) {
            if isPresent[groups.right[slot]] { continue }
            let out = rightTarget[slot]
            if !SampleValue.isStale(values[out]) { throw .sameLabels }
            copy(slot, of: self.right, to: out)
        }
    }
}
