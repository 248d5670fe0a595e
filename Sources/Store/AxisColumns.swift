import Model

/// The frames of one axis: their times, and per chunk of series a ring of rows.
///
/// A slot is what writers know; where its values lie (chunk and lane) may change, and
/// `layoutVersion` moves when it does.
struct AxisColumns: ~Copyable {
    /// Where a slot's values lie, and what it is.
    struct Slot: Sendable {
        var labels: Labels
        /// Moves when the slot is given to another series.
        var generation: UInt32 = 0
        var chunk: Int32 = -1
        var lane: Int32 = 0
        /// Its writer forgot it: it may be given to another series once it holds nothing.
        var isReleased = false

        var isPlaced: Bool { chunk >= 0 }
    }

    private(set) var times = FrameTimes()
    var chunks: [Chunk] = []
    private(set) var slots: [Slot] = []
    /// Whether a sample may have a time of its own.
    private(set) var hasOwnTimes = false
    /// What is known of samples that are written one by one; empty where all come in whole frames.
    var written = WrittenLanes()
    /// Moves when a slot that had a place has another, or none.
    private(set) var layoutVersion: UInt64 = 0
    /// How often a slot was given a place.
    private(set) var placements: UInt64 = 0
    private var slotOf: [Labels: Int] = [:]
    private var free: [Int] = []
    /// Slots that hold nothing: their series left the index, and come back with their next value.
    private var dormant: Set<Int> = []
    private var untold: [CommittedFrame.NewSlot] = []
    private(set) var lastTime = Int64.min
    var isClosed = false
    /// Whether it was found empty, and nothing is written to it any more.
    var isEnded = false

    init() {}

    // MARK: Slots

    /// The series' slot, if it has one that is in use; a released one is taken up again.
    mutating func slot(of labels: Labels) -> Int? {
        guard let slot = slotOf[labels] else { return nil }
        slots[slot].isReleased = false
        return slot
    }

