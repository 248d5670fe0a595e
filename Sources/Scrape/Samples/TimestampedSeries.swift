import Model
import Store

/// The series of a target that expose times of their own, by their slots: what each brought last, and
/// what the target's frame says of those that it does not bring.
///
/// A series that is not brought keeps its last sample for the look-back: its slot is absent. With
/// `track_timestamps_staleness` a series that the last scrape brought and this one does not is marked
/// stale, whether the scrape failed, the exposition lacks it, or its sample could not be stored.
struct TimestampedSeries {
    /// What the store makes of a sample.
    enum Verdict {
        /// It is new: store it.
        case new
        /// The same sample as before, which is no error.
        case repeated
        /// Another value at the time of the last one.
        case duplicate
        /// Older than the last one.
        case outOfOrder
    }

    private struct Entry {
        var time = Int64.min
        var bits = SampleValue.staleBits
        /// The scrape that brought it with a time of its own.
        var scrape: UInt64 = 0
        /// The scrape that brought it with a time of its own and without.
        var plainScrape: UInt64 = 0
        /// Whether it ever had a time of its own.
        var isKnown = false
        /// Whether it came without in the last frame.
        var isPlain = false
        /// Whether a marker is due when it is gone.
        var isTracked = false
        /// Whether the axis may hold something newer.
        var isUncertain = true
        /// Whether nothing is known of how the series came before.
        var isNew = true
    }

    private var entries: [Entry] = []
    /// The slots of the series that ever had a time of their own.
    private var known: [Int] = []
    private var scrape: UInt64 = 0
    private var latest = Int64.min

    /// Whether there is none.
    var isEmpty: Bool { known.isEmpty }

    /// The slots that are due a marker when their series are gone.
    var trackedSlots: Set<Int> { Set(known.lazy.filter { entries[$0].isTracked }) }

    /// A scrape begins.
    mutating func begin() { scrape &+= 1 }

    /// The slot was given to a series that is new to the scraper.
    mutating func renew(slot: Int) {
        if entries.indices.contains(slot) { entries[slot].isNew = true }
        forget(slot: slot)
    }

    /// The axis may hold something newer of the slot than is known.
    mutating func forget(slot: Int) {
        if entries.indices.contains(slot) { entries[slot].isUncertain = true }
    }

    /// Whether the axis must be asked for its newest sample before a verdict.
    func isUncertain(slot: Int) -> Bool {
        !entries.indices.contains(slot) || !entries[slot].isKnown || entries[slot].isUncertain
    }

    /// What the axis says; nil where it has no sample.
    mutating func learn(slot: Int, _ newest: SlotSample?) {
        while entries.count <= slot { entries.append(Entry()) }
        entries[slot].isUncertain = false
        entries[slot].time = newest?.time.milliseconds ?? .min
        entries[slot].bits = newest?.value.bitPattern ?? SampleValue.staleBits
        if entries[slot].isNew || !entries[slot].isKnown {
            entries[slot].isNew = false
            entries[slot].isPlain = newest.map { $0.isOfNewestFrame && !$0.hasOwnTime } ?? false
        }
        if let newest, newest.hasOwnTime { know(slot) }
    }

    private mutating func know(_ slot: Int) {
        if !entries[slot].isKnown { known.append(slot) }
        entries[slot].isKnown = true
        latest = max(latest, entries[slot].time)
    }

    func verdict(slot: Int, time: Timestamp, value: Double) -> Verdict {
        let last = entries[slot]
        if time.milliseconds > last.time { return .new }
        if time.milliseconds < last.time { return .outOfOrder }
        return last.bits == value.bitPattern ? .repeated : .duplicate
    }

    /// Whether the series came without a time of its own in the last frame.
    func wasPlain(slot: Int) -> Bool { entries[slot].isPlain }

    /// The scrape brought the series without a time of its own too.
    mutating func notePlain(slot: Int) { entries[slot].plainScrape = scrape }

    /// The sample is stored, or was before.
    mutating func store(slot: Int, time: Timestamp, value: Double, isTracking: Bool) {
        entries[slot].time = time.milliseconds
        entries[slot].bits = value.bitPattern
        entries[slot].scrape = scrape
        entries[slot].isTracked = isTracking
        if isTracking { entries[slot].isPlain = false }
        know(slot)
    }

    /// Goes over the series that the frame of a scrape at `time` may not say everything of, with whether
    /// it has a value of them; `set` is told what it is to say of others.
    mutating func complete(
        at time: Timestamp, hasValue: (_ slot: Int) -> Bool,
        set: (_ slot: Int, _ change: FrameChange) -> Void
    ) {
        for slot in known {
            let isBrought = entries[slot].scrape == scrape
            if hasValue(slot) {
                if isBrought {
                    entries[slot].isPlain = entries[slot].plainScrape == scrape
                } else if entries[slot].time >= time.milliseconds {
                    set(slot, .outOfOrder)
                } else {
                    entries[slot].isPlain = true
                    entries[slot].isTracked = false
                    entries[slot].isUncertain = true
                    entries[slot].time = time.milliseconds
                }
            } else if entries[slot].isPlain {
                // It goes stale as any other.
                entries[slot].isPlain = false
                entries[slot].isUncertain = true
            } else if isBrought || !takeEnd(slot, at: time) {
                set(slot, .absent)
            }
        }
    }

    /// What a frame says of a slot for which it has no value, or one that is not stored.
    enum FrameChange {
        /// Nothing.
        case absent
        /// Nothing: the sample is older than the one before.
        case outOfOrder
    }

    /// Whether a marker is due that is newer than the last sample; it is then not due any more.
    private mutating func takeEnd(_ slot: Int, at time: Timestamp) -> Bool {
        guard entries[slot].isTracked else { return entries[slot].bits == SampleValue.staleBits }
        entries[slot].isTracked = false
        if entries[slot].time >= time.milliseconds { return false }
        entries[slot].time = time.milliseconds
        entries[slot].bits = SampleValue.staleBits
        return true
    }

    /// The slots that a marker is due for, which it then is not any more, but for those in `others`.
    mutating func takeEnded(at time: Timestamp, but others: Set<Int>) -> [Int] {
        known.filter { slot in
            entries[slot].isTracked && !others.contains(slot) && takeEnd(slot, at: time)
        }
    }
}
