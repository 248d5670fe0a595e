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
    /// How many milliseconds a value's time is after its frame's, laid out as `values`: empty as long as
    /// no sample has a time of its own.
    private(set) var offsets: [Int32] = []
    /// How far before and after its frame's a sample's time may be.
    private(set) var (behind, ahead): (Int64, Int64) = (0, 0)
    /// Whether a lane may be absent in a row.
    private(set) var mayBeAbsent = false

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

    /// Gives a lane back; it holds no samples any more.
    mutating func release(lane: Int, end: Int) {
        slots[lane] = Chunk.vacantLane
        used -= 1
        if !extras.isEmpty { extras[lane] = LaneExtras() }
        for frame in first..<end { values[row(frame) + lane] = SampleValue.stale }
        if used == 0 {
            values = []
            extras = []
            offsets = []
            (behind, ahead) = (0, 0)
            mayBeAbsent = false
            capacity = 0
            first = end
        }
    }

    /// Writes frame `end`, having made room for it. Where it is partial, slots may be absent in it.
    mutating func append(
        _ frame: borrowing [Double], isPartial: Bool, end: Int, times: borrowing FrameTimes
    ) {
        guard makeRow(end: end, times: times) else { return }
        Chunk.write(frame, of: slots, to: &values, row: row(end))
        if isPartial { mayBeAbsent = true }
    }

    /// Writes frame `end`, in which all lanes are absent for now.
    mutating func appendAbsent(end: Int, times: borrowing FrameTimes) {
        guard makeRow(end: end, times: times) else { return }
        let row = row(end)
        for lane in 0..<width { values[row + lane] = SampleValue.absent }
        mayBeAbsent = true
    }

    /// Makes room for frame `end`; false where nothing is held that could be written.
    private mutating func makeRow(end: Int, times: borrowing FrameTimes) -> Bool {
        if used == 0 {
            first = end + 1
            return false
        }
        if end - first == capacity { grow(end: end, times: times) }
        if !offsets.isEmpty {
            let row = row(end)
            for lane in 0..<width { offsets[row + lane] = 0 }
        }
        return true
    }

    /// Sets the value of a lane in a frame that is held.
    mutating func set(_ value: Double, lane: Int, frame: Int, offset: Int32) {
        values[row(frame) + lane] = value
        set(offset: offset, lane: lane, frame: frame)
    }

    /// Says of the frames after one that they say nothing of the lane, which begins there.
    mutating func begin(lane: Int, after frame: Int, end: Int) {
        for later in max(first, frame + 1)..<max(first, frame + 1, end) {
            values[row(later) + lane] = SampleValue.absent
        }
    }

    /// Says how long after its frame's time the lane's sample was taken.
    mutating func set(offset: Int32, lane: Int, frame: Int) {
        if offset == 0 && offsets.isEmpty { return }
        if offsets.isEmpty { offsets = [Int32](repeating: 0, count: values.count) }
        offsets[row(frame) + lane] = offset
        ahead = max(ahead, Int64(offset))
        behind = max(behind, 0 - Int64(offset))
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

    /// Makes rows for the frames from `frame` on, without samples where there were none.
    mutating func reachBack(to frame: Int, end: Int) {
        if frame >= first { return }
        layOut(width: width, capacity: max(capacity, end - frame + 1), first: frame, end: end)
    }

    /// Copies the history of a lane of another chunk. Both are of the same axis.
    mutating func copy(_ source: borrowing Chunk, lane from: Int, to lane: Int, end: Int) {
        for frame in max(first, source.first)..<max(first, source.first, end) {
            let at = source.row(frame) + from
            values[row(frame) + lane] = source.values[at]
            if !source.offsets.isEmpty {
                set(offset: source.offsets[at], lane: lane, frame: frame)
            }
        }
        mayBeAbsent = mayBeAbsent || source.mayBeAbsent
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
        layOutOffsets(width: newWidth, rows: rows, held)
        slots += [Int32](repeating: Chunk.vacantLane, count: newWidth - width)
        if !extras.isEmpty {
            extras += [LaneExtras](repeating: LaneExtras(), count: newWidth - width)
        }
        (values, width, capacity, self.first) = (fresh, newWidth, rows, first)
    }

    private mutating func layOutOffsets(width newWidth: Int, rows: Int, _ held: Range<Int>) {
        if offsets.isEmpty { return }
        var fresh = [Int32](repeating: 0, count: newWidth * rows)
        for frame in held {
            let (from, to) = (row(frame), frame % rows * newWidth)
            for lane in 0..<min(width, newWidth) { fresh[to + lane] = offsets[from + lane] }
        }
        offsets = fresh
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

    /// Puts a histogram beside the lane's value in a frame newer than all that had one.
    mutating func add(_ histogram: FloatHistogram, lane: Int, frame: Int) {
        makeSides()
        extras[lane].add(
            histogram, frame: frame, previous: lastFrame(lane: lane, before: frame))
    }

    /// The last frame before another one that says something of the lane.
    private func lastFrame(lane: Int, before frame: Int) -> Int? {
        for earlier in (first..<max(first, frame)).reversed()
        where !SampleValue.isAbsent(values[row(earlier) + lane]) {
            return earlier
        }
        return nil
    }

    /// Says that the newest frame has no start timestamps, but for those that are set next.
    mutating func clearStarts(frame: Int) {
        for lane in extras.indices { extras[lane].setStart(0, frame: frame) }
    }

    /// Puts a start timestamp beside the lane's value in a frame newer than all that had one.
    mutating func setStart(_ start: Int64, lane: Int, frame: Int) {
        if start == 0 && extras.isEmpty { return }
        makeSides()
        extras[lane].setStart(start, frame: frame)
    }
}
