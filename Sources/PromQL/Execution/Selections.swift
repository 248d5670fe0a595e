import Model

/// `topk`, `bottomk`, `limitk` and `limit_ratio`: some of the input's series per group.
final class GroupSelection: Operator {
    private let input: Operator
    private let parameter: Operator
    private let expr: AggregateExpr
    private let position: PositionRange
    private var grouping: Grouping
    private var heaps: [ValueHeap] = []
    /// Buffers of a step: the groups in the order of their first series, how many each has, and the
    /// order of the output while there is none.
    private var met: [Int] = []
    private var taken: [Int] = []
    private var ranked: [Int] = []

    init(
        _ input: Operator, parameter: Operator, _ expr: AggregateExpr, position: PositionRange
    ) {
        self.position = position
        self.input = input
        self.parameter = parameter
        self.expr = expr
        grouping = Grouping(expr.grouping, without: expr.without)
    }

    override func activeTimes(_ run: Run) -> ActiveTimes {
        parameter.isConstant ? input.activeTimes(run) : .always
    }

    override func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try parameter.step(at: time, run)
        try input.step(at: time, run)
        if grouping.bind(input) {
            heaps = grouping.labels.map { _ in ValueHeap(largestFirst: expr.op == .bottomk) }
            takeSeries(input.labels, input.dropsName, rebuilt: !grouping.grewOnly)
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

/// The k best of a stream. A binary heap with the worst of them on top; which of equal values stay
/// follows the sift order of Go's container/heap.
struct ValueHeap {
    struct Item {
        var slot: Int
        var value: Double
    }

    private(set) var items: [Item] = []
    private let largestFirst: Bool

    /// Keeps the smallest values where `largestFirst`, else the largest.
    init(largestFirst: Bool) { self.largestFirst = largestFirst }

    var isEmpty: Bool { items.isEmpty }

    mutating func removeAll() { items.removeAll(keepingCapacity: true) }

    private func isWorse(_ a: Double, _ b: Double) -> Bool {
        if a.isNaN { return true }
        return largestFirst ? a > b : a < b
    }

    private static func isBetter(_ a: Double, _ b: Double, _ largestFirst: Bool) -> Bool {
        if a.isNaN { return false }
        if b.isNaN { return true }
        return largestFirst ? a < b : a > b
    }

    mutating func offer(_ slot: Int, _ value: Double, limit: Int) {
        let item = Item(slot: slot, value: value)
        if items.count < limit {
            items.append(item)
            siftUp(items.count - 1)
            return
        }
        let worst = items[0].value
        guard ValueHeap.isBetter(value, worst, largestFirst) else { return }
        items[0] = item
        siftDown()
    }

    private mutating func siftUp(_ start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            if !isWorse(items[child].value, items[parent].value) { return }
            items.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var child = 2 * parent + 1
            if child >= items.count { return }
            if child + 1 < items.count, isWorse(items[child + 1].value, items[child].value) {
                child += 1
            }
            if !isWorse(items[child].value, items[parent].value) { return }
            items.swapAt(child, parent)
            parent = child
        }
    }

    /// Puts the best first, after which nothing can be offered until all are removed; an insertion sort
    /// of the heap's array, which is what Go sorts small slices with.
    mutating func sort() {
        if items.count > 12 {
            let largestFirst = largestFirst
            items.sort { ValueHeap.isBetter($0.value, $1.value, largestFirst) }
            return
        }
        for index in items.indices.dropFirst() {
            var place = index
            while place > 0, isWorse(items[place - 1].value, items[place].value) {
                items.swapAt(place, place - 1)
                place -= 1
            }
        }
    }
}

/// `count_values("label", v)`: how many series have each value. Finds its output series as it goes.
final class CountValues: Operator {
    private let input: Operator
    private let label: String
    private let grouping: Grouping
    private var table = SlotTable()
    private var known: [Key: Int] = [:]
    private var seenVersion = -1
    private var seenRun = -1

    private struct Key: Hashable {
        var slot: Int
        var bits: UInt64
    }

    /// So many outputs that were once seen may be remembered beyond those of the last step.
    private static let remembered = 10_000

    init(_ input: Operator, label: String, _ expr: AggregateExpr) {
        self.input = input
        self.label = label
        grouping = Grouping(
            expr.without ? expr.grouping : expr.grouping + [label], without: expr.without)
    }

    override func activeTimes(_ run: Run) -> ActiveTimes { input.activeTimes(run) }

    override func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try input.step(at: time, run)
        if run.id != seenRun {
            let isFull = known.count > Self.remembered + input.values.count
            if input.version != seenVersion || isFull { reset() }
            seenRun = run.id
        }
        seenVersion = input.version
        clear()
        for slot in input.values.indices {
            let value = input.values[slot]
            if SampleValue.isStale(value) { continue }
            let out =
                if let histogram = input.histogram(slot) {
                    self.output(slot, histogram)
                } else {
                    self.output(slot, value)
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

    private func output(_ slot: Int, _ value: Double) -> Int {
        let key = Key(slot: slot, bits: value.bitPattern)
        if let out = known[key] { return out }
        let out = output(slot, text: GoFloat.fixed(value))
        known[key] = out
        return out
    }

    /// Histograms are told apart by how they print.
    private func output(_ slot: Int, _ histogram: FloatHistogram) -> Int {
        output(slot, text: histogram.description)
    }

    private func output(_ slot: Int, text: String) -> Int {
        let series = grouping.key(input.labels[slot].setting(label, text))
        let out = table.slot(series, dropsName: false)
        if out == labels.count {
            labels.append(series)
            dropsName.append(false)
            values.append(SampleValue.stale)
            grew()
        }
        return out
    }
}
