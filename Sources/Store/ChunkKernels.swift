import Model

/// Buffers of one value per lane, used again for every chunk.
struct LaneScratch {
    /// Not zero where a lane must be read by itself.
    var irregular = [UInt64](repeating: 0, count: Chunk.maximumWidth)
    var results = [Double](repeating: 0, count: Chunk.maximumWidth)
    var compensations = [Double](repeating: 0, count: Chunk.maximumWidth)
    var samples = SampleBuffer()
}

extension AxisColumns {
    /// A kernel over the frames of all lanes that a plan names.
    ///
    /// Rows are outside and lanes inside, so that memory is read in runs. A lane that lacks a sample, or
    /// has a counter reset or a NaN, is marked on the way and then read by itself, in the kernel's own
    /// order of operations: the others have one order only. Where samples have times of their own, every
    /// lane is read by itself.
    ///
    /// A lane with histograms (or with start timestamps, where they count) gets the histogram's mark as
    /// its result, for the caller to evaluate in another way; true where there is one.
    func reduce(
        _ kernel: WindowKernel, _ plan: ReadPlans.ChunkPlan, frames: Range<Int>,
        from: Timestamp, through: Timestamp, countingStartTimes: Bool,
        scratch: inout LaneScratch, into results: inout [Double]
    ) -> Bool {
        if frames.isEmpty { return false }
        let chunk = chunks[plan.chunk]
        let first = frames.lowerBound
        let mayHaveSides = !chunk.extras.isEmpty
        var hasMarks = false
        let isRegular =
            plan.isDense && chunk.offsets.isEmpty
            && chunk.scan(kernel, frames: frames, lanes: plan.span, into: &scratch)
        let span = SampledSpan(
            first: times[first], last: times[frames.upperBound - 1], count: frames.count,
            from: from.milliseconds, through: through.milliseconds)
        if isRegular {
            chunk.finish(
                kernel, span, frames: frames, lanes: plan.span,
                lastInterval: frames.count < 2
                    ? 0
                    : times[frames.upperBound - 1].addingSaturating(
                        0 &- times[frames.upperBound - 2]),
                into: &scratch)
        }
        for at in plan.lanes.indices {
            let (lane, entry) = (plan.lanes[at], plan.entries[at])
            if mayHaveSides
                && chunk.hasSides(
                    lane: lane, frames: frames, countingStartTimes: countingStartTimes)
            {
                results[entry] = SampleValue.histogram
                hasMarks = true
                continue
            }
            if isRegular && scratch.irregular[lane] == 0 {
                results[entry] = scratch.results[lane]
                continue
            }
            scratch.samples.clear()
            chunk.gather(
                lane: lane, frames: frames, from: from.milliseconds, through: through.milliseconds,
                times: times, into: &scratch.samples)
            results[entry] = kernel.apply(
                timestamps: scratch.samples.timestamps.span, values: scratch.samples.values.span,
                from: from, through: through)
        }
        return hasMarks
    }
}

extension Chunk {
    /// Goes over the rows. False where the kernel has no such way.
    fileprivate func scan(
        _ kernel: WindowKernel, frames: Range<Int>, lanes: Range<Int>,
        into scratch: inout LaneScratch
    ) -> Bool {
        switch kernel {
        case .rate, .increase, .delta, .sumOverTime, .minOverTime, .maxOverTime, .countOverTime,
            .presentOverTime, .firstOverTime, .lastOverTime, .avgOverTime, .changes, .resets:
            break
        case .irate, .idelta: break
        default: return false
        }
        // A single sample has no rate: the other way says so.
        let isChange = kernel == .rate || kernel == .increase || kernel == .delta
        let isInstant = kernel == .irate || kernel == .idelta
        if (isChange || isInstant) && frames.count < 2 { return false }
        for lane in lanes {
            scratch.irregular[lane] = 0
            scratch.results[lane] = 0
            scratch.compensations[lane] = 0
        }
        // Of these only the last two samples count, where neither is missing.
        let frames = isInstant ? frames.upperBound - 2..<frames.upperBound : frames
        var previous = row(frames.lowerBound)
        for frame in frames {
            let row = row(frame)
            switch kernel {
            case .rate, .increase:
                if frame > frames.lowerBound {
                    markDecreases(previous, row, lanes, &scratch.irregular)
                }
            case .sumOverTime, .avgOverTime:
                addRow(
                    row, lanes, &scratch.irregular, &scratch.results, &scratch.compensations,
                    isFirst: kernel == .avgOverTime && frame == frames.lowerBound)
            case .minOverTime, .maxOverTime:
                compareRow(
                    row, lanes, &scratch.irregular, &scratch.results,
                    isFirst: frame == frames.lowerBound, isLeast: kernel == .minOverTime)
            case .changes, .resets:
                markMissing(row, lanes, &scratch.irregular)
                if frame > frames.lowerBound {
                    countSteps(
                        previous, row, lanes, &scratch.results, onlyDecreases: kernel == .resets)
                }
            default: markMissing(row, lanes, &scratch.irregular)
            }
            previous = row
        }
        return true
    }

