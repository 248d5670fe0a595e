import Model

/// `topk`, `bottomk`, `limitk` and `limit_ratio`: some of the input's series per group.
final class GroupSelection: OperatorOutput, Operator {
    private let input: any Operator
    private let parameter: any Operator
    private let expr: AggregateExpr
    private let position: PositionRange
    private var grouping: Grouping
    private var heaps: [ValueHeap] = []
    /// Buffers of a step: the groups in the order of their first series, how many each has, and the
    /// order of the output while there is none.
    private var met: [Int] = []
    private var taken: [Int] = []
    private var ranked: [Int] = []
    private var countedBuffers = CountedBytes()

    /// What a series takes in the heaps and the order.
    private static let slotBytes = 32

    init(
        _ input: any Operator, parameter: any Operator, _ expr: AggregateExpr,
        position: PositionRange
    ) {
        self.position = position
        self.input = input
        self.parameter = parameter
        self.expr = expr
        grouping = Grouping(expr.grouping, without: expr.without)
    }

    func activeTimes(_ run: Run) -> ActiveTimes {
        parameter.isConstant ? input.activeTimes(run) : .always
    }

    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try parameter.step(at: time, run)
        try input.step(at: time, run)
        // A group that loses its name counts as another, which the input's series do not.
        let change = try grouping.bind(input, run)
        if change != .none {
            try countedBuffers.become(
                grouping.labels.count * MemoryCost.buffer + input.labels.count * Self.slotBytes,
                run)
            heaps = grouping.labels.map { _ in ValueHeap(largestFirst: expr.op == .bottomk) }
            try takeSeries(input.labels, dropsName: input.dropsName, change, run)
        }
        clear()
        if let order { ranked = order }
        order = nil
        if expr.op == .limitRatio {
            try sample(run)
            return
        }
        guard let k = try count(parameter.scalar), k > 0 else {
            order = []
            return
        }
        if expr.op == .limitk { limit(k) } else { rank(k, run) }
    }

    private func count(_ value: Double) throws(QueryError) -> Int? {
        if value < 1 { return nil }
        if value.isNaN { throw .execution("Parameter value is NaN") }
        if value >= 0x1p63 - 1024 {
            throw .execution("Scalar value \(GoFloat.general(value)) overflows int64")
        }
        return min(Int(Int64(clamping: value)), input.labels.count)
    }

    /// Calls `body` for the input's present slots in the order in which they count.
    @inline(__always)
    private func forEachSlot(_ body: (_ slot: Int, _ value: Double) -> Void) {
        let values = input.values
        if let order = input.order {
            for slot in order where !SampleValue.isStale(values[slot]) { body(slot, values[slot]) }
        } else {
            for slot in values.indices where !SampleValue.isStale(values[slot]) {
                body(slot, values[slot])
            }
        }
    }

    private func rank(_ k: Int, _ run: Run) {
        for group in heaps.indices { heaps[group].removeAll() }
        met.removeAll(keepingCapacity: true)
        forEachSlot { slot, value in
            if SampleValue.isHistogram(value) {
                run.annotate(.histogramIgnoredInAggregation(expr.op.rawValue, position))
                return
            }
            let group = grouping.groupOf[slot]
            if heaps[group].isEmpty { met.append(group) }
            heaps[group].offer(slot, value, limit: k)
        }
        ranked.removeAll(keepingCapacity: true)
        for group in met {
            heaps[group].sort()
            for item in heaps[group].items {
                values[item.slot] = item.value
                ranked.append(item.slot)
            }
        }
        order = ranked
        ranked = []
    }

    private func limit(_ k: Int) {
        taken.removeAll(keepingCapacity: true)
        taken.append(contentsOf: repeatElement(0, count: grouping.labels.count))
        forEachSlot { slot, _ in
            let group = grouping.groupOf[slot]
            if taken[group] >= k { return }
            taken[group] += 1
            copy(slot, of: input, to: slot)
        }
    }

    /// A share of the series, told by a hash of their labels, so that it is always the same ones and
    /// r and r-1 complement each other.
    private func sample(_ run: Run) throws(QueryError) {
        var ratio = parameter.scalar
        if ratio.isNaN { throw .execution("Ratio value is NaN") }
        let position = expr.parameter?.range ?? PositionRange(0, 0)
        if ratio > 1 {
            run.annotate(.invalidRatio(ratio, cappedTo: 1, position))
            ratio = 1
        } else if ratio < -1 {
            run.annotate(.invalidRatio(ratio, cappedTo: -1, position))
            ratio = -1
        }
        if ratio == 0 { return }
        let values = input.values
        for slot in values.indices where !SampleValue.isStale(values[slot]) {
            let share = Double(XXHash64.hash(labels[slot])) / Double(UInt64.max)
            let isTaken = ratio >= 0 ? share < ratio : share >= 1 + ratio
            if isTaken { copy(slot, of: input, to: slot) }
        }
    }
}
