import Model

extension SeriesSelection {
    /// The instant vector at `t`: for each entry the newest sample in (t - lookback, t], unless a stale
    /// marker is newer. Where there is none, `values` holds the stale marker and `timestamps` 0.
    public func instant(
        at t: Timestamp, lookback: Milliseconds, pin: Pin, values: inout [Double],
        timestamps: inout [Int64]
    ) {
        var extras = ExtraColumns()
        instant(
            at: t, lookback: lookback, pin: pin, values: &values, timestamps: &timestamps,
            extras: &extras)
    }

    /// The same, with what the samples have beside their numbers.
    public func instant(
        at t: Timestamp, lookback: Milliseconds, pin: Pin, values: inout [Double],
        timestamps: inout [Int64], extras: inout ExtraColumns
    ) {
        clear(&values)
        extras.clear(count)
        timestamps.removeAll(keepingCapacity: true)
        timestamps.append(contentsOf: repeatElement(0, count: count))
        plans.prepare(segments)
        let from = (t - lookback).milliseconds
        for index in plans.axes.indices {
            forEachChunk(of: index, from: from, through: t.milliseconds, pin: pin) {
                columns, plan, frames in
                if frames.isEmpty { return 0 }
                let chunk = columns.chunks[plan.chunk]
                if chunk.mayBeAbsent || !chunk.offsets.isEmpty {
                    return readLanes(
                        chunk, columns.times, plan, frames, from: from, through: t.milliseconds,
                        &values, &timestamps, &extras)
                }
                let frame = frames.upperBound - 1
                let time = columns.times[frame]
                let row = chunk.row(frame)
                for at in plan.lanes.indices {
                    let value = chunk.values[row + plan.lanes[at]]
                    if SampleValue.isStale(value) { continue }
                    values[plan.entries[at]] = value
                    timestamps[plan.entries[at]] = time
                }
                if !chunk.extras.isEmpty {
                    for at in plan.lanes.indices {
                        readExtras(
                            chunk, lane: plan.lanes[at], frame, plan.entries[at], values, &extras)
                    }
                }
                return plan.lanes.count
            }
        }
        for entry in plans.merged {
            guard
                let sample = newest(segments[entry], from: from, through: t.milliseconds, pin: pin)
            else { continue }
            values[entry] = sample.value
            timestamps[entry] = sample.time
            if let histogram = sample.histogram { extras.put(histogram, entry, count: count) }
            if extras.wantsStartTimes { extras.startTimes[entry] = sample.startTime }
        }
    }

    /// Reads a chunk's lanes one by one: those in which the newest frame may say nothing, or a sample has
    /// a time of its own. Returns how many samples it looked at.
    private func readLanes(
        _ chunk: Chunk, _ times: borrowing FrameTimes, _ plan: ReadPlans.ChunkPlan,
        _ frames: Range<Int>, from: Int64, through: Int64, _ values: inout [Double],
        _ timestamps: inout [Int64], _ extras: inout ExtraColumns
    ) -> Int {
        var looked = 0
        for at in plan.lanes.indices {
            let (lane, entry) = (plan.lanes[at], plan.entries[at])
            guard
                let newest = chunk.newest(
                    lane: lane, frames: frames, through: through, times: times)
            else {
                looked += frames.count
                continue
            }
            looked += frames.upperBound - newest.frame
            let value = chunk.values[chunk.row(newest.frame) + lane]
            if newest.time <= from || !SampleValue.isSample(value) { continue }
            values[entry] = value
            timestamps[entry] = newest.time
            if !chunk.extras.isEmpty {
                readExtras(chunk, lane: lane, newest.frame, entry, values, &extras)
            }
        }
        return looked
    }

    private func readExtras(
        _ chunk: Chunk, lane: Int, _ frame: Int, _ entry: Int, _ values: [Double],
        _ extras: inout ExtraColumns
    ) {
        if SampleValue.isHistogram(values[entry]),
            let histogram = chunk.extras[lane].histogram(frame)
        {
            extras.put(histogram, entry, count: count)
        }
        if extras.wantsStartTimes && !SampleValue.isStale(values[entry]) {
            extras.startTimes[entry] = chunk.extras[lane].start(frame)
        }
    }

    /// A kernel over the samples in (from, through] of every entry; the stale marker where it has no
    /// result.
    ///
    /// An entry with native histograms in its window, or with start timestamps where they count, gets
    /// `SampleValue.histogram` as its result: it is to be read with `read`. True where there is
    /// such an entry.
    @discardableResult
    public func reduce(
        _ kernel: WindowKernel, from: Timestamp, through: Timestamp, pin: Pin,
        countingStartTimes: Bool = false, into results: inout [Double]
    ) -> Bool {
        var hasMarks = false
        clear(&results)
        plans.prepare(segments)
        // Taken out for the time of the call: a property of a class is checked at every access.
        var buffers = lanes.take() ?? LaneScratch()
        defer { lanes = buffers }
        for index in plans.axes.indices {
            forEachChunk(
                of: index, from: from.milliseconds, through: through.milliseconds, pin: pin
            ) { columns, plan, frames in
                let isMarked = columns.reduce(
                    kernel, plan, frames: frames, from: from, through: through,
                    countingStartTimes: countingStartTimes, scratch: &buffers, into: &results)
                if isMarked { hasMarks = true }
                return plan.span.count * frames.count
            }
        }
        for entry in plans.merged {
            scratch.clear()
            gather(segments[entry], from.milliseconds, through.milliseconds, pin, into: &scratch)
            if !scratch.histograms.isEmpty || countingStartTimes && !scratch.startTimes.isEmpty {
                results[entry] = SampleValue.histogram
                hasMarks = true
                continue
            }
            results[entry] = kernel.apply(
                timestamps: scratch.timestamps.span, values: scratch.values.span, from: from,
                through: through)
        }
        return hasMarks
    }

