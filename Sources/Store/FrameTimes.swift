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

    /// The newest frame that is not newer than `time`.
    func lastFrame(notAfter time: Int64) -> Int? {
        let after = base + firstIndex { times[$0] > time }
        return after > first ? after - 1 : nil
    }

    /// The number of the last commit, or 0.
    var lastSequence: UInt64 { sequences.last ?? 0 }

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
