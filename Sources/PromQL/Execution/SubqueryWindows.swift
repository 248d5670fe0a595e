import Model
import Store

/// `expr[range:step]`: the expression evaluated at the multiples of the step within the window.
///
/// It costs what exists: a time at which the expression has no value is not remembered, and times at
/// which it cannot have one are not even looked at. Consecutive steps of a run share what their windows
/// share.
final class SubqueryWindows: WindowSeries, PlainWindows {
    private let input: any Operator
    private let look: LookTime
    private let range: Int64
    private let interval: Int64
    private var seenRun = -1
    /// The last multiple of the step that is accounted for in this run.
    private var last: Int64?
    /// The samples of each slot.
    private var columns: [SampleColumn] = []

    init(_ input: any Operator, look: LookTime, range: Int64, interval: Int64) {
        self.input = input
        self.look = look
        self.range = range
        self.interval = max(1, interval)
    }

    func bounds(_ time: Int64, _ run: Run) -> (from: Int64, through: Int64) {
        let through = look.time(time, run)
        return (through.addingSaturating(0 &- range), through)
    }

    func activeTimes(_ run: Run) -> ActiveTimes {
        look.sees(input.activeTimes(run), back: range)
    }

    func load(at time: Int64, _ run: Run) throws(QueryError) {
        if run.id != seenRun {
            seenRun = run.id
            last = nil
            columns = []
            run.releaseAtEnd(self)
        }
        let (from, through) = bounds(time, run)
        for slot in columns.indices {
            let dropped = columns[slot].forget(through: from)
            if dropped > 0 { run.drop(dropped) }
        }
        try evaluate(after: from, through: through, run)
        try takeSeries(input.labels, dropsName: input.dropsName, input.version, run)
    }

    /// Lets go of the samples at the end of a run.
    func release() {
        columns = []
        last = nil
    }

    /// Evaluates at the multiples of the step in (from, through] that no step before has had.
    private func evaluate(after from: Int64, through: Int64, _ run: Run) throws(QueryError) {
        guard var next = firstMultiple(after: max(from, last ?? from)), next <= through else {
            return
        }
        // What a node says at every time it has to say once.
        if last == nil {
            try evaluate(at: next, run)
            guard let second = firstMultiple(after: next) else { return }
            next = second
        }
        last = lastMultiple(through)
        let active = input.activeTimes(run)
        if next < active.from {
            guard let first = firstMultiple(after: active.from.addingSaturating(-1)) else { return }
            next = first
        }
        let end = min(through, active.through)
        while next <= end {
            try evaluate(at: next, run)
            let (sum, overflow) = next.addingReportingOverflow(interval)
            if overflow { break }
            next = sum
        }
    }

    private func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try run.checkTime()
        // What a subquery reads counts in its windows only.
        let counts = run.countsSamples
        run.countsSamples = false
        try input.step(at: time, run)
        run.countsSamples = counts
        try keep(at: time, run)
    }

    /// Remembers the values that the input has.
    private func keep(at time: Int64, _ run: Run) throws(QueryError) {
        let values = input.values
        if columns.count < values.count {
            let added = values.count - columns.count
            try run.memory.take(added * MemoryLayout<SampleColumn>.stride)
            columns.append(contentsOf: repeatElement(SampleColumn(), count: added))
        }
        var count = 0
        for slot in values.indices {
            let value = values[slot]
            if SampleValue.isStale(value) { continue }
            count += 1
            if let histogram = input.histogram(slot) {
                try columns[slot].append(time, histogram, &run.memory)
            } else {
                try columns[slot].append(time, value, &run.memory)
            }
        }
        try run.hold(count)
    }

    /// The first multiple of the step after a time, where there is one.
    private func firstMultiple(after time: Int64) -> Int64? {
        let whole = time / interval * interval
        if whole > time { return whole }
        let (sum, overflow) = whole.addingReportingOverflow(interval)
        return overflow ? nil : sum
    }

    /// The last multiple of the step that is not after a time; the least there is where there is none.
    private func lastMultiple(_ time: Int64) -> Int64 {
        let whole = time / interval * interval
        return whole > time ? whole.addingSaturating(0 &- interval) : whole
    }

    func reduce(
        _ kernel: WindowKernel, at time: Int64, _ run: Run, into results: inout [Double]
    ) throws(QueryError) -> Bool {
        let (from, through) = bounds(time, run)
        results.removeAll(keepingCapacity: true)
        results.append(contentsOf: repeatElement(SampleValue.stale, count: labels.count))
        var hasMarks = false
        for slot in columns.indices where !columns[slot].isEmpty {
            run.read(columns[slot].count)
            if columns[slot].hasHistograms {
                results[slot] = SampleValue.histogram
                hasMarks = true
                continue
            }
            results[slot] = columns[slot].withWindow(from: from, through: through) { window in
                kernel.apply(
                    timestamps: window.timestamps, values: window.values,
                    from: Timestamp(milliseconds: from), through: Timestamp(milliseconds: through))
            }
        }
        return hasMarks
    }

    func forEachWindow(
        at time: Int64, _ run: Run,
        _ body: (Int, borrowing WindowSamples) throws(QueryError) -> Void
    ) throws(QueryError) {
        for slot in columns.indices {
            try withWindow(slot, at: time, run) { samples throws(QueryError) in
                try body(slot, samples)
            }
        }
    }

    func withWindow(
        _ slot: Int, at time: Int64, _ run: Run,
        _ body: (borrowing WindowSamples) throws(QueryError) -> Void
    ) throws(QueryError) {
        guard slot < columns.count, !columns[slot].isEmpty else { return }
        let (from, through) = bounds(time, run)
        // A copy for the time of the call, which shares the samples.
        let column = columns[slot]
        run.read(column.count)
        try column.withWindow(from: from, through: through, body)
    }
}

