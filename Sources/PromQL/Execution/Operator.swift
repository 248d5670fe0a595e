import Model

/// A node of a plan. Bound, it knows the label set of every slot of its output; stepped, it fills one
/// number per slot, the stale marker where the series is absent.
///
/// A node binds itself to its inputs when their `version` has moved, which it looks at after stepping
/// them: most inputs change only between runs, but joins and `count_values` find series as they go.
/// Within a run slots are only ever added at the end. No two slots of a node have the same labels
/// and the same `dropsName`.
///
/// A scalar is one slot without labels that is always present.
class Operator {
    /// The output series.
    final var labels: [Labels] = []
    /// Whether the name of a slot's series is to be removed at the end (delayed name removal only).
    final var dropsName: [Bool] = []
    /// The output of the last step.
    final var values: [Double] = []
    /// The native histograms of the slots whose value is `SampleValue.histogram`; of no meaning for
    /// the others, and empty unless `hasHistograms`.
    final var histograms: [FloatHistogram?] = []
    /// Whether any slot of the last step is a native histogram.
    final var hasHistograms = false
    /// Moves whenever `labels` does.
    final private(set) var version = 0
    /// Moves when slots may have become other series. While it stays, slots only came at the end, and
    /// what was derived from the others holds.
    final private(set) var rebuilds = 0
    /// The slots in the order that `sort` or `topk` asked for, of the last step; nil for any order.
    final var order: [Int]?

    /// What tells whether the last step's result still holds; nil where the node is not shared.
    final var memo: StepMemo?

    /// Evaluates at `time` into `values`; does nothing where they are what they would be.
    final func step(at time: Int64, _ run: Run) throws(QueryError) {
        if memo == nil {
            try evaluate(at: time, run)
            return
        }
        if memo?.holds(at: time, run) == true {
            run.reuses += 1
            return
        }
        memo?.forget()
        try evaluate(at: time, run)
        memo?.keep(at: time, run)
    }

    /// When it can have values.
    func activeTimes(_ run: Run) -> ActiveTimes { .always }

    /// Whether it is the same at all times.
    var isConstant: Bool { false }

    /// What a node does in a step.
    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        preconditionFailure("abstract")
    }

    /// To be called when `labels` is another list.
    final func rebuilt() {
        version += 1
        rebuilds += 1
    }

    /// To be called when `labels` has more at the end, and is what it was before that.
    final func grew() { version += 1 }

    /// Takes over the series of another list, of which it has the first ones already unless the list was
    /// `rebuilt`. The lists stay apart: neither has to be copied to grow.
    final func takeSeries(_ labels: [Labels], _ dropsName: [Bool], rebuilt isRebuilt: Bool) {
        self.labels.follow(labels, rebuilt: isRebuilt)
        self.dropsName.follow(dropsName, rebuilt: isRebuilt)
        if isRebuilt { rebuilt() } else { grew() }
    }

    /// How many slots are present.
    final var presentCount: Int {
        var count = 0
        for value in values where !SampleValue.isStale(value) { count += 1 }
        return count
    }

    /// Makes `values` all absent, one per slot.
    final func clear() {
        clearHistograms()
        if values.count == labels.count {
            for slot in values.indices { values[slot] = SampleValue.stale }
        } else {
            values.removeAll(keepingCapacity: true)
            values.append(contentsOf: repeatElement(SampleValue.stale, count: labels.count))
        }
    }

    final func clearHistograms() {
        if !hasHistograms { return }
        hasHistograms = false
        histograms.removeAll(keepingCapacity: true)
    }

    /// Makes a slot's value a histogram.
    final func put(_ histogram: FloatHistogram, _ slot: Int) {
        hasHistograms = true
        if histograms.count <= slot {
            let count = max(slot + 1, labels.count)
            histograms.append(contentsOf: repeatElement(nil, count: count - histograms.count))
        }
        values[slot] = SampleValue.histogram
        histograms[slot] = histogram
    }

    /// The histogram of a slot, nil where it is absent or a number.
    @inline(__always)
    final func histogram(_ slot: Int) -> FloatHistogram? {
        guard hasHistograms, SampleValue.isHistogram(values[slot]) else { return nil }
        return histograms[slot]
    }

    /// Makes a slot what a slot of another node is.
    @inline(__always)
    final func copy(_ slot: Int, of other: Operator, to target: Int) {
        if let histogram = other.histogram(slot) {
            put(histogram, target)
        } else {
            values[target] = other.values[slot]
        }
    }

    /// The number of a scalar.
    final var scalar: Double { values.first ?? SampleValue.nan }
}

