import Model

/// `count_values("label", v)`: how many series have each value. Finds its output series as it goes.
final class CountValues: OperatorOutput, Operator {
    private let input: any Operator
    private let label: String
    private let grouping: Grouping
    private var table = SlotTable()
    private var known: [Key: Int] = [:]
    private var follower = SeriesFollower()
    private var seenRun = -1

    private struct Key: Hashable {
        var slot: Int
        var bits: UInt64
    }

    /// So many outputs that were once seen may be remembered beyond those of the last step.
    private static let remembered = 10_000

    init(_ input: any Operator, label: String, _ expr: AggregateExpr) {
        self.input = input
        self.label = label
        grouping = Grouping(
            expr.without ? expr.grouping : expr.grouping + [label], without: expr.without)
    }

    func activeTimes(_ run: Run) -> ActiveTimes { input.activeTimes(run) }

    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try input.step(at: time, run)
        if run.id != seenRun {
            let isFull = known.count > Self.remembered + input.values.count
            if follower.change(to: input.version) != .none || isFull { reset() }
            seenRun = run.id
        }
        follower.follow(input.version)
        clear()
        for slot in input.values.indices {
            let value = input.values[slot]
            if SampleValue.isStale(value) { continue }
            let out =
                if let histogram = input.histogram(slot) {
                    try self.output(slot, histogram, run)
                } else {
                    try self.output(slot, value, run)
                }
            values[out] = SampleValue.isStale(values[out]) ? 1 : values[out] + 1
        }
    }

    private func reset() {
        table = SlotTable()
        known = [:]
        labels = []
        dropsName = []
        rebuilt()
    }

    private func output(_ slot: Int, _ value: Double, _ run: Run) throws(QueryError) -> Int {
        let key = Key(slot: slot, bits: value.bitPattern)
        if let out = known[key] { return out }
        try run.memory.take(MemoryCost.tableEntry)
        let out = try output(slot, text: GoFloat.fixed(value), run)
        known[key] = out
        return out
    }

    /// Histograms are told apart by how they print.
    private func output(
        _ slot: Int, _ histogram: FloatHistogram, _ run: Run
    ) throws(QueryError) -> Int {
        try output(slot, text: histogram.description, run)
    }

    private func output(_ slot: Int, text: String, _ run: Run) throws(QueryError) -> Int {
        try run.checkTime()
        let series = grouping.key(input.labels[slot].setting(label, text))
        let out = table.slot(series, dropsName: false)
        if out == labels.count {
            try run.memory.take(MemoryCost.text(text.utf8.count))
            try addSeriesInStep(series, dropsName: false, run)
        }
        return out
    }
}