/// The samples of one series that a subquery holds: they come at the end and go at the front.
private struct SampleColumn {
    private var times: [Int64] = []
    private var values: [Double] = []
    /// Empty, or as long as the others.
    private var histograms: [FloatHistogram?] = []
    /// How many at the front are forgotten.
    private var first = 0
    /// How many samples there is memory for.
    private var room = 0
    /// How many of those that are not forgotten are histograms.
    private var histogramCount = 0

    var isEmpty: Bool { count == 0 }
    var count: Int { values.count - first }
    var hasHistograms: Bool { histogramCount > 0 }

    /// What a sample takes: a time and a number.
    private static let sampleBytes = 16

    @inline(__always)
    mutating func append(
        _ time: Int64, _ value: Double, _ memory: inout MemoryAccount
    ) throws(QueryError) {
        if values.count == room { try makeRoom(&memory) }
        times.append(time)
        values.append(value)
        if hasHistograms { histograms.append(nil) }
    }

    mutating func append(
        _ time: Int64, _ histogram: FloatHistogram, _ memory: inout MemoryAccount
    ) throws(QueryError) {
        try append(time, SampleValue.histogram, &memory)
        if !hasHistograms {
            try memory.take(values.count * MemoryLayout<FloatHistogram?>.stride)
            histograms = [FloatHistogram?](repeating: nil, count: values.count)
        }
        try memory.take(histogram.byteCount)
        histogramCount += 1
        histograms[values.count - 1] = histogram
        // A subquery may skip samples or see them twice: their hints on resets say nothing.
        if histogram.resetHint != .gauge { histograms[values.count - 1]?.resetHint = .unknown }
    }

    private mutating func makeRoom(_ memory: inout MemoryAccount) throws(QueryError) {
        if first > 0 {
            compact()
            if values.count * 2 <= room { return }
        }
        let next = max(4, room * 2)
        // The old buffers are there until the samples have moved.
        let overhead = room == 0 ? 2 * MemoryCost.buffer : 0
        try memory.take(Self.sampleBytes * next + overhead)
        times.reserveCapacity(next)
        values.reserveCapacity(next)
        memory.give(Self.sampleBytes * room)
        room = next
    }

    /// Forgets what is not newer than a time; returns how many there were.
    mutating func forget(through time: Int64) -> Int {
        let before = first
        while first < values.count, times[first] <= time {
            if SampleValue.isHistogram(values[first]) { histogramCount -= 1 }
            first += 1
        }
        if !hasHistograms, !histograms.isEmpty { histograms = [] }
        if first > 64, first * 2 > values.count { compact() }
        return first - before
    }

    private mutating func compact() {
        times.removeFirst(first)
        values.removeFirst(first)
        if hasHistograms { histograms.removeFirst(first) }
        first = 0
    }

    func withWindow<Result, Failure: Error>(
        from: Int64, through: Int64,
        _ body: (borrowing WindowSamples) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // Nothing that was computed has a start.
        let startTimes: [Int64] = []
        return try body(
            WindowSamples(
                times.span.extracting(droppingFirst: first),
                values.span.extracting(droppingFirst: first),
                histograms: histograms.span.extracting(droppingFirst: hasHistograms ? first : 0),
                startTimes: startTimes.span, from: from, through: through))
    }
}