    /// A new slot for a series. It enters the index with its first value.
    mutating func makeSlot(_ labels: Labels) -> Int {
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            slots[slot] = Slot(labels: labels, generation: slots[slot].generation &+ 1)
        } else {
            slot = slots.count
            slots.append(Slot(labels: labels))
        }
        slotOf[labels] = slot
        dormant.insert(slot)
        untold.append(CommittedFrame.NewSlot(slot: slot, labels: labels))
        return slot
    }

    /// The writer will not write to the slot any more.
    mutating func release(slot: Int) {
        guard slots.indices.contains(slot) else { return }
        slots[slot].isReleased = true
        if dormant.contains(slot) { recycle(slot) }
    }

    private mutating func recycle(_ slot: Int) {
        dormant.remove(slot)
        written.forget(slot)
        slotOf[slots[slot].labels] = nil
        slots[slot].labels = .empty
        free.append(slot)
    }

    /// Dormant slots that have a value in `values`.
    func awoken(by values: [Double]) -> [Int] {
        dormant.filter { $0 < values.count && SampleValue.isSample(values[$0]) }.sorted()
    }

    /// How many slots hold nothing.
    var vacantSlots: Int { free.count + dormant.count }

    /// Whether the slot waits for a value to enter the index.
    func isDormant(_ slot: Int) -> Bool { dormant.contains(slot) }

    // MARK: Placing

    /// Sees to it that the slot's values are kept for `depth` milliseconds, with what is there.
    mutating func place(_ slot: Int, depth: Int64) {
        let from = slots[slot]
        if from.isPlaced && chunks[Int(from.chunk)].depth == depth { return }
        dormant.remove(slot)
        let end = times.end
        let (index, lane) = lane(for: slot, depth: depth, end: end)
        if from.isPlaced {
            let source = chunks[Int(from.chunk)]
            let reach = depth.addingSaturating(source.ahead)
            let oldest = times.firstFrame(
                notBefore: depth == .max ? .min : lastTime.addingSaturating(0 &- reach))
            chunks[index].reachBack(to: max(source.first, oldest), end: end)
            chunks[index].copy(source, lane: Int(from.lane), to: lane, end: end)
        }
        slots[slot].chunk = Int32(clamping: index)
        slots[slot].lane = Int32(clamping: lane)
        placements += 1
        if from.isPlaced {
            chunks[Int(from.chunk)].release(lane: Int(from.lane), end: end)
            layoutVersion += 1
        }
    }

    private mutating func lane(for slot: Int, depth: Int64, end: Int) -> (Int, Int) {
        for index in chunks.indices.reversed() where chunks[index].depth == depth {
            if let lane = chunks[index].take(slot, end: end) { return (index, lane) }
        }
        let index = chunks.firstIndex { $0.used == 0 } ?? chunks.count
        let fresh = Chunk(depth: depth, first: end)
        if index == chunks.count { chunks.append(fresh) } else { chunks[index] = fresh }
        return (index, chunks[index].take(slot, end: end) ?? 0)
    }

    // MARK: Frames

    /// Whether a frame of this time would be taken; a closed axis takes only restored ones.
    func accepts(_ time: Int64, isRestored: Bool) -> Bool {
        (isRestored || !isClosed) && time > lastTime
    }

    /// Writes a frame. All slots with a value must be placed.
    mutating func append(
        _ values: [Double], _ extras: FrameExtras, at time: Int64, sequence: UInt64
    ) {
        let end = times.end
        growAhead()
        for index in chunks.indices {
            chunks[index].append(
                values, isPartial: extras.isPartial, end: end, times: times)
            if !chunks[index].extras.isEmpty {
                chunks[index].clearStarts(frame: end)
            }
        }
        write(extras, of: values, frame: end)
        setTimes(extras.ownTimes, frame: end, at: time)
        finish(at: time, sequence: sequence)
    }

    /// Makes a frame in which all slots are absent for now.
    mutating func appendAbsent(at time: Int64, sequence: UInt64) {
        growAhead()
        for index in chunks.indices { chunks[index].appendAbsent(end: times.end, times: times) }
        finish(at: time, sequence: sequence)
    }

    /// Forgets the samples of a placed slot, the only one, which keeps its place.
    mutating func forgetFrames(of slot: Int) {
        let depth = chunks[Int(slots[slot].chunk)].depth
        chunks = [Chunk(depth: depth, first: times.end)]
        slots[slot].chunk = 0
        slots[slot].lane = Int32(clamping: chunks[0].take(slot, end: times.end) ?? 0)
        times.forget(before: times.end)
        lastTime = .min
        layoutVersion += 1
    }

    private mutating func growAhead() {
        if chunks.isEmpty { return }
        chunks[times.end % chunks.count].growAhead(
            within: chunks.count, end: times.end, times: times)
    }

    private mutating func finish(at time: Int64, sequence: UInt64) {
        times.append(time, sequence: sequence)
        lastTime = time
        forget(now: time)
    }

    private mutating func setTimes(_ ownTimes: [SlotTime], frame: Int, at time: Int64) {
        for item in ownTimes where slots.indices.contains(item.slot) {
            guard slots[item.slot].isPlaced,
                let offset = item.offset(from: Timestamp(milliseconds: time))
            else { continue }
            chunks[Int(slots[item.slot].chunk)].set(
                offset: offset, lane: Int(slots[item.slot].lane), frame: frame)
            if offset != 0 { hasOwnTimes = true }
        }
    }

    /// Writes a placed slot's sample into a frame that its chunk holds.
    mutating func set(_ sample: WrittenSample, frame: Int, offset: Int32) {
        let (chunk, lane) = (Int(slots[sample.slot].chunk), Int(slots[sample.slot].lane))
        chunks[chunk].set(sample.value, lane: lane, frame: frame, offset: offset)
        if offset != 0 { hasOwnTimes = true }
        if let histogram = sample.histogram {
            chunks[chunk].add(histogram, lane: lane, frame: frame)
        }
        chunks[chunk].setStart(sample.start, lane: lane, frame: frame)
    }

    private mutating func write(_ extras: FrameExtras, of values: [Double], frame: Int) {
        for item in extras.histograms where values.indices.contains(item.slot) {
            if !SampleValue.isHistogram(values[item.slot]) || !slots[item.slot].isPlaced {
                continue
            }
            chunks[Int(slots[item.slot].chunk)].add(
                item.histogram, lane: Int(slots[item.slot].lane), frame: frame)
        }
        if extras.startTimes.isEmpty { return }
        for item in extras.startTimes where slots.indices.contains(item.slot) {
            if !slots[item.slot].isPlaced { continue }
            chunks[Int(slots[item.slot].chunk)].setStart(
                item.start.milliseconds, lane: Int(slots[item.slot].lane), frame: frame)
        }
    }

    /// Forgets what every chunk holds beyond its depth.
    mutating func forget(now: Int64) {
        var oldest = times.end
        for index in chunks.indices {
            let depth = chunks[index].depth
            if depth != .max {
                let limit = now.addingSaturating(
                    0 &- depth.addingSaturating(chunks[index].ahead))
                var first = chunks[index].first
                while first < times.end && times[first] < limit { first += 1 }
                chunks[index].forget(before: first, end: times.end)
            }
            if chunks[index].used > 0 { oldest = min(oldest, chunks[index].first) }
        }
        times.forget(before: oldest)
    }

    /// Takes the slots that hold no sample any more out of their chunks and names their series.
    mutating func vacate() -> [(slot: Int, labels: Labels)] {
        var gone: [(Int, Labels)] = []
        let end = times.end
        for index in chunks.indices where chunks[index].used > 0 {
            for lane in 0..<chunks[index].width {
                let slot = Int(chunks[index].slots[lane])
                if slot < 0 || chunks[index].hasSample(lane: lane, in: chunks[index].first..<end) {
                    continue
                }
                gone.append((slot, slots[slot].labels))
                chunks[index].release(lane: lane, end: end)
                slots[slot].chunk = -1
                dormant.insert(slot)
                if slots[slot].isReleased || isClosed || !written.isEmpty { recycle(slot) }
                if chunks[index].used == 0 { break }
            }
        }
        if !gone.isEmpty { layoutVersion += 1 }
        return gone
    }

    /// Whether nothing is held.
    var isEmpty: Bool { chunks.allSatisfy { $0.used == 0 } }

    /// The slots that the sink has not been told of.
    mutating func takeUntold() -> [CommittedFrame.NewSlot] {
        defer { untold = [] }
        return untold
    }

    // MARK: Reading

    /// The frames in which a chunk may hold a sample with a time in (from, through]. `nominal` are those
    /// of the frames' own times.
    func frames(
        ofChunk chunk: Int, nominal: Range<Int>, from: Int64, through: Int64, sequence: UInt64
    ) -> Range<Int> {
        if chunks[chunk].offsets.isEmpty {
            let first = chunks[chunk].first
            return max(nominal.lowerBound, first)..<max(nominal.upperBound, first)
        }
        return chunks[chunk].frames(
            after: from, through: through, sequence: sequence, times: times)
    }

    /// Appends the samples of a slot with a time in (from, through], oldest first.
    func gather(
        _ slot: Int, from: Int64, through: Int64, sequence: UInt64,
        into samples: inout SampleBuffer
    ) {
        guard slots[slot].isPlaced else { return }
        let chunk = chunks[Int(slots[slot].chunk)]
        let frames = chunk.frames(
            after: from, through: through, sequence: sequence, times: times)
        if frames.isEmpty { return }
        chunk.gather(
            lane: Int(slots[slot].lane), frames: frames, from: from, through: through, times: times,
            into: &samples)
    }

    /// A slot's newest sample up to a time, and when its series ended here after that. Where it is not
    /// written sample by sample only the first marker is an end: later ones say nothing of a series that
    /// goes on elsewhere.
    func newest(
        _ slot: Int, through: Int64, sequence: UInt64
    ) -> (sample: (frame: Int, time: Int64, value: Double)?, end: Int64?) {
        guard slots[slot].isPlaced else { return (nil, nil) }
        let (chunk, lane) = (chunks[Int(slots[slot].chunk)], Int(slots[slot].lane))
        var frames = chunk.frames(
            after: .min, through: through, sequence: sequence, times: times)
        var end: Int64?
        while let newest = chunk.newest(
            lane: lane, frames: frames, through: through, times: times)
        {
            let value = chunk.values[chunk.row(newest.frame) + lane]
            if SampleValue.isSample(value) { return ((newest.frame, newest.time, value), end) }
            if end == nil || written.isEmpty { end = newest.time }
            frames = frames.lowerBound..<newest.frame
        }
        return (nil, written.isEmpty ? nil : end)
    }

    /// The histogram beside a slot's value in a frame, which its chunk must hold.
    func histogram(_ slot: Int, frame: Int) -> FloatHistogram? {
        let extras = chunks[Int(slots[slot].chunk)].extras
        return extras.isEmpty ? nil : extras[Int(slots[slot].lane)].histogram(frame)
    }

    /// The start timestamp of a slot's sample in a frame, which its chunk must hold, or 0.
    func startTime(_ slot: Int, frame: Int) -> Int64 {
        let extras = chunks[Int(slots[slot].chunk)].extras
        return extras.isEmpty ? 0 : extras[Int(slots[slot].lane)].start(frame)
    }

    /// Whether `slot` still is what it was when its generation was `generation`.
    func holds(_ slot: Int, generation: UInt32) -> Bool {
        slots.indices.contains(slot) && slots[slot].generation == generation
            && slots[slot].isPlaced
    }

    /// Series, samples and bytes that are held.
    var size: (samples: Int, bytes: Int) {
        var (samples, bytes) = (0, 0)
        for chunk in chunks where chunk.used > 0 {
            samples += chunk.used * max(0, times.end - chunk.first)
            bytes += chunk.values.count * MemoryLayout<Double>.stride
        }
        return (samples, bytes + slots.count * MemoryLayout<Slot>.stride)
    }
}

extension AxisColumns {
    /// Whether the slot has a sample with a time in [from, through].
    func hasSample(_ slot: Int, from: Int64, through: Int64) -> Bool {
        guard slots[slot].isPlaced else { return false }
        let (chunk, lane) = (chunks[Int(slots[slot].chunk)], Int(slots[slot].lane))
        let frames = chunk.frames(
            after: from.addingSaturating(-1), through: through, sequence: .max, times: times)
        if chunk.offsets.isEmpty { return chunk.hasSample(lane: lane, in: frames) }
        return frames.contains { frame in
            let time = chunk.time(lane: lane, frame: frame, times: times)
            return SampleValue.isSample(chunk.values[chunk.row(frame) + lane]) && time >= from
                && time <= through
        }
    }

    /// The times between which all samples lie.
    var timeSpan: (oldest: Int64, newest: Int64)? {
        if times.first == times.end { return nil }
        let behind = chunks.lazy.map(\.behind).max() ?? 0
        let ahead = chunks.lazy.map(\.ahead).max() ?? 0
        return (
            times[times.first].addingSaturating(0 &- behind),
            times[times.end - 1].addingSaturating(ahead)
        )
    }
}
