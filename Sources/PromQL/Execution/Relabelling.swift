import Model

/// A node whose output series are its input's with other labels: slots whose labels become equal
/// share an output slot, and may not be present at the same time.
class Relabelling: OperatorOutput {
    final let input: any Operator
    /// The output slot of each input slot.
    final var target: [Int] = []
    /// Whether `target` is 0, 1, 2…
    final var isIdentity = true
    private var table = SlotTable()
    private var follower = SeriesFollower()

    init(_ input: any Operator) { self.input = input }

    /// The output labels of an input slot: the same, unless a node says otherwise.
    func output(
        _ labels: Labels, dropsName: Bool, _ run: Run
    ) throws(QueryError) -> (Labels, Bool) {
        (labels, dropsName)
    }

    /// Steps the input and binds to it where it changed.
    final func stepInput(at time: Int64, _ run: Run) throws(QueryError) {
        try input.step(at: time, run)
        let change = follower.change(to: input.version)
        if change == .none { return }
        try bind(change, run)
        follower.follow(input.version)
    }

    private func bind(_ change: SeriesChange, _ run: Run) throws(QueryError) {
        if change == .rebuilt {
            table = SlotTable()
            target.removeAll(keepingCapacity: true)
            removeSeries()
        }
        for slot in target.count..<input.labels.count {
            try run.checkTime()
            let (series, drops) = try output(
                input.labels[slot], dropsName: input.dropsName[slot], run)
            let out = table.slot(series, dropsName: drops)
            if out == labels.count { try addSeries(series, dropsName: drops, run) }
            target.append(out)
        }
        isIdentity = labels.count == target.count
        changed(change)
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
