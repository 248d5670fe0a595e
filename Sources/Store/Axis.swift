import Model
import Synchronization

/// Series that are written together: one timestamp and one value per series make a frame.
///
/// One per target, per rule, per series with timestamps of its own. Thread-safe.
public final class Axis: Sendable {
    /// What it was opened with.
    public let key: String
    let id: Int
    let clock: CommitClock
    let columns = Mutex(AxisColumns())
    private let sink: (any CommitSink)?
    private let index: SeriesIndex

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

    /// Takes a frame: `values[slot]`, where the stale marker or a missing tail means absent. False,
    /// and nothing taken, where `time` is not newer than the last frame's,
    /// or the axis is closed.
    @discardableResult
    public func commit(at time: Timestamp, values: [Double]) -> Bool {
        write(at: time, values: values, isRestored: false)
    }

    /// As `commit`, without telling the sink, where it comes from there.
    func restore(at time: Timestamp, values: [Double]) -> Bool {
        write(at: time, values: values, isRestored: true)
    }

    private func write(at time: Timestamp, values: [Double], isRestored: Bool) -> Bool {
        while true {
            var awoken: [Int] = []
            let isDone = columns.withLock { columns -> Bool? in
                guard columns.accepts(time.milliseconds, isRestored: isRestored) else {
                    return false
                }
                awoken = columns.awoken(by: values)
                if !awoken.isEmpty { return nil }
                columns.append(values, at: time.milliseconds, sequence: clock.next())
                if let sink, !isRestored {
                    sink.committed(
                        CommittedFrame(
                            axis: key, newSlots: columns.takeUntold(), timestamp: time,
                            values: values))
                }
                return true
            }
            if let isDone { return isDone }
            if !index.wake(awoken, on: self) {
                return write(
                    at: time, values: dropping(awoken, from: values), isRestored: isRestored)
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

    /// The time of the newest frame, if there is any.
    public var lastTimestamp: Timestamp? {
        let last = columns.withLock { $0.lastTime }
        return last == .min ? nil : Timestamp(milliseconds: last)
    }

    /// How many slots there are.
    public var slotCount: Int { columns.withLock { $0.slots.count } }
}
