import Model

extension Selection {
    /// The instant vector at `t`: for each entry the newest sample in (t - lookback, t], unless a stale
    /// marker is newer. Where there is none, `values` holds the stale marker and `timestamps` 0.
    public func instant(
        at t: Timestamp, lookback: Milliseconds, pin: Pin, values: inout [Double],
        timestamps: inout [Int64]
    ) {
        clear(&values)
        timestamps.removeAll(keepingCapacity: true)
        timestamps.append(contentsOf: repeatElement(0, count: count))
        plans.prepare(segments)
        let from = (t - lookback).milliseconds
        for index in plans.axes.indices {
            let axis = plans.axes[index].axis
            axis.columns.withLock { columns in
                plans.axes[index].follow(columns)
                let frames = columns.times.frames(
                    after: from, through: t.milliseconds, sequence: pin.sequence(ofAxis: axis.id))
                guard let frame = frames.last else { return }
                let time = columns.times[frame]
                for plan in plans.axes[index].chunks where frame >= columns.chunks[plan.chunk].first
                {
                    let row = columns.chunks[plan.chunk].row(frame)
                    for at in plan.lanes.indices {
                        let value = columns.chunks[plan.chunk].values[row + plan.lanes[at]]
                        if SampleValue.isStale(value) { continue }
                        values[plan.entries[at]] = value
                        timestamps[plan.entries[at]] = time
                    }
                }
            }
        }
        for entry in plans.merged {
            guard
                let sample = newest(segments[entry], from: from, through: t.milliseconds, pin: pin)
            else { continue }
            values[entry] = sample.value
            timestamps[entry] = sample.time
        }
    }

    /// A kernel over the samples in (from, through] of every entry; the stale marker where it has no
    /// result.
    public func reduce(
        _ kernel: WindowKernel, from: Timestamp, through: Timestamp, pin: Pin,
        into results: inout [Double]
    ) {
        clear(&results)
        plans.prepare(segments)
        // Taken out for the time of the call: a property of a class is checked at every access.
        var buffers = lanes.take() ?? LaneScratch()
        defer { lanes = buffers }
        for index in plans.axes.indices {
            let axis = plans.axes[index].axis
            axis.columns.withLock { columns in
                plans.axes[index].follow(columns)
                let frames = columns.times.frames(
                    after: from.milliseconds, through: through.milliseconds,
                    sequence: pin.sequence(ofAxis: axis.id))
                if frames.isEmpty { return }
                for plan in plans.axes[index].chunks {
                    columns.reduce(
                        kernel, plan, frames: frames, from: from, through: through,
                        scratch: &buffers, into: &results)
                }
            }
        }
        for entry in plans.merged {
            scratch.clear()
            gather(segments[entry], from.milliseconds, through.milliseconds, pin)
            results[entry] = kernel.apply(
                timestamps: scratch.timestamps.span, values: scratch.values.span, from: from,
                through: through)
        }
    }

    /// Calls `body` for each entry, in order, that has a sample in (from, through], with these samples,
    /// oldest first and without stale markers. The spans are valid during the call only.
    public func forEachWindow(
        from: Timestamp, through: Timestamp, pin: Pin,
        _ body: (_ entry: Int, _ timestamps: Span<Int64>, _ values: Span<Double>) throws -> Void
    ) rethrows {
        for entry in 0..<count {
            scratch.clear()
            gather(segments[entry], from.milliseconds, through.milliseconds, pin)
            if scratch.values.isEmpty { continue }
            let (timestamps, values) = (scratch.timestamps, scratch.values)
            try body(entry, timestamps.span, values.span)
        }
    }

    private func clear(_ values: inout [Double]) {
        values.removeAll(keepingCapacity: true)
        values.append(contentsOf: repeatElement(SampleValue.stale, count: count))
    }

    /// Appends the present samples of a series to the scratch buffers.
    private func gather(_ segments: [Segment], _ from: Int64, _ through: Int64, _ pin: Pin) {
        for segment in segments {
            let isFirst = scratch.values.isEmpty
            let start = scratch.values.count
            segment.axis.columns.withLock { columns in
                guard columns.holds(segment.slot, generation: segment.generation) else { return }
                let frames = columns.times.frames(
                    after: from, through: through,
                    sequence: pin.sequence(ofAxis: segment.axis.id))
                columns.gather(segment.slot, frames: frames, into: &scratch)
            }
            if !isFirst && scratch.values.count > start { scratch.merge(from: start) }
        }
    }

    /// The newest sample of a series that lies in several places, unless one of them ended after it.
    private func newest(
        _ segments: [Segment], from: Int64, through: Int64, pin: Pin
    ) -> (time: Int64, value: Double)? {
        var sample: (time: Int64, value: Double)?
        var end = Int64.min
        for segment in segments {
            segment.axis.columns.withLock { columns in
                guard columns.holds(segment.slot, generation: segment.generation) else { return }
                let frames = columns.times.frames(
                    after: .min, through: through,
                    sequence: pin.sequence(ofAxis: segment.axis.id))
                // Only the first absent frame after a sample is an end: later ones say nothing of a
                // series that goes on elsewhere.
                var following: Int?
                for frame in frames.reversed() {
                    let value = columns.value(segment.slot, frame: frame)
                    if SampleValue.isStale(value) {
                        following = frame
                        continue
                    }
                    let time = columns.times[frame]
                    if let following { end = max(end, columns.times[following]) }
                    if time > from && time > sample?.time ?? .min { sample = (time, value) }
                    return
                }
            }
        }
        guard let sample, sample.time >= end else { return nil }
        return sample
    }
}

extension ReadScratch {
    /// Merges the samples from `start` on into those before, by time; of equal times the earlier
    /// segment's stays, as the later write would have been refused.
    mutating func merge(from start: Int) {
        var (times, numbers) = ([Int64](), [Double]())
        times.reserveCapacity(values.count)
        numbers.reserveCapacity(values.count)
        var (left, right) = (0, start)
        while left < start || right < values.count {
            let takesLeft =
                right == values.count || left < start && timestamps[left] <= timestamps[right]
            let next = takesLeft ? left : right
            if takesLeft { left += 1 } else { right += 1 }
            if times.last == timestamps[next] { continue }
            times.append(timestamps[next])
            numbers.append(values[next])
        }
        (timestamps, values) = (times, numbers)
    }
}
