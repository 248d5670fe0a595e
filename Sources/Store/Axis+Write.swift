import Model

extension Axis {
    /// What became of samples that were written.
    struct Written {
        var verdicts: [SampleVerdict] = []
        /// The samples, by their index, that should be on an axis of their own.
        var apart: [Int] = []
    }

    /// Writes samples one by one, each series' in their order. Nil, and nothing written, where the axis has
    /// ended.
    func write(_ samples: [WrittenSample], isRestored: Bool = false) -> Written? {
        var hasWoken = false
        while true {
            var awoken: [Int] = []
            let written = columns.withLock { columns -> Written? in
                if columns.isEnded { return nil }
                if !hasWoken { awoken = columns.unplaced(samples) }
                return awoken.isEmpty ? write(samples, to: &columns, isRestored) : nil
            }
            if let written { return written }
            if awoken.isEmpty { return nil }
            _ = index.wake(awoken, on: self)
            hasWoken = true
        }
    }

    private func write(
        _ samples: [WrittenSample], to columns: inout AxisColumns, _ isRestored: Bool
    ) -> Written {
        columns.written.reserve(slots: columns.slots.count)
        var written = Written()
        var stored: [WrittenSample] = []
        for (index, sample) in samples.enumerated() {
            var verdict = columns.written.verdict(sample)
            if verdict == .stored {
                if !columns.slots[sample.slot].isPlaced {
                    // A marker of a series that is not there ends nothing.
                    verdict = SampleValue.isStale(sample.value) ? .stored : .tooManySeries
                } else if columns.put(sample, clock: clock) {
                    stored.append(sample)
                } else {
                    written.apart.append(index)
                }
            }
            written.verdicts.append(verdict)
        }
        if let newest = stored.lazy.map(\.time).max() { clock.see(newest) }
        if let sink, !isRestored {
            for layer in columns.written.layers(of: stored) {
                sink.committed(frame(layer, newSlots: columns.takeUntold()))
            }
        }
        return written
    }

    /// Samples of different slots, as they are told to the sink.
    func frame(
        _ layer: WrittenLanes.Layer, newSlots: [CommittedFrame.NewSlot]
    ) -> CommittedFrame {
        var extras = FrameExtras(isPartial: true)
        for sample in layer.samples {
            if let histogram = sample.histogram {
                extras.histograms.append(SlotHistogram(slot: sample.slot, histogram: histogram))
            }
            if sample.start != 0 {
                extras.startTimes.append(
                    SlotStartTime(
                        slot: sample.slot, start: Timestamp(milliseconds: sample.start)))
            }
            if sample.time != layer.time {
                extras.ownTimes.append(
                    SlotTime(slot: sample.slot, time: Timestamp(milliseconds: sample.time)))
            }
        }
        return CommittedFrame(
            axis: key, newSlots: newSlots, timestamp: Timestamp(milliseconds: layer.time),
            slots: layer.samples.map(\.slot), values: layer.samples.map(\.value), extras)
    }
}

extension AxisColumns {
    /// The slots that must enter the index before their samples can be written.
    fileprivate func unplaced(_ samples: [WrittenSample]) -> [Int] {
        var slots: Set<Int> = []
        for sample in samples
        where !self.slots[sample.slot].isPlaced && SampleValue.isSample(sample.value) {
            slots.insert(sample.slot)
        }
        return slots.sorted()
    }
}

extension WrittenLanes {
    /// Samples of different slots, in the order of these, told under one time.
    struct Layer {
        let time: Int64
        let samples: [WrittenSample]
    }

    /// The samples in as few layers as they make. Their times rise from layer to layer, also over calls.
    mutating func layers(of samples: [WrittenSample]) -> [Layer] {
        var lists: [[WrittenSample]] = []
        var counts: [Int: Int] = [:]
        for sample in samples {
            let layer = counts[sample.slot, default: 0]
            counts[sample.slot] = layer + 1
            if layer == lists.count { lists.append([]) }
            lists[layer].append(sample)
        }
        return lists.map { list in
            let newest = list.lazy.map(\.time).max() ?? 0
            lastToldTime = max(newest, lastToldTime.addingSaturating(1))
            return Layer(time: lastToldTime, samples: list.sorted { $0.slot < $1.slot })
        }
    }
}