    // The loops below index without checks: lanes are within the width and rows within the ring, which
    // the precondition of each says once. Checked, they are not vectorised and take three times as long.

    /// Marks lanes that are not at least what they were: resets, NaN and missing samples, all in one.
    func markDecreases(
        _ previous: Int, _ row: Int, _ lanes: Range<Int>, _ marks: inout [UInt64]
    ) {
        let values = values.span
        var marks = marks.mutableSpan
        precondition(
            lanes.upperBound <= width && max(previous, row) + width <= values.count
                && lanes.upperBound <= marks.count)
        for lane in lanes {
            let rises = unsafe values[unchecked: row + lane] >= values[unchecked: previous + lane]
            unsafe marks[unchecked: lane] |= rises ? 0 : 1
        }
    }

    func markMissing(_ row: Int, _ lanes: Range<Int>, _ marks: inout [UInt64]) {
        let values = values.span
        var marks = marks.mutableSpan
        precondition(
            lanes.upperBound <= width && row + width <= values.count
                && lanes.upperBound <= marks.count)
        for lane in lanes {
            let isSample = unsafe SampleValue.isSample(values[unchecked: row + lane])
            unsafe marks[unchecked: lane] |= isSample ? 0 : 1
        }
    }

    /// Adds a row to compensated sums. Lanes whose sum leaves the finite go their own way.
    private func addRow(
        _ row: Int, _ lanes: Range<Int>, _ marks: inout [UInt64], _ sums: inout [Double],
        _ compensations: inout [Double], isFirst: Bool
    ) {
        let values = values.span
        var marks = marks.mutableSpan
        var sums = sums.mutableSpan
        var compensations = compensations.mutableSpan
        precondition(
            lanes.upperBound <= width && row + width <= values.count
                && lanes.upperBound <= min(marks.count, sums.count, compensations.count))
        for lane in lanes {
            let number = unsafe values[unchecked: row + lane]
            let sum = unsafe sums[unchecked: lane]
            // A mean starts at its first value, a sum at zero: they differ where that is -0.
            let next = isFirst ? number : sum + number
            let lost =
                sum.magnitude >= number.magnitude ? (sum - next) + number : (number - next) + sum
            unsafe compensations[unchecked: lane] += isFirst ? 0 : lost
            unsafe sums[unchecked: lane] = next
            unsafe marks[unchecked: lane] |= next.magnitude < .infinity ? 0 : 1
        }
    }

    private func compareRow(
        _ row: Int, _ lanes: Range<Int>, _ marks: inout [UInt64], _ best: inout [Double],
        isFirst: Bool, isLeast: Bool
    ) {
        let values = values.span
        var marks = marks.mutableSpan
        var best = best.mutableSpan
        precondition(
            lanes.upperBound <= width && row + width <= values.count
                && lanes.upperBound <= min(marks.count, best.count))
        for lane in lanes {
            let number = unsafe values[unchecked: row + lane]
            let old = unsafe best[unchecked: lane]
            let isBetter = isLeast ? number < old : number > old
            unsafe best[unchecked: lane] = isFirst || isBetter ? number : old
            unsafe marks[unchecked: lane] |= number.isNaN ? 1 : 0
        }
    }
}
