import Model

/// What a store makes of a sample that is written to it.
public enum SampleVerdict: Sendable, Hashable {
    /// It is new, and stored.
    case stored
    /// It is there already.
    case repeated
    /// Its series has another value at that time.
    case duplicate
    /// It is older than the newest sample of its series.
    case outOfOrder
    /// It is older than the out-of-order window reaches back.
    case tooOld
    /// There are as many series as there may be.
    case tooManySeries
}

/// A sample that is written by itself, not in a frame of its target.
struct WrittenSample {
    var slot: Int
    var time: Int64
    /// `SampleValue.histogram` where there is a histogram.
    var value: Double
    var histogram: FloatHistogram?
    /// Since when it counts, or 0.
    var start: Int64

    init(
        slot: Int, time: Timestamp, value: Double, histogram: FloatHistogram?, start: Timestamp?
    ) {
        self.slot = slot
        self.time = time.milliseconds
        self.start = start?.milliseconds ?? 0
        guard let histogram else {
            self.value = SampleValue.foreign(value)
            return
        }
        // A histogram whose sum is the stale marker is a stale marker.
        let isMarker = SampleValue.isStale(histogram.sum)
        self.value = isMarker ? SampleValue.stale : SampleValue.histogram
        self.histogram = isMarker ? nil : histogram
    }
}

/// The newest sample of each slot of an axis whose samples are written one by one, and how well its
/// frames are filled.
struct WrittenLanes {
    struct Newest {
        var time = Int64.min
        /// The last frame that has a sample of the slot; -1 where none has.
        var frame = -1
        var bits = SampleValue.staleBits
    }

    private(set) var newest: [Newest] = []
    /// The newest samples that are native histograms, by slot.
    private var histograms: [Int: FloatHistogram] = [:]
    private var counts: [Int] = []
    /// The time under which samples were told to the sink last. Its frames are in this order: one that is
    /// told again would take the place of those after it.
    var lastToldTime = Int64.min

    /// An earlier run told of frames up to a time.
    mutating func continueTelling(after time: Int64) { lastToldTime = max(lastToldTime, time) }

    /// Frames that are looked at to see how well they are filled; so many are made in any case.
    static let frames = 64
    /// How many of an axis' series have a sample in a frame at least, on average: one of so many.
    static let sparseness = 8

    var isEmpty: Bool { newest.isEmpty }

    /// Makes room for as many slots.
    mutating func reserve(slots: Int) {
        while newest.count < slots { newest.append(Newest()) }
    }

    /// The slot is given to another series.
    mutating func forget(_ slot: Int) {
        if newest.indices.contains(slot) { newest[slot] = Newest() }
        histograms[slot] = nil
    }

    /// What becomes of a sample, seen from its series' newest.
    func verdict(_ sample: WrittenSample) -> SampleVerdict {
        let newest = newest[sample.slot]
        if sample.time > newest.time { return .stored }
        if sample.time < newest.time { return .outOfOrder }
        let isSame =
            sample.value.bitPattern == newest.bits && sample.histogram == histograms[sample.slot]
        return isSame ? .repeated : .duplicate
    }

    /// A frame is made.
    mutating func begin(frame: Int) {
        if counts.isEmpty { counts = [Int](repeating: 0, count: WrittenLanes.frames) }
        counts[frame % WrittenLanes.frames] = 0
    }

    /// The sample is its series' newest. `frame` is where it was put; nil where that is on another axis.
    mutating func store(_ sample: WrittenSample, frame: Int?, end: Int) {
        newest[sample.slot].time = sample.time
        newest[sample.slot].bits = sample.value.bitPattern
        if let histogram = sample.histogram {
            histograms[sample.slot] = histogram
        } else if !histograms.isEmpty {
            histograms[sample.slot] = nil
        }
        guard let frame else { return }
        newest[sample.slot].frame = frame
        if frame + WrittenLanes.frames >= end { counts[frame % WrittenLanes.frames] += 1 }
    }

    /// Whether the frames so far are so badly filled that no more should be made for single series.
    func isSparse(end: Int, series: Int) -> Bool {
        if end < WrittenLanes.frames { return false }
        let filled = counts.reduce(0, +)
        return filled * WrittenLanes.sparseness < WrittenLanes.frames * series
    }
}
