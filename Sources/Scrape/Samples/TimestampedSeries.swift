import Model

/// The series of a target that expose times of their own: what each brought last, and which of them
/// are owed a staleness marker once they are gone.
///
/// With `track_timestamps_staleness` a series that the last scrape brought and this one does not is
/// marked stale, whether the scrape failed, the exposition lacks it, or its sample could not be stored.
struct TimestampedSeries {
    /// What the store makes of a sample.
    enum Verdict {
        /// It is new: append it.
        case new
        /// The same sample as before, which is no error.
        case repeated
        /// Another value at the time of the last one.
        case duplicate
        /// Older than the last one.
        case outOfOrder
    }

    private struct Entry {
        let labels: Labels
        var time: Timestamp
        var value: Double
        /// The scrape that brought it.
        var scrape: UInt64
        /// Whether a marker is due when it is gone.
        var isTracked = false
    }

    private var entries: [Int: Entry] = [:]
    private var trackedCount = 0
    private var scrape: UInt64 = 0

    /// The series that are due a marker when they are gone.
    var trackedLabels: Set<Labels> { Set(entries.values.lazy.filter(\.isTracked).map(\.labels)) }

    /// A scrape begins.
    mutating func begin() { scrape &+= 1 }

    func verdict(slot: Int, time: Timestamp, value: Double) -> Verdict {
        guard let last = entries[slot] else { return .new }
        if time > last.time { return .new }
        if time < last.time { return .outOfOrder }
        return last.value.bitPattern == value.bitPattern ? .repeated : .duplicate
    }

    /// The sample is stored, or was before.
    mutating func store(
        slot: Int, labels: Labels, time: Timestamp, value: Double, isTracking: Bool
    ) {
        var entry =
            entries[slot] ?? Entry(labels: labels, time: time, value: value, scrape: scrape)
        (entry.time, entry.value, entry.scrape) = (time, value, scrape)
        if isTracking != entry.isTracked { trackedCount += isTracking ? 1 : -1 }
        entry.isTracked = isTracking
        entries[slot] = entry
    }

    /// Whether the series brought a sample before.
    func isKnown(slot: Int) -> Bool { entries[slot] != nil }

    /// The series that the scrape at `time` ends: those due a marker that it did not bring, and that
    /// are not written elsewhere either (in the target's frame, or by its successor).
    mutating func takeEnded(
        at time: Timestamp, isElsewhere: (_ slot: Int, _ labels: Labels) -> Bool
    ) -> [Labels] {
        if trackedCount == 0 { return [] }
        var ended: [Int] = []
        for (slot, entry) in entries where entry.isTracked && entry.scrape != scrape {
            trackedCount -= 1
            entries[slot]?.isTracked = false
            if isElsewhere(slot, entry.labels) { continue }
            entries[slot]?.time = max(entry.time, time)
            entries[slot]?.value = SampleValue.stale
            ended.append(slot)
        }
        return ended.sorted().compactMap { entries[$0]?.labels }
    }

    /// Forgets the series of slots that are given up.
    mutating func forget(slots: some Sequence<Int>) {
        for slot in slots where entries.removeValue(forKey: slot)?.isTracked == true {
            trackedCount -= 1
        }
    }
}
