import Model

/// One lane's samples. Where samples have times of their own, frames that may hold one of a window are
/// found by how far these are from the frames'; which do is then seen sample by sample.
extension Chunk {
    /// The frames in which a sample may lie that has a time in (from, through] and was committed no
    /// later than `sequence`.
    func frames(
        after from: Int64, through: Int64, sequence: UInt64, times: borrowing FrameTimes
    ) -> Range<Int> {
        let frames = times.frames(
            after: from.addingSaturating(0 &- ahead), through: through.addingSaturating(behind),
            sequence: sequence)
        return max(frames.lowerBound, first)..<max(frames.upperBound, first)
    }

    /// When the lane's sample in a frame was taken.
    @inline(__always)
    func time(lane: Int, frame: Int, times: borrowing FrameTimes) -> Int64 {
        if offsets.isEmpty { return times[frame] }
        return times[frame].addingSaturating(Int64(offsets[row(frame) + lane]))
    }

    /// The newest frame among `frames` with the lane's state at `through`: a sample, or the stale marker
    /// that ended the series.
    func newest(
        lane: Int, frames: Range<Int>, through: Int64, times: borrowing FrameTimes
    ) -> (frame: Int, time: Int64)? {
        for frame in frames.reversed() {
            if SampleValue.isAbsent(values[row(frame) + lane]) { continue }
            let time = time(lane: lane, frame: frame, times: times)
            if time <= through { return (frame, time) }
        }
        return nil
    }

    /// Whether the lane's samples in the frames are more than numbers.
    func hasSides(lane: Int, frames: Range<Int>, countingStartTimes: Bool) -> Bool {
        if extras.isEmpty { return false }
        return extras[lane].hasHistogram(in: frames)
            || countingStartTimes && extras[lane].hasStart(in: frames)
    }

    /// Whether the lane has any sample in the frames.
    func hasSample(lane: Int, in frames: Range<Int>) -> Bool {
        for frame in frames.clamped(to: first..<max(first, frames.upperBound)).reversed()
        where SampleValue.isSample(values[row(frame) + lane]) {
            return true
        }
        return false
    }

    /// Appends a lane's samples in the frames, all of which it must hold, with a time in
    /// (from, through].
    func gather(
        lane: Int, frames: Range<Int>, from: Int64, through: Int64, times: borrowing FrameTimes,
        into samples: inout SampleBuffer
    ) {
        let start = samples.values.count
        var row = row(frames.lowerBound) + lane
        let end = capacity * width
        for frame in frames {
            let value = values[row]
            if SampleValue.isSample(value) {
                var time = times[frame]
                if !offsets.isEmpty { time = time.addingSaturating(Int64(offsets[row])) }
                if offsets.isEmpty || time > from && time <= through {
                    samples.timestamps.append(time)
                    samples.values.append(value)
                }
            }
            row += width
            if row >= end { row -= end }
        }
        if !extras.isEmpty && !extras[lane].isEmpty {
            gatherSides(
                lane: lane, frames: frames, from: from, through: through, times: times, at: start,
                into: &samples)
        }
    }

    /// Puts what is beside the numbers to the samples from `start` on, which are those of the frames.
    private func gatherSides(
        lane: Int, frames: Range<Int>, from: Int64, through: Int64, times: borrowing FrameTimes,
        at start: Int, into samples: inout SampleBuffer
    ) {
        let extras = extras[lane]
        var next = extras.firstHistogram(notBefore: frames.lowerBound)
        var run = extras.lastStart(notAfter: frames.lowerBound)
        var index = start
        for frame in frames {
            let value = values[row(frame) + lane]
            if !SampleValue.isSample(value) { continue }
            if !offsets.isEmpty {
                let time = time(lane: lane, frame: frame, times: times)
                if time <= from || time > through { continue }
            }
            while next < extras.histograms.count && extras.histograms[next].frame < frame {
                next += 1
            }
            if SampleValue.isHistogram(value), next < extras.histograms.count,
                extras.histograms[next].frame == frame
            {
                samples.put(extras.histograms[next].histogram, index)
            }
            while run + 1 < extras.starts.count && extras.starts[run + 1].frame <= frame {
                run += 1
            }
            if run >= 0, extras.starts[run].start != 0 {
                samples.put(startTime: extras.starts[run].start, index)
            }
            index += 1
        }
        samples.fill()
    }
}
