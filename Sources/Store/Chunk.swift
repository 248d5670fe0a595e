import Model

/// Up to 512 series of one axis that are kept equally long: a ring of rows, one row per frame, one
/// lane per series. A frame is written and a window is read in long runs of memory.
struct Chunk: Sendable {
    static let maximumWidth = 512
    static let vacantLane: Int32 = -1
    private static let smallestRing = 8

    /// How far back it reaches, in milliseconds.
    let depth: Int64
    /// Lanes per row: a power of two.
    private(set) var width: Int
    /// Rows in the ring.
    private(set) var capacity = 0
    /// The oldest frame it holds; up to the axis' newest it holds all.
    private(set) var first: Int
    /// The rows, frame `f` in row `f % capacity`.
    private(set) var values: [Double] = []
    /// Each lane's slot.
    private(set) var slots: [Int32]
    private(set) var used = 0
    /// What the lanes' samples have beside their numbers: empty, as long as nothing, or one per lane.
    private(set) var extras: [LaneExtras] = []

    init(depth: Int64, first: Int) {
        self.depth = depth
        self.first = first
        width = 1
        slots = [Chunk.vacantLane]
    }

    /// Where the row of `frame` starts in `values`.
    @inline(__always)
    func row(_ frame: Int) -> Int { frame % capacity * width }

    /// A lane for `slot`, or nil where all are taken. `end` is the frame that comes next.
    mutating func take(_ slot: Int, end: Int) -> Int? {
        if used == width {
            if width == Chunk.maximumWidth { return nil }
            layOut(width: width * 2, capacity: capacity, first: first, end: end)
        }
        // Lanes fill from the left; a hole is only looked for where one was left behind.
        var lane = used
        if slots[lane] != Chunk.vacantLane {
            guard let hole = slots.firstIndex(of: Chunk.vacantLane) else { return nil }
            lane = hole
        }
        slots[lane] = Int32(clamping: slot)
        used += 1
        return lane
    }

    /// Gives a lane back; its values become absent.
    mutating func release(lane: Int, end: Int) {
        slots[lane] = Chunk.vacantLane
        used -= 1
        if !extras.isEmpty { extras[lane] = LaneExtras() }
        for frame in first..<end { values[row(frame) + lane] = SampleValue.stale }
        if used == 0 {
            values = []
            extras = []
            capacity = 0
            first = end
        }
    }

    /// Writes frame `end`, having made room for it.
    mutating func append(_ frame: borrowing [Double], end: Int, times: borrowing FrameTimes) {
        if used == 0 {
            first = end + 1
            return
        }
        if end - first == capacity { grow(end: end, times: times) }
        Chunk.write(frame, of: slots, to: &values, row: row(end))
    }

    private static func write(
        _ frame: borrowing [Double], of slots: [Int32], to values: inout [Double], row: Int
    ) {
        let (source, slots) = (frame.span, slots.span)
        var values = values.mutableSpan
        for lane in slots.indices {
            let slot = Int(slots[lane])
            values[row + lane] = slot >= 0 && slot < source.count ? source[slot] : SampleValue.stale
        }
    }

    /// Forgets the frames before `oldest`.
    mutating func forget(before oldest: Int, end: Int) {
        if oldest <= first { return }
        first = min(oldest, end)
        for lane in extras.indices { extras[lane].forget(before: first) }
        let live = end - first
        if capacity > 4 * Chunk.smallestRing && live * 4 < capacity {
            layOut(
                width: width, capacity: max(live * 2, Chunk.smallestRing), first: first, end: end)
        }
    }

    /// Makes rows for the frames from `frame` on, absent where there were none.
    mutating func reachBack(to frame: Int, end: Int) {
        if frame >= first { return }
        layOut(width: width, capacity: max(capacity, end - frame + 1), first: frame, end: end)
    }

    /// Copies the history of a lane of another chunk. Both are of the same axis.
    mutating func copy(_ source: borrowing Chunk, lane from: Int, to lane: Int, end: Int) {
        for frame in max(first, source.first)..<max(first, source.first, end) {
            values[row(frame) + lane] = source.values[source.row(frame) + from]
        }
        if source.extras.isEmpty { return }
        makeSides()
        extras[lane].copy(source.extras[from], from: max(first, source.first))
    }

    /// Grows where the ring will be full within `rows` frames and the depth needs more than it has.
    ///
    /// Growing copies the ring. Chunks of one axis fill up with the same frame; grown one by one ahead
    /// of it, no frame waits for more than one of them.
    mutating func growAhead(within rows: Int, end: Int, times: borrowing FrameTimes) {
        let live = end - first
        if used == 0 || live < 2 || capacity - live > rows { return }
        if framesNeeded(live, end, times) > Double(capacity) { grow(end: end, times: times) }
    }

    /// How many frames the depth holds at the pace of those so far, of which there are at least two.
    private func framesNeeded(_ live: Int, _ end: Int, _ times: borrowing FrameTimes) -> Double {
        let span = times[end - 1].addingSaturating(0 &- times[first])
        return Double(live - 1) * Double(depth) / Double(max(1, span)) + 1
    }

