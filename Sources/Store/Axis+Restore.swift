import Model

extension Axis {
    /// How samples come to an axis, which its key says.
    enum Kind {
        /// In frames, each newer than the one before.
        case frames
        /// One by one, each series' in the order of time.
        case samples
        /// One by one in any order, of one series.
        case lateSamples
    }

    var kind: Kind {
        if key.hasPrefix(Store.writtenAxisPrefix) { return .samples }
        return key.hasPrefix(Store.lateAxisPrefix) ? .lateSamples : .frames
    }

    /// Takes a frame of an earlier run, without telling the sink, where it comes from. False where it is
    /// older than what is there.
    func restore(_ frame: RestoredFrame) -> Bool {
        if kind != .frames {
            columns.withLock { $0.written.continueTelling(after: frame.timestamp.milliseconds) }
        }
        return switch kind {
        case .frames:
            restore(
                at: frame.timestamp, values: frame.values(ofSlots: slotCount),
                FrameExtras(
                    histograms: frame.histograms, startTimes: frame.startTimes,
                    ownTimes: frame.ownTimes, isPartial: frame.isPartial))
        case .samples: write(frame.samples, isRestored: true) != nil
        case .lateSamples:
            frame.samples.allSatisfy { insert($0, isRestored: true) == .stored }
        }
    }
}

extension RestoredFrame {
    /// The same frame, of other slots: `targets` says which.
    func moved(to targets: [Int]) -> RestoredFrame {
        if slots == nil && targets.elementsEqual(0..<targets.count) { return self }
        func move(_ slot: Int) -> Int? { targets.indices.contains(slot) ? targets[slot] : nil }
        var moved: [(slot: Int, value: Double)] = []
        for (index, value) in values.enumerated()
        where isPartial ? !SampleValue.isAbsent(value) : !SampleValue.isStale(value) {
            if let slot = move(slots?[index] ?? index) { moved.append((slot, value)) }
        }
        moved.sort { $0.slot < $1.slot }
        return RestoredFrame(
            timestamp: timestamp, slots: moved.map(\.slot), values: moved.map(\.value),
            isPartial: isPartial,
            histograms: histograms.compactMap { item in
                move(item.slot).map { SlotHistogram(slot: $0, histogram: item.histogram) }
            },
            startTimes: startTimes.compactMap { item in
                move(item.slot).map { SlotStartTime(slot: $0, start: item.start) }
            },
            ownTimes: ownTimes.compactMap { item in
                move(item.slot).map { SlotTime(slot: $0, time: item.time) }
            })
    }

    /// The values of all slots.
    fileprivate func values(ofSlots count: Int) -> [Double] {
        guard let slots else { return values }
        var all = [Double](
            repeating: isPartial ? SampleValue.absent : SampleValue.stale, count: count)
        for (slot, value) in zip(slots, values) where slot < count { all[slot] = value }
        return all
    }

    /// The samples, in the order of their slots.
    fileprivate var samples: [WrittenSample] {
        let times = Dictionary(ownTimes.map { ($0.slot, $0.time) }) { first, _ in first }
        let starts = Dictionary(startTimes.map { ($0.slot, $0.start) }) { first, _ in first }
        let histograms = Dictionary(histograms.map { ($0.slot, $0.histogram) }) { first, _ in first
        }
        return values.enumerated().compactMap { index, value in
            let slot = slots?[index] ?? index
            let histogram = histograms[slot]
            if SampleValue.isAbsent(value) || SampleValue.isHistogram(value) && histogram == nil {
                return nil
            }
            return WrittenSample(
                slot: slot, time: times[slot] ?? timestamp, value: value, histogram: histogram,
                start: starts[slot])
        }
    }
}
