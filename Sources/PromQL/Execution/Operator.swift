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
protocol Operator: OperatorOutput {
    /// What it does in a step: fills `values` for `time`.
    func evaluate(at time: Int64, _ run: Run) throws(QueryError)

    /// When it can have values.
    func activeTimes(_ run: Run) -> ActiveTimes

    /// Whether it is the same at all times.
    var isConstant: Bool { get }
}

extension Operator {
    func activeTimes(_ run: Run) -> ActiveTimes { .always }

    var isConstant: Bool { false }

    /// Evaluates at `time` into `values`; does nothing where they are what they would be.
    func step(at time: Int64, _ run: Run) throws(QueryError) {
        if memo == nil {
            try evaluate(at: time, run)
        } else if memo?.holds(at: time, run) == true {
            run.reuses += 1
            return
        } else {
            memo?.forget()
            try evaluate(at: time, run)
            memo?.keep(at: time, run)
        }
        if hasHistograms { try countHistograms(run) }
    }
}

/// What a node puts out.
class OperatorOutput {
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
    final private(set) var version = SeriesVersion()
    /// The slots in the order that `sort` or `topk` asked for, of the last step; nil for any order.
    final var order: [Int]?
    /// What tells whether the last step's result still holds; nil where the node is not shared.
    final var memo: StepMemo?
    /// The bytes of histograms that a run counted here.
    private var countedHistograms = CountedBytes()

    // MARK: Series

    /// To be called when `labels` is another list.
    final func rebuilt() { version.rebuilt() }

    /// To be called when `labels` has more at the end, and is what it was before that.
    final func grew() { version.grew() }

    /// Says what became of `labels`.
    final func changed(_ change: SeriesChange) {
        switch change {
        case .none: break
        case .grown: version.grew()
        case .rebuilt: version.rebuilt()
        }
    }

    /// Forgets all series.
    final func removeSeries() {
        labels.removeAll(keepingCapacity: true)
        dropsName.removeAll(keepingCapacity: true)
    }

    /// Adds a series at the end; `changed` says so afterwards.
    final func addSeries(_ series: Labels, dropsName drops: Bool, _ run: Run) throws(QueryError) {
        try run.memory.take(MemoryCost.slot + MemoryCost.labels(series))
        labels.append(series)
        dropsName.append(drops)
    }

    /// Adds a series that turns up in a step.
    final func addSeriesInStep(
        _ series: Labels, dropsName drops: Bool, _ run: Run
    ) throws(QueryError) {
        try addSeries(series, dropsName: drops, run)
        values.append(SampleValue.stale)
        version.grew()
    }

    /// Takes over the series of another list, of which it has the first ones already unless that was
    /// rebuilt. The lists stay apart: neither has to be copied to grow.
    final func takeSeries(
        _ others: [Labels], dropsName drops: [Bool]? = nil, _ change: SeriesChange, _ run: Run
    ) throws(QueryError) {
        if change == .rebuilt { removeSeries() }
        try run.memory.take(max(0, others.count - labels.count) * MemoryCost.sharedSlot)
        labels.append(contentsOf: others.dropFirst(labels.count))
        let start = dropsName.count
        if let drops {
            dropsName.append(contentsOf: drops.dropFirst(start))
        } else {
            dropsName.append(contentsOf: repeatElement(false, count: labels.count - start))
        }
        changed(change)
    }

    // MARK: Samples

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

    /// Reserves what the last step's histograms take beyond those of the step before.
    fileprivate final func countHistograms(_ run: Run) throws(QueryError) {
        var bytes = 0
        for histogram in histograms {
            if let histogram { bytes += histogram.byteCount }
        }
        try countedHistograms.become(bytes, run)
    }

    /// The histogram of a slot, nil where it is absent or a number.
    @inline(__always)
    final func histogram(_ slot: Int) -> FloatHistogram? {
        guard hasHistograms, SampleValue.isHistogram(values[slot]) else { return nil }
        return histograms[slot]
    }

    /// Makes a slot what a slot of another node is.
    @inline(__always)
    final func copy(_ slot: Int, of other: OperatorOutput, to target: Int) {
        if let histogram = other.histogram(slot) {
            put(histogram, target)
        } else {
            values[target] = other.values[slot]
        }
    }

    /// The number of a scalar.
    final var scalar: Double { values.first ?? SampleValue.nan }
}