    /// Grows to what the depth needs at the pace of the frames so far, at least by a quarter and at
    /// most twofold.
    private mutating func grow(end: Int, times: borrowing FrameTimes) {
        var wanted = capacity * 2
        if end - first >= 2 {
            let needed = framesNeeded(end - first, end, times) * 1.05 + 2
            wanted = Int(min(Double(wanted), max(needed, Double(capacity + capacity / 4))))
        }
        layOut(
            width: width, capacity: max(wanted, capacity + 1, Chunk.smallestRing), first: first,
            end: end)
    }

    private mutating func layOut(width newWidth: Int, capacity rows: Int, first: Int, end: Int) {
        let held = max(first, self.first)..<max(end, first, self.first)
        // Rows of no frame yet are left as they come: each is written whole before it is read, and its
        // memory is taken from the system then, not all at once here.
        let fresh = unsafe [Double](unsafeUninitializedCapacity: newWidth * rows) {
            fresh, count in
            var target = unsafe MutableSpan(_unsafeElements: fresh)
            for frame in first..<max(first, held.lowerBound) {
                Chunk.clear(&target, frame % rows * newWidth, newWidth)
            }
            let shared = min(width, newWidth)
            for frame in held {
                let (from, to) = (row(frame), frame % rows * newWidth)
                Chunk.copy(values.span, from, &target, to, shared)
                if newWidth > shared { Chunk.clear(&target, to + shared, newWidth - shared) }
            }
            count = newWidth * rows
        }
        slots += [Int32](repeating: Chunk.vacantLane, count: newWidth - width)
        if !extras.isEmpty {
            extras += [LaneExtras](repeating: LaneExtras(), count: newWidth - width)
        }
        (values, width, capacity, self.first) = (fresh, newWidth, rows, first)
    }

    private static func clear(_ target: inout MutableSpan<Double>, _ start: Int, _ count: Int) {
        for index in start..<start + count { target[index] = SampleValue.stale }
    }

    private static func copy(
        _ source: Span<Double>, _ from: Int, _ target: inout MutableSpan<Double>, _ to: Int,
        _ count: Int
    ) {
        for lane in 0..<count { target[to + lane] = source[from + lane] }
    }

    private mutating func makeSides() {
        if extras.isEmpty { extras = [LaneExtras](repeating: LaneExtras(), count: width) }
    }

    /// Puts a histogram beside the lane's value in the newest frame.
    mutating func add(_ histogram: FloatHistogram, lane: Int, frame: Int) {
        makeSides()
        extras[lane].add(histogram, frame: frame)
    }

    /// Says that the newest frame has no start timestamps, but for those that are set next.
    mutating func clearStarts(frame: Int) {
        for lane in extras.indices { extras[lane].setStart(0, frame: frame) }
    }

    /// Puts a start timestamp beside the lane's value in the newest frame.
    mutating func setStart(_ start: Int64, lane: Int, frame: Int) {
        if start == 0 && extras.isEmpty { return }
        makeSides()
        extras[lane].setStart(start, frame: frame)
    }

    /// Whether the lane's samples in the frames are more than numbers.
    func hasSides(lane: Int, frames: Range<Int>, countingStartTimes: Bool) -> Bool {
        if extras.isEmpty { return false }
        return extras[lane].hasHistogram(in: frames)
            || countingStartTimes && extras[lane].hasStart(in: frames)
    }

    /// Whether the lane has any present value in the frames.
    func hasSample(lane: Int, in frames: Range<Int>) -> Bool {
        for frame in frames.clamped(to: first..<max(first, frames.upperBound)).reversed()
        where !SampleValue.isStale(values[row(frame) + lane]) {
            return true
        }
        return false
    }
}

/// The times of an axis' frames. Frames are numbered from 0; old ones are forgotten from the front.
struct FrameTimes: Sendable {
    private var times: [Int64] = []
    private var sequences: [UInt64] = []
    private var base = 0
    private var start = 0

    /// The oldest frame that is kept.
    var first: Int { base + start }
    /// The frame that comes next.
    var end: Int { base + times.count }

    subscript(frame: Int) -> Int64 { times[frame - base] }

    mutating func append(_ time: Int64, sequence: UInt64) {
        times.append(time)
        sequences.append(sequence)
    }

    mutating func forget(before frame: Int) {
        start = max(start, min(frame - base, times.count))
        if start > 64 && start * 2 > times.count {
            times.removeFirst(start)
            sequences.removeFirst(start)
            base += start
            start = 0
        }
    }

    /// The frames with a time in (from, through] that were committed no later than `sequence`.
    func frames(after from: Int64, through: Int64, sequence: UInt64) -> Range<Int> {
        let upper = firstIndex { times[$0] > through || sequences[$0] > sequence }
        let lower = firstIndex { times[$0] > from }
        return base + min(lower, upper)..<base + upper
    }

    /// The frames that a time in [from, through] has, as an API's interval means it.
    func frames(from: Int64, through: Int64) -> Range<Int> {
        let upper = firstIndex { times[$0] > through }
        let lower = firstIndex { times[$0] >= from }
        return base + min(lower, upper)..<base + upper
    }

    /// The first frame that is not older than `oldest`.
    func firstFrame(notBefore oldest: Int64) -> Int { base + firstIndex { times[$0] >= oldest } }

    private func firstIndex(where isAfter: (Int) -> Bool) -> Int {
        var (low, high) = (start, times.count)
        while low < high {
            let middle = (low + high) / 2
            if isAfter(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
