import Model

/// The samples of one series in a window of time, as functions of range vectors see them.
public struct WindowSamples: ~Escapable {
    /// Rising.
    public let timestamps: Span<Int64>
    /// As many, none of them the stale marker; at least one. `SampleValue.histogram` stands for a
    /// native histogram.
    public let values: Span<Double>
    /// Where the window begins (exclusive).
    public let from: Int64
    /// Where it ends (inclusive).
    public let through: Int64
    private let histograms: Span<FloatHistogram?>
    private let startTimes: Span<Int64>

    /// A window of numbers.
    @_lifetime(copy timestamps, copy values, copy histograms, copy startTimes)
    public init(
        _ timestamps: Span<Int64>, _ values: Span<Double>, histograms: Span<FloatHistogram?>,
        startTimes: Span<Int64>, from: Int64, through: Int64
    ) {
        self.timestamps = timestamps
        self.values = values
        self.histograms = histograms
        self.startTimes = startTimes
        self.from = from
        self.through = through
    }

    /// How many samples there are.
    public var count: Int { values.count }

    /// Whether any of the samples is a native histogram.
    public var hasHistograms: Bool { !histograms.isEmpty }

    /// The native histogram at an index, or nil where the sample is a number.
    public func histogram(at index: Int) -> FloatHistogram? {
        index < histograms.count ? histograms[index] : nil
    }

    /// Whether any of the samples has a start timestamp that is known.
    public var hasStartTimes: Bool { !startTimes.isEmpty }

    /// Since when the sample at an index counts, or 0 where that is not known.
    public func startTime(at index: Int) -> Int64 {
        index < startTimes.count ? startTimes[index] : 0
    }
}

/// Buffers for the samples of one series, used again and again. `histograms` and `startTimes` are
/// empty or as long as the others.
public struct SampleBuffer: Sendable {
    /// The times.
    public var timestamps: [Int64] = []
    /// The values; `SampleValue.histogram` where the sample is in `histograms`.
    public var values: [Double] = []
    /// Empty where all samples are numbers.
    public var histograms: [FloatHistogram?] = []
    /// Empty where no start timestamp is known.
    public var startTimes: [Int64] = []

    /// Empty buffers.
    public init() {}

    /// Empties them.
    public mutating func clear() {
        timestamps.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        if !histograms.isEmpty { histograms.removeAll(keepingCapacity: true) }
        if !startTimes.isEmpty { startTimes.removeAll(keepingCapacity: true) }
    }

    /// Adds a sample newer than all before.
    public mutating func append(
        _ time: Int64, _ value: Double, _ histogram: FloatHistogram?, startTime: Int64
    ) {
        timestamps.append(time)
        values.append(value)
        if let histogram { put(histogram, values.count - 1) }
        if startTime != 0 { put(startTime: startTime, values.count - 1) }
        fill()
    }

    /// Calls `body` with the samples as those of the window (from, through].
    public func withWindow<Result, Failure: Error>(
        from: Timestamp, through: Timestamp,
        _ body: (borrowing WindowSamples) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(
            WindowSamples(
                timestamps.span, values.span, histograms: histograms.span,
                startTimes: startTimes.span, from: from.milliseconds,
                through: through.milliseconds))
    }

    mutating func put(_ histogram: FloatHistogram, _ index: Int) {
        while histograms.count <= index { histograms.append(nil) }
        histograms[index] = histogram
    }

    mutating func put(startTime: Int64, _ index: Int) {
        while startTimes.count <= index { startTimes.append(0) }
        startTimes[index] = startTime
    }

    /// Makes the side columns as long as the others, where there are any.
    mutating func fill() {
        if !histograms.isEmpty {
            while histograms.count < values.count { histograms.append(nil) }
        }
        if !startTimes.isEmpty {
            while startTimes.count < values.count { startTimes.append(0) }
        }
    }

    /// Merges the samples from `start` on into those before, by time; of equal times the earlier
    /// segment's stays, as the later write would have been refused.
    mutating func merge(from start: Int) {
        fill()
        var merged = SampleBuffer()
        merged.timestamps.reserveCapacity(values.count)
        merged.values.reserveCapacity(values.count)
        var (left, right) = (0, start)
        while left < start || right < values.count {
            let takesLeft =
                right == values.count || left < start && timestamps[left] <= timestamps[right]
            let next = takesLeft ? left : right
            if takesLeft { left += 1 } else { right += 1 }
            if merged.timestamps.last == timestamps[next] { continue }
            merged.append(
                timestamps[next], values[next], histograms.isEmpty ? nil : histograms[next],
                startTime: startTimes.isEmpty ? 0 : startTimes[next])
        }
        self = merged
    }
}
