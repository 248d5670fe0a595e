import Model
import Synchronization

/// Series that are written together: one timestamp and one value per series make a frame.
///
/// One per target, per rule, and per `job` and `instance` of what others write. Thread-safe.
public final class Axis: Sendable {
    /// What it was opened with.
    public let key: String
    let id: Int
    let clock: CommitClock
    let columns = Mutex(AxisColumns())
    let sink: (any CommitSink)?
    let index: SeriesIndex

    init(key: String, id: Int, clock: CommitClock, sink: (any CommitSink)?, index: SeriesIndex) {
        self.key = key
        self.id = id
        self.clock = clock
        self.sink = sink
        self.index = index
    }

    /// The series' index into this axis' frames: dense, and stable until it is released.
    public func slot(for labels: Labels) -> Int {
        columns.withLock { $0.slot(of: labels) ?? $0.makeSlot(labels) }
    }

    /// Says that no frame will have a value for the slot, which may then be used for another series.
    /// Not needed for correctness; it bounds memory where series come and go.
    public func release(slot: Int) {
        columns.withLock { $0.release(slot: slot) }
    }

    /// Takes a frame: `values[slot]`, where the stale marker or a missing tail ends a series. False,
    /// and nothing taken, where `time` is not newer than the last frame's,
    /// or the axis is closed.
    ///
    /// `histograms` are the frame's native histograms, whatever `values` say of their slots;
    /// `startTimes` the start timestamps that are known of its samples; `ownTimes` when those of its
    /// samples were taken that are not of the frame's time, each newer than the one before of its series.
    /// Only in a partial frame values may be `SampleValue.absent`: it says nothing of their series.
    @discardableResult
    public func commit(
        at time: Timestamp, values: [Double], histograms: [SlotHistogram] = [],
        startTimes: [SlotStartTime] = [], ownTimes: [SlotTime] = [], isPartial: Bool = false
    ) -> Bool {
        let extras = FrameExtras(
            histograms: histograms, startTimes: startTimes, ownTimes: ownTimes,
            isPartial: isPartial)
        return write(
            at: time, values: histograms.isEmpty ? values : Axis.marked(values, histograms),
            extras, isRestored: false)
    }

    /// As `commit`, without telling the sink, where it comes from there. Marks of histograms that did
    /// not come with the frame are taken out.
    func restore(at time: Timestamp, values: [Double], _ extras: FrameExtras) -> Bool {
        var values = values
        for slot in values.indices where SampleValue.isHistogram(values[slot]) {
            values[slot] = SampleValue.stale
        }
        return write(
            at: time, values: Axis.marked(values, extras.histograms), extras, isRestored: true)
    }

    private static func marked(_ values: [Double], _ histograms: [SlotHistogram]) -> [Double] {
        var values = values
        for item in histograms {
            if item.slot >= values.count {
                values += [Double](
                    repeating: SampleValue.stale, count: item.slot + 1 - values.count)
            }
            // A histogram whose sum is the stale marker is a stale marker.
            values[item.slot] =
                SampleValue.isStale(item.histogram.sum)
                ? SampleValue.stale : SampleValue.histogram
        }
        return values
    }

    private func write(
        at time: Timestamp, values: [Double], _ extras: FrameExtras, isRestored: Bool
    ) -> Bool {
        while true {
            var awoken: [Int] = []
            let isDone = columns.withLock { columns -> Bool? in
                guard columns.accepts(time.milliseconds, isRestored: isRestored) else {
                    return false
                }
                awoken = columns.awoken(by: values)
                if !awoken.isEmpty { return nil }
                clock.see(time.milliseconds)
                columns.append(
                    values, extras, at: time.milliseconds, sequence: clock.next())
                if let sink, !isRestored {
                    sink.committed(
                        CommittedFrame(
                            axis: key, newSlots: columns.takeUntold(), timestamp: time,
                            values: values, extras))
                }
                return true
            }
            if let isDone { return isDone }
            if !index.wake(awoken, on: self) {
                return write(
                    at: time, values: dropping(awoken, from: values), extras,
                    isRestored: isRestored)
            }
        }
    }

    /// Without the series that the limit on their number keeps out.
    private func dropping(_ slots: [Int], from values: [Double]) -> [Double] {
        var kept = values
        for slot in slots where columns.withLock({ !$0.slots[slot].isPlaced }) {
            kept[slot] = SampleValue.stale
        }
        return kept
    }

    /// The times between which all samples that are kept lie.
    var timeSpan: (oldest: Int64, newest: Int64)? {
        columns.withLock { $0.timeSpan }
    }

    /// The time of the newest frame, if there is any.
    public var lastTimestamp: Timestamp? {
        let last = columns.withLock { $0.lastTime }
        return last == .min ? nil : Timestamp(milliseconds: last)
    }

    /// How many slots there are.
    public var slotCount: Int { columns.withLock { $0.slots.count } }
}
