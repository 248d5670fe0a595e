import Model
import Store

/// A sample that a rule writes.
struct RuleSample {
    var labels: Labels
    var value: Double
    /// The native histogram, where it is one.
    var histogram: FloatHistogram?
}

/// The series that one rule writes: a frame an evaluation, on an axis of the rule's own. A series
/// that is not in a frame is stale from there on.
struct RuleOutput {
    let axis: Axis
    /// What the rule wrote on under identities that it had before; readable until the next frame.
    private var predecessors: [Axis] = []
    private var slots: [Labels: Int] = [:]
    private var values: [Double] = []

    init(store: Store, key: String) {
        axis = store.openAxis("rule:" + key)
    }

    /// Writes the samples at `t`; returns how many.
    mutating func write(_ samples: [RuleSample], at t: Timestamp) -> Int {
        var next: [Labels: Int] = [:]
        next.reserveCapacity(samples.count)
        clear()
        var histograms: [SlotHistogram] = []
        for sample in samples {
            let slot = slots[sample.labels] ?? axis.slot(for: sample.labels)
            next[sample.labels] = slot
            set(slot, sample.value)
            if let histogram = sample.histogram, slot >= 0 {
                histograms.append(SlotHistogram(slot: slot, histogram: histogram))
            }
        }
        axis.commit(at: t, values: values, histograms: histograms)
        // Memory stays bounded where series come and go.
        for (labels, slot) in slots where next[labels] == nil { axis.release(slot: slot) }
        slots = next
        return samples.count
    }

    /// Goes on where `former` wrote: its series are there until the next frame.
    mutating func follow(_ former: RuleOutput) {
        predecessors = former.predecessors + [former.axis]
    }

    /// Ends what former identities wrote; returns their axes.
    mutating func endPredecessors(in store: Store, at t: Timestamp) -> [Axis] {
        defer { predecessors = [] }
        for axis in predecessors {
            axis.commit(at: t, values: [])
            store.closeAxis(axis)
        }
        return predecessors
    }

    /// Ends every series, and the axis.
    mutating func close(in store: Store, at t: Timestamp) {
        _ = endPredecessors(in: store, at: t)
        axis.commit(at: t, values: [])
        store.closeAxis(axis)
    }

    private mutating func clear() {
        for slot in values.indices { values[slot] = SampleValue.stale }
    }

    private mutating func set(_ slot: Int, _ value: Double) {
        while values.count <= slot { values.append(SampleValue.stale) }
        values[slot] = value
    }
}
