import Model

/// Samples of one series that come in any order: late ones, which other frames could not take.
extension Axis {
    /// Puts a sample among those of the axis' only slot. Nil, and nothing done, where the axis has ended.
    func insert(_ sample: WrittenSample, isRestored: Bool = false) -> SampleVerdict? {
        if !index.wake([sample.slot], on: self) { return .tooManySeries }
        return columns.withLock { columns in
            if columns.isEnded { return nil }
            guard columns.slots[sample.slot].isPlaced else { return .tooManySeries }
            if !columns.insert(sample, clock: clock) { return .repeated }
            if let sink, !isRestored {
                for layer in columns.written.layers(of: [sample]) {
                    sink.committed(frame(layer, newSlots: columns.takeUntold()))
                }
            }
            return .stored
        }
    }
}

extension AxisColumns {
    /// Inserts a sample in the order of time; false where there is one of its time. All frames are written
    /// anew: they are few, and late samples rare.
    fileprivate mutating func insert(_ sample: WrittenSample, clock: CommitClock) -> Bool {
        written.reserve(slots: slots.count)
        var samples = allWritten(of: sample.slot)
        if samples.contains(where: { $0.time == sample.time }) { return false }
        samples.insert(sample, at: samples.firstIndex { $0.time > sample.time } ?? samples.count)
        forgetFrames(of: sample.slot)
        for sample in samples {
            appendAbsent(at: sample.time, sequence: clock.next())
            set(sample, frame: times.end - 1, offset: 0)
        }
        return true
    }

    /// What a placed slot holds, markers too.
    private func allWritten(of slot: Int) -> [WrittenSample] {
        let (chunk, lane) = (chunks[Int(slots[slot].chunk)], Int(slots[slot].lane))
        return (chunk.first..<max(chunk.first, times.end)).compactMap { frame in
            let value = chunk.values[chunk.row(frame) + lane]
            if SampleValue.isAbsent(value) { return nil }
            let start = startTime(slot, frame: frame)
            return WrittenSample(
                slot: slot, time: Timestamp(milliseconds: times[frame]), value: value,
                histogram: histogram(slot, frame: frame),
                start: start == 0 ? nil : Timestamp(milliseconds: start))
        }
    }
}
