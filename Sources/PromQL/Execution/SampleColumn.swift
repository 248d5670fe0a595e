import Model
import Store

/// The times at which a subquery found any value. Rows are numbered from the first one on.
struct SampleRows {
    private var times: [Int64] = []
    /// The number of the first row that is held.
    private var base = 0
    private var room = 0

    /// The number of the next row.
    var end: Int { base + times.count }

    /// The times of rows.
    var span: Span<Int64> {
        @_lifetime(borrow self) get { times.span }
    }

    /// Where the time of a row is in `span`.
    func place(_ row: Int) -> Int { row - base }

    subscript(row: Int) -> Int64 { times[row - base] }

    mutating func append(_ time: Int64, _ memory: inout MemoryAccount) throws(QueryError) {
        if times.count == room {
            let next = max(16, 2 * room)
            try memory.take((next - room) * MemoryLayout<Int64>.stride)
            room = next
        }
        times.append(time)
    }

    /// Forgets the rows that are not newer than a time.
    mutating func forget(through time: Int64) {
        var count = 0
        while count < times.count, times[count] <= time { count += 1 }
        // Few at a time are left where they are.
        if count <= 64 || count * 2 <= times.count { return }
        times.removeFirst(count)
        base += count
    }
}

/// The samples of one series that a subquery holds: they come at the end and go at the front. A series that
/// is in every row since its first has no times of its own.
struct SampleColumn {
    private var values: [Double] = []
    /// Empty while the values are those of consecutive rows from `start` on.
    private var times: [Int64] = []
    private var start = 0
    /// Empty, or as long as the values.
    private var histograms: [FloatHistogram?] = []
    /// How many at the front are forgotten.
    private var first = 0
    /// How many values there is memory for.
    private var room = 0
    /// How many of those that are not forgotten are histograms.
    private var histogramCount = 0

    var isEmpty: Bool { count == 0 }
    var count: Int { values.count - first }
    var hasHistograms: Bool { histogramCount > 0 }
    private var hasTimes: Bool { !times.isEmpty }

    /// Adds the value of a row, which is newer than all before.
    @inline(__always)
    mutating func append(
        _ value: Double, row: Int, of rows: borrowing SampleRows, _ memory: inout MemoryAccount
    ) throws(QueryError) {
        if values.count == room { try makeRoom(&memory) }
        if hasTimes {
            times.append(rows[row])
        } else if row != start + values.count {
            try leaveRows(row, rows, &memory)
        }
        values.append(value)
        if hasHistograms { histograms.append(nil) }
    }

    mutating func append(
        _ histogram: FloatHistogram, row: Int, of rows: borrowing SampleRows,
        _ memory: inout MemoryAccount
    ) throws(QueryError) {
        try append(SampleValue.histogram, row: row, of: rows, &memory)
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

    /// Begins with a row, or gets times of its own since a row was left out; the row's is among them.
    private mutating func leaveRows(
        _ row: Int, _ rows: borrowing SampleRows, _ memory: inout MemoryAccount
    ) throws(QueryError) {
        compact()
        if values.isEmpty {
            start = row
            return
        }
        try memory.take(room * MemoryLayout<Int64>.stride + MemoryCost.buffer)
        times.reserveCapacity(room)
        for index in values.indices { times.append(rows[start + index]) }
        times.append(rows[row])
    }

    private mutating func makeRoom(_ memory: inout MemoryAccount) throws(QueryError) {
        if first > 0 {
            compact()
            if values.count * 2 <= room { return }
        }
        let next = max(4, room * 2)
        let bytes = MemoryLayout<Double>.stride * (hasTimes ? 2 : 1)
        // The old buffers are there until the samples have moved.
        try memory.take(bytes * next + (room == 0 ? MemoryCost.buffer : 0))
        values.reserveCapacity(next)
        if hasTimes { times.reserveCapacity(next) }
        memory.give(bytes * room)
        room = next
    }

    /// Forgets what is not newer than a time; returns how many there were.
    mutating func forget(
        through time: Int64, _ rows: borrowing SampleRows, _ memory: inout MemoryAccount
    ) -> Int {
        let before = first
        while first < values.count, (hasTimes ? times[first] : rows[start + first]) <= time {
            if hasHistograms, let histogram = histograms[first] {
                memory.give(histogram.byteCount)
                histogramCount -= 1
            }
            first += 1
        }
        if !hasHistograms, !histograms.isEmpty { histograms = [] }
        if first > 64, first * 2 > values.count || first == values.count { compact() }
        return first - before
    }

    private mutating func compact() {
        if first == 0 { return }
        values.removeFirst(first)
        if hasHistograms { histograms.removeFirst(first) }
        if hasTimes { times.removeFirst(first) } else { start += first }
        first = 0
    }

    func withWindow<Result, Failure: Error>(
        of rows: borrowing SampleRows, from: Int64, through: Int64,
        _ body: (borrowing WindowSamples) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // Nothing that was computed has a start.
        let startTimes: [Int64] = []
        if hasTimes {
            return try body(
                WindowSamples(
                    times.span.extracting(droppingFirst: first),
                    values.span.extracting(droppingFirst: first),
                    histograms: histograms.span.extracting(
                        droppingFirst: hasHistograms ? first : 0),
                    startTimes: startTimes.span, from: from, through: through))
        }
        let place = rows.place(start + first)
        return try body(
            WindowSamples(
                rows.span.extracting(place..<place + count),
                values.span.extracting(droppingFirst: first),
                histograms: histograms.span.extracting(droppingFirst: hasHistograms ? first : 0),
                startTimes: startTimes.span, from: from, through: through))
    }
}
