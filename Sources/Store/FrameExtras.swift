import Model

/// A native histogram of a frame.
public struct SlotHistogram: Sendable {
    /// The index into the frame's values, which hold `SampleValue.histogram` there.
    public let slot: Int
    /// The sample.
    public let histogram: FloatHistogram

    /// The histogram of a slot.
    public init(slot: Int, histogram: FloatHistogram) {
        self.slot = slot
        self.histogram = histogram
    }
}

/// The start timestamp of a sample of a frame.
public struct SlotStartTime: Sendable {
    /// The index into the frame's values.
    public let slot: Int
    /// Since when the sample counts.
    public let start: Timestamp

    /// The start timestamp of a slot.
    public init(slot: Int, start: Timestamp) {
        self.slot = slot
        self.start = start
    }
}

/// A sample of a frame that was not taken at the frame's time.
public struct SlotTime: Sendable {
    /// The index into the frame's values.
    public let slot: Int
    /// When it was taken.
    public let time: Timestamp

    /// The time of a slot's sample.
    public init(slot: Int, time: Timestamp) {
        self.slot = slot
        self.time = time
    }

    /// How many milliseconds after the frame's time the sample was taken; nil where that is farther away
    /// than a store keeps times of their own (24 days).
    public func offset(from frame: Timestamp) -> Int32? {
        let (offset, isOverflown) = time.milliseconds.subtractingReportingOverflow(
            frame.milliseconds)
        return isOverflown ? nil : Int32(exactly: offset)
    }
}

/// What a frame has beside its numbers; mostly nothing.
struct FrameExtras {
    var histograms: [SlotHistogram] = []
    var startTimes: [SlotStartTime] = []
    /// Of the samples that were not taken at the frame's time.
    var ownTimes: [SlotTime] = []
    /// Whether slots may be absent in it.
    var isPartial = false
}

/// What an instant read finds beside the numbers.
public struct ExtraColumns: Sendable {
    /// The histogram of every entry whose value is `SampleValue.histogram`; empty where there is none.
    public var histograms: [FloatHistogram?] = []
    /// Whether there is any.
    public var hasHistograms = false
    /// Whether start timestamps are wanted.
    public var wantsStartTimes = false
    /// The start timestamp of every entry's sample where it is wanted, 0 where it is not known.
    public var startTimes: [Int64] = []

    /// Nothing so far.
    public init(wantsStartTimes: Bool = false) { self.wantsStartTimes = wantsStartTimes }

    mutating func clear(_ count: Int) {
        hasHistograms = false
        if !histograms.isEmpty { histograms.removeAll(keepingCapacity: true) }
        if wantsStartTimes { startTimes = [Int64](repeating: 0, count: count) }
    }

    mutating func put(_ histogram: FloatHistogram, _ entry: Int, count: Int) {
        if !hasHistograms {
            hasHistograms = true
            histograms.append(contentsOf: repeatElement(nil, count: count))
        }
        histograms[entry] = histogram
    }
}
