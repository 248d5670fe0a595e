import Model

/// The newest sample of a slot, or the stale marker that ended its series.
public struct SlotSample: Sendable {
    /// When it was taken.
    public let time: Timestamp
    /// The number, the mark of a histogram, or the stale marker.
    public let value: Double
    /// Whether it was not taken at its frame's time.
    public let hasOwnTime: Bool
    /// Whether no frame came after it.
    public let isOfNewestFrame: Bool
}

extension Axis {
    /// The newest sample of a slot, or the first stale marker after it; nil where there is none.
    public func newestSample(of slot: Int) -> SlotSample? {
        columns.withLock { $0.newestSample(of: slot) }
    }

    /// The slots whose newest samples were not taken at their frame's time.
    public var samplesWithOwnTimes: [(slot: Int, sample: SlotSample)] {
        columns.withLock { columns in
            if !columns.hasOwnTimes { return [] }
            return columns.slots.indices.compactMap { slot in
                guard let sample = columns.newestSample(of: slot), sample.hasOwnTime,
                    !SampleValue.isStale(sample.value)
                else { return nil }
                return (slot, sample)
            }
        }
    }

    /// The series of a slot.
    public func labels(of slot: Int) -> Labels? {
        columns.withLock { $0.slots.indices.contains(slot) ? $0.slots[slot].labels : nil }
    }
}

extension AxisColumns {
    fileprivate func newestSample(of slot: Int) -> SlotSample? {
        guard slots.indices.contains(slot) else { return nil }
        let newest = newest(slot, through: .max, sequence: .max)
        guard let sample = newest.sample else { return nil }
        if let end = newest.end {
            return SlotSample(
                time: Timestamp(milliseconds: end), value: SampleValue.stale, hasOwnTime: false,
                isOfNewestFrame: false)
        }
        return SlotSample(
            time: Timestamp(milliseconds: sample.time), value: sample.value,
            hasOwnTime: sample.time != times[sample.frame],
            isOfNewestFrame: sample.frame == times.end - 1)
    }
}
