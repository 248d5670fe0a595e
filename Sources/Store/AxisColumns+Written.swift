import Model

/// Samples that come one by one, in pieces of what was collected together, out of step and late. Each is
/// put into the frame of its time, where others of that time are already; one with a time of its own
/// goes into the frame before it. Only where its series has a sample there already a new frame is made.
extension AxisColumns {
    /// So many frames before the newest a series can begin.
    private static let reach = 16

    /// Writes a sample newer than all before of its series, whose slot is placed. False where it does not
    /// go well with the others: it should go to an axis of its own.
    mutating func put(_ sample: WrittenSample, clock: CommitClock) -> Bool {
        guard let (frame, offset) = place(of: sample, clock) else {
            written.store(sample, frame: nil, end: times.end)
            return false
        }
        if written.newest[sample.slot].frame < 0 {
            chunks[Int(slots[sample.slot].chunk)].begin(
                lane: Int(slots[sample.slot].lane), after: frame, end: times.end)
        }
        set(sample, frame: frame, offset: offset)
        written.store(sample, frame: frame, end: times.end)
        return true
    }

    private mutating func place(
        of sample: WrittenSample, _ clock: CommitClock
    ) -> (frame: Int, offset: Int32)? {
        let time = Timestamp(milliseconds: sample.time)
        let frame = firstFrame(for: sample)
        if frame < times.end {
            return SlotTime(slot: sample.slot, time: time).offset(
                from: Timestamp(milliseconds: times[frame])
            ).map {
                (frame, $0)
            }
        }
        let series = slots.count - vacantSlots
        if written.isSparse(end: times.end, series: series) { return nil }
        let frameTime = max(sample.time, lastTime == .min ? .min : lastTime.addingSaturating(1))
        guard
            let offset = SlotTime(slot: sample.slot, time: time).offset(
                from: Timestamp(milliseconds: frameTime)),
            frameTime > lastTime
        else { return nil }
        appendAbsent(at: frameTime, sequence: clock.next())
        written.begin(frame: times.end - 1)
        return (times.end - 1, offset)
    }

    /// The best frame among those after the series' newest; the one that comes next where there is none.
    private mutating func firstFrame(for sample: WrittenSample) -> Int {
        let end = times.end
        let best = max(
            times.lastFrame(notAfter: sample.time) ?? times.first,
            written.newest[sample.slot].frame + 1, times.first)
        let chunk = Int(slots[sample.slot].chunk)
        if best >= chunks[chunk].first { return min(best, end) }
        if end - best <= AxisColumns.reach {
            chunks[chunk].reachBack(to: best, end: end)
            return best
        }
        return min(chunks[chunk].first, end)
    }
}
