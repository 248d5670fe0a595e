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
    /// The times at which there was any value, and the samples of each slot.
    private var rows = SampleRows()
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
            release()
            run.releaseAtEnd(self)
        }
        let (from, through) = bounds(time, run)
        for slot in columns.indices {
            let dropped = columns[slot].forget(through: from, rows, &run.memory)
            if dropped > 0 { run.drop(dropped) }
        }
        rows.forget(through: from)
        try evaluate(after: from, through: through, run)
        try takeSeries(input.labels, dropsName: input.dropsName, input.version, run)
    }

    /// Lets go of the samples at the end of a run.
    func release() {
        columns = []
        rows = SampleRows()
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
        let count = input.presentCount
        if count == 0 { return }
        let row = rows.end
        try rows.append(time, &run.memory)
        try append(values, row, run)
        try run.hold(count)
    }

    private func append(_ values: [Double], _ row: Int, _ run: Run) throws(QueryError) {
        // Taken out for the time of the loop: a property of a class is checked at every access.
        var columns: [SampleColumn] = []
        swap(&columns, &self.columns)
        var memory = run.memory
        defer {
            swap(&columns, &self.columns)
            run.memory = memory
        }
        let (rows, isMixed) = (rows, input.hasHistograms)
        for slot in values.indices {
            let value = values[slot]
            if SampleValue.isStale(value) { continue }
            if isMixed, let histogram = input.histogram(slot) {
                try columns[slot].append(histogram, row: row, of: rows, &memory)
            } else {
                try columns[slot].append(value, row: row, of: rows, &memory)
            }
        }
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
            results[slot] = columns[slot].withWindow(of: rows, from: from, through: through) {
                window in
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
        try column.withWindow(of: rows, from: from, through: through, body)
    }
}