    /// Puts the samples of an entry in (from, through], without stale markers, into `samples`.
    public func read(
        _ entry: Int, from: Timestamp, through: Timestamp, pin: Pin,
        into samples: inout SampleBuffer
    ) {
        samples.clear()
        gather(segments[entry], from.milliseconds, through.milliseconds, pin, into: &samples)
    }

    /// Calls `body` for each entry, in order, that has a sample in (from, through], with these samples,
    /// oldest first and without stale markers. The spans are valid during the call only.
    public func forEachWindow<Failure: Error>(
        from: Timestamp, through: Timestamp, pin: Pin,
        _ body: (_ entry: Int, _ timestamps: Span<Int64>, _ values: Span<Double>)
            throws(Failure) -> Void
    ) throws(Failure) {
        try forEachWindow(from: from, through: through, pin: pin) {
            (entry: Int, samples: borrowing WindowSamples) throws(Failure) in
            try body(entry, samples.timestamps, samples.values)
        }
    }

    /// The same, with what the samples have beside their numbers.
    public func forEachWindow<Failure: Error>(
        from: Timestamp, through: Timestamp, pin: Pin,
        _ body: (_ entry: Int, _ samples: borrowing WindowSamples) throws(Failure) -> Void
    ) throws(Failure) {
        for entry in 0..<count {
            scratch.clear()
            gather(segments[entry], from.milliseconds, through.milliseconds, pin, into: &scratch)
            if scratch.values.isEmpty { continue }
            // A copy for the time of the call, which may read this selection again.
            let samples = scratch
            try samples.withWindow(from: from, through: through) { window throws(Failure) in
                try body(entry, window)
            }
        }
    }

    /// So many samples are read before writers of the axis get their turn.
    private static let samplesPerTurn = 65_536

    /// Calls `body` for the chunks of one axis with the frames in which a sample may lie that has a time
    /// in (from, through]; it returns how many samples it read. The axis is locked during each call, and
    /// now and then let go in between: a frame that is to be written waits for a few chunks, not for all.
    /// What is committed meanwhile is not seen.
    private func forEachChunk(
        of index: Int, from: Int64, through: Int64, pin: Pin,
        _ body: (borrowing AxisColumns, ReadPlans.ChunkPlan, Range<Int>) -> Int
    ) {
        let axis = plans.axes[index].axis
        var sequence: UInt64?
        var next = 0
        var isDone = false
        while !isDone {
            axis.columns.withLock { columns in
                if plans.axes[index].follow(columns) { next = 0 }
                let last =
                    sequence ?? min(pin.sequence(ofAxis: axis.id), columns.times.lastSequence)
                sequence = last
                let nominal = columns.times.frames(after: from, through: through, sequence: last)
                var samples = 0
                let count =
                    nominal.isEmpty && !columns.hasOwnTimes ? 0 : plans.axes[index].chunks.count
                while next < count, samples < SeriesSelection.samplesPerTurn {
                    let plan = plans.axes[index].chunks[next]
                    let frames = columns.frames(
                        ofChunk: plan.chunk, nominal: nominal, from: from, through: through,
                        sequence: last)
                    samples += body(columns, plan, frames)
                    next += 1
                }
                isDone = next >= count
            }
        }
    }

    private func clear(_ values: inout [Double]) {
        values.removeAll(keepingCapacity: true)
        values.append(contentsOf: repeatElement(SampleValue.stale, count: count))
    }

    /// Appends the samples of a series in (from, through] to the buffers.
    private func gather(
        _ segments: [Segment], _ from: Int64, _ through: Int64, _ pin: Pin,
        into samples: inout SampleBuffer
    ) {
        for segment in segments {
            let isFirst = samples.values.isEmpty
            let start = samples.values.count
            segment.axis.columns.withLock { columns in
                guard columns.holds(segment.slot, generation: segment.generation) else { return }
                columns.gather(
                    segment.slot, from: from, through: through,
                    sequence: pin.sequence(ofAxis: segment.axis.id), into: &samples)
            }
            if !isFirst && samples.values.count > start { samples.merge(from: start) }
        }
    }

    /// The newest sample of a series that lies in several places, unless one of them ended after it.
    private func newest(
        _ segments: [Segment], from: Int64, through: Int64, pin: Pin
    ) -> NewestSample? {
        var sample: NewestSample?
        var end = Int64.min
        for segment in segments {
            segment.axis.columns.withLock { columns in
                guard columns.holds(segment.slot, generation: segment.generation) else { return }
                let newest = columns.newest(
                    segment.slot, through: through,
                    sequence: pin.sequence(ofAxis: segment.axis.id))
                if let marker = newest.end { end = max(end, marker) }
                if let found = newest.sample, found.time > from,
                    found.time > sample?.time ?? .min
                {
                    sample = NewestSample(
                        time: found.time, value: found.value,
                        histogram: columns.histogram(segment.slot, frame: found.frame),
                        startTime: columns.startTime(segment.slot, frame: found.frame))
                }
            }
        }
        guard let sample, sample.time >= end else { return nil }
        return sample
    }
}

/// A series' sample of an instant.
private struct NewestSample {
    var time: Int64
    var value: Double
    var histogram: FloatHistogram?
    var startTime: Int64
}
