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
    private var alertSlots: [Labels: AlertSlots] = [:]
    private var values: [Double] = []

    /// Where an alert's series stand, by the alert's labels.
    private struct AlertSlots {
        var state: AlertState
        var ofState: Int
        var ofSince: Int
        /// The write that had it last.
        var write: UInt64
    }

    private var writes: UInt64 = 0

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

    /// Writes what `ALERTS` and `ALERTS_FOR_STATE` say of a rule's pending and firing alerts at `t`; returns
    /// how many samples.
    mutating func write(_ alerts: AlertingState, name: String, at t: Timestamp) -> Int {
        writes &+= 1
        clear()
        var count = 0
        alerts.forEachActive { alert in
            let slots = slots(of: alert, name: name)
            set(slots.ofState, 1)
            set(slots.ofSince, alert.sinceSeconds)
            count += 1
        }
        axis.commit(at: t, values: values)
        if alertSlots.count > count { forgetAlerts() }
        return 2 * count
    }

    private mutating func slots(of alert: ActiveAlert, name: String) -> AlertSlots {
        if let index = alertSlots.index(forKey: alert.labels),
            alertSlots.values[index].state == alert.state
        {
            alertSlots.values[index].write = writes
            return alertSlots.values[index]
        }
        let series = alert.series(name: name)
        let slots = AlertSlots(
            state: alert.state, ofState: axis.slot(for: series.state),
            ofSince: axis.slot(for: series.since), write: writes)
        if let former = alertSlots.updateValue(slots, forKey: alert.labels) {
            axis.release(slot: former.ofState)
        }
        return slots
    }

    /// Gives up the slots of alerts that the last write did not have: memory stays bounded where alerts
    /// come and go.
    private mutating func forgetAlerts() {
        let gone = alertSlots.filter { $0.value.write != writes }
        alertSlots = alertSlots.filter { $0.value.write == writes }
        let used = Set(alertSlots.values.flatMap { [$0.ofState, $0.ofSince] })
        for slots in gone.values {
            for slot in [slots.ofState, slots.ofSince] where !used.contains(slot) {
                axis.release(slot: slot)
            }
        }
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