/// A node whose output series are its input's with other labels: slots whose labels become equal
/// share an output slot, and may not be present at the same time.
class Relabelling: Operator {
    final let input: Operator
    /// The output slot of each input slot.
    final var target: [Int] = []
    /// Whether `target` is 0, 1, 2…
    final var isIdentity = true
    private var table = SlotTable()
    private var seenVersion = -1
    private var seenRebuilds = -1

    init(_ input: Operator) { self.input = input }

    /// The output labels of an input slot.
    func output(_ labels: Labels, dropsName: Bool) throws(QueryError) -> (Labels, Bool) {
        (labels, dropsName)
    }

    /// Steps the input and binds to it where it changed.
    final func stepInput(at time: Int64, _ run: Run) throws(QueryError) {
        try input.step(at: time, run)
        if input.version != seenVersion { try bind() }
    }

    private func bind() throws(QueryError) {
        let isRebuilt = input.rebuilds != seenRebuilds
        if isRebuilt {
            seenRebuilds = input.rebuilds
            table = SlotTable()
            target.removeAll(keepingCapacity: true)
            labels.removeAll(keepingCapacity: true)
            dropsName.removeAll(keepingCapacity: true)
        }
        for slot in target.count..<input.labels.count {
            let (series, drops) = try output(
                input.labels[slot], dropsName: input.dropsName[slot])
            let out = table.slot(series, dropsName: drops)
            if out == labels.count {
                labels.append(series)
                dropsName.append(drops)
            }
            target.append(out)
        }
        isIdentity = labels.count == target.count
        if isRebuilt { rebuilt() } else { grew() }
        seenVersion = input.version
    }

    /// Puts a value for each input slot into the output, given by `value` of the input's slot number
    /// and value; present inputs only, and of these numbers only.
    @inline(__always)
    final func fill(_ value: (Int, Double) throws(QueryError) -> Double) throws(QueryError) {
        clear()
        let isMixed = input.hasHistograms
        for slot in target.indices {
            let number = input.values[slot]
            if SampleValue.isStale(number) || isMixed && SampleValue.isHistogram(number) {
                continue
            }
            let result = try value(slot, number)
            if SampleValue.isStale(result) { continue }
            let out = target[slot]
            if !isIdentity, !SampleValue.isStale(values[out]) { throw .sameLabels }
            values[out] = result
        }
        order = input.order.map { $0.map { target[$0] } }
    }

    /// After `fill`: the same for the input's histograms, nil where one has no result.
    final func fillHistograms(
        _ value: (Int, FloatHistogram) throws(QueryError) -> FloatHistogram?
    ) throws(QueryError) {
        if !input.hasHistograms { return }
        for slot in target.indices {
            guard let histogram = input.histogram(slot), let result = try value(slot, histogram)
            else { continue }
            let out = target[slot]
            if !isIdentity, !SampleValue.isStale(values[out]) { throw .sameLabels }
            put(result, out)
        }
    }

    /// The input's samples as they are.
    final func fillUnchanged() throws(QueryError) {
        try fill { _, value throws(QueryError) in value }
        try fillHistograms { _, histogram throws(QueryError) in histogram }
    }
}

/// Gives each distinct label set a slot: the number of those before it.
struct SlotTable {
    private struct Key: Hashable {
        var labels: Labels
        var dropsName: Bool
    }

    private var slots: [Key: Int] = [:]

    var count: Int { slots.count }

    mutating func slot(_ labels: Labels, dropsName drops: Bool) -> Int {
        let key = Key(labels: labels, dropsName: drops)
        let next = slots.count
        if let known = slots[key] { return known }
        slots[key] = next
        return next
    }
}

/// What becomes of a series' name where a function's result is no longer that metric.
struct NameRemoval {
    /// Whether names stay until the end of the evaluation.
    var isDelayed: Bool
    /// Whether series have their metric's type as a label (Prometheus's feature
    /// `type-and-unit-labels`).
    var hasTypeLabels = false

    private static let reserved = ["__name__", "__type__", "__unit__"]

    /// The labels and mark of a result that lost its name.
    func removing(_ labels: Labels) -> (Labels, Bool) {
        isDelayed ? (labels, true) : (labels.dropping(Self.reserved), false)
    }

    /// The labels without the metric's name, type and unit.
    static func final(_ labels: Labels) -> Labels { labels.dropping(reserved) }
}

extension Array {
    /// Becomes another list that starts with this one, unless it was `rebuilt`, without sharing its
    /// storage: both then grow without being copied.
    mutating func follow(_ other: [Element], rebuilt: Bool) {
        if rebuilt { removeAll(keepingCapacity: true) }
        append(contentsOf: other.dropFirst(count))
    }
}
