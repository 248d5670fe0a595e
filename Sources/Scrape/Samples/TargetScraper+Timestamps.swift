import Model
import Store

/// Series with times of their own.
extension TargetScraper {
    /// Puts the samples that have times of their own into the frame, and what it says of series that had
    /// some.
    mutating func putTimestamped(
        _ reading: inout ExpositionReading, at time: Timestamp, _ report: inout ScrapeReport
    ) {
        if timestamped.isEmpty && reading.timestamped.isEmpty { return }
        timestamped.begin()
        for slot in reading.newSlots { timestamped.renew(slot: slot) }
        for sample in reading.timestamped { put(sample, &reading, at: time, &report) }
        var absent: [Int] = []
        timestamped.complete(at: time, hasValue: { !reading.lacks($0) }) { slot, change in
            if change == .outOfOrder { report.outOfOrder += 1 }
            absent.append(slot)
        }
        for slot in absent { reading.clear(slot) }
    }

    private mutating func put(
        _ sample: ExpositionReading.TimestampedSample, _ reading: inout ExpositionReading,
        at time: Timestamp, _ report: inout ScrapeReport
    ) {
        let slot = sample.slot
        if timestamped.isUncertain(slot: slot) {
            timestamped.learn(slot: slot, axis.newestSample(of: slot))
        }
        if isPlain(slot, reading), sample.time <= time {
            // The line without a time came first.
            if sample.time < time { report.outOfOrder += 1 } else { report.duplicates += 1 }
            return
        }
        switch timestamped.verdict(slot: slot, time: sample.time, value: sample.value) {
        case .duplicate:
            report.duplicates += 1
            timestamped.forget(slot: slot)
        case .outOfOrder:
            report.outOfOrder += 1
            timestamped.forget(slot: slot)
        case .new where SlotTime(slot: slot, time: sample.time).offset(from: time) == nil:
            report.outOfBounds += 1
        case .repeated: keep(sample)
        case .new:
            let isLosingItsFrame =
                !rules.trackTimestampsStaleness && timestamped.wasPlain(slot: slot)
            if isLosingItsFrame && sample.time < time && reading.lacks(slot) {
                // As in Prometheus it goes stale as a series without times: the frame says that.
                append(sample, reading)
                timestamped.forget(slot: slot)
            } else {
                moveAside(slot, &reading, at: time)
                reading.set(
                    slot, sample.value, reading.histogram(of: sample), at: sample.time)
                keep(sample)
            }
        }
    }

    /// Whether the frame has a sample of the slot that was taken at its time.
    private func isPlain(_ slot: Int, _ reading: ExpositionReading) -> Bool {
        !reading.lacks(slot) && !reading.ownTimes.contains { $0.slot == slot }
    }

    private mutating func keep(_ sample: ExpositionReading.TimestampedSample) {
        timestamped.store(
            slot: sample.slot, time: sample.time, value: sample.value,
            isTracking: rules.trackTimestampsStaleness)
    }

    /// Stores the sample that the frame has of a slot beside the axis: a second one came with the same
    /// scrape.
    private mutating func moveAside(
        _ slot: Int, _ reading: inout ExpositionReading, at time: Timestamp
    ) {
        if reading.lacks(slot) { return }
        let ownTime = reading.ownTimes.last { $0.slot == slot }?.time
        if ownTime == nil && !rules.trackTimestampsStaleness { timestamped.notePlain(slot: slot) }
        let histogram = reading.histograms.last { $0.slot == slot }?.histogram
        if let labels = axis.labels(of: slot) {
            store.append(
                labels, at: ownTime ?? time, value: reading.frame[slot], histogram: histogram)
        }
        reading.clear(slot)
    }

    private func append(
        _ sample: ExpositionReading.TimestampedSample, _ reading: ExpositionReading
    ) {
        store.append(
            intake.labels(ofSeries: sample.series), at: sample.time, value: sample.value,
            histogram: reading.histogram(of: sample))
    }

    /// The slots of the series with times of their own that are due a staleness marker when they are gone.
    var trackedSlots: Set<Int> { timestamped.trackedSlots }

    /// Marks the series stale that had times of their own, but for those of slots that are written by the
    /// one that has the axis now.
    mutating func endTimestamped(at time: Timestamp, but others: Set<Int>) {
        let ended = timestamped.takeEnded(at: time, but: others)
        if ended.isEmpty { return }
        var values = [Double](repeating: SampleValue.absent, count: axis.slotCount)
        for slot in ended { values[slot] = SampleValue.stale }
        axis.commit(
            at: max(time, axis.lastTimestamp.map { $0 + Milliseconds(1) } ?? time), values: values,
            ownTimes: ended.map { SlotTime(slot: $0, time: time) }, isPartial: true)
    }
}

extension ExpositionReading {
    /// The native histogram of a sample with a time of its own.
    fileprivate func histogram(of sample: TimestampedSample) -> FloatHistogram? {
        sample.histogram < 0 ? nil : timestampedHistograms[sample.histogram]
    }

    /// Puts a sample that was not taken at the frame's time into it.
    fileprivate mutating func set(
        _ slot: Int, _ value: Double, _ histogram: FloatHistogram?, at time: Timestamp
    ) {
        if let histogram { set(slot, histogram) } else { set(slot, value) }
        ownTimes.append(SlotTime(slot: slot, time: time))
    }

    /// Makes a slot absent.
    fileprivate mutating func clear(_ slot: Int) {
        if !lacks(slot) {
            ownTimes.removeAll { $0.slot == slot }
            histograms.removeAll { $0.slot == slot }
        }
        set(slot, SampleValue.absent)
        isPartial = true
    }
}
