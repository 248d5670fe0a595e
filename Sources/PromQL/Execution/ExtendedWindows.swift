import Model
import Store

/// Which samples beyond its window a range selector looks at (Prometheus's extended range selectors).
enum RangeExtension: String {
    /// Those of a lookback before it, of which the last counts as if it were at the window's start.
    case anchored
    /// Those of a lookback before and behind it, between which values at its ends are interpolated.
    case smoothed

    init?(_ selector: VectorSelector) {
        if selector.anchored {
            self = .anchored
        } else if selector.smoothed {
            self = .smoothed
        } else {
            return nil
        }
    }

    /// The functions that know what to do with such windows, in the order that Prometheus names them.
    var functions: [String] {
        switch self {
        case .anchored: ["changes", "delta", "increase", "rate", "resets"]
        case .smoothed: ["delta", "increase", "rate"]
        }
    }
}

/// `selector[range] anchored` and `selector[range] smoothed`: windows with the samples around them.
/// `bounds` are those that were written.
final class ExtendedWindows: WindowSeries, SampleWindows {
    /// What the windows have beyond their bounds.
    let reach: RangeExtension
    private let inner: SelectorWindows
    private let series: SelectedSeries

    init(_ series: SelectedSeries, look: LookTime, range: Int64, reach: RangeExtension) {
        self.reach = reach
        self.series = series
        inner = SelectorWindows(series, look: look, range: range)
    }

    func bounds(_ time: Int64, _ run: Run) -> (from: Int64, through: Int64) {
        inner.bounds(time, run)
    }

    func activeTimes(_ run: Run) -> ActiveTimes {
        let lookback = run.lookback.value
        return inner.activeTimes(run).seen(offset: 0, back: lookback, ahead: lookback)
    }

    func load(at time: Int64, _ run: Run) throws(QueryError) {
        try inner.load(at: time, run)
        try takeSeries(inner.labels, dropsName: inner.dropsName, inner.version, run)
    }

    func forEachWindow(
        at time: Int64, _ run: Run,
        _ body: (Int, borrowing WindowSamples) throws(QueryError) -> Void
    ) throws(QueryError) {
        for slot in labels.indices {
            try withWindow(slot, at: time, run) { samples throws(QueryError) in
                try body(slot, samples)
            }
        }
    }

    private func withWindow(
        _ slot: Int, at time: Int64, _ run: Run,
        _ body: (borrowing WindowSamples) throws(QueryError) -> Void
    ) throws(QueryError) {
        let (from, through) = bounds(time, run)
        let lookback = run.lookback.value
        let end = reach == .smoothed ? through.addingSaturating(lookback) : through
        var samples = SampleBuffer()
        series.reader.read(
            slot, from: Timestamp(milliseconds: from.addingSaturating(0 &- lookback)),
            through: Timestamp(milliseconds: end), pin: run.pin, into: &samples)
        if samples.values.isEmpty { return }
        try run.hold(samples.values.count)
        try samples.withWindow(
            from: Timestamp(milliseconds: from), through: Timestamp(milliseconds: through), body)
        run.drop(samples.values.count)
    }
}

/// Extended windows as an answer: with a sample of their own at each end in place of what lies beyond.
final class BoundedWindows: WindowSeries, SampleWindows {
    private let input: ExtendedWindows

    init(_ input: ExtendedWindows) { self.input = input }

    func activeTimes(_ run: Run) -> ActiveTimes { input.activeTimes(run) }

    func bounds(_ time: Int64, _ run: Run) -> (from: Int64, through: Int64) {
        input.bounds(time, run)
    }

    func load(at time: Int64, _ run: Run) throws(QueryError) {
        try input.load(at: time, run)
        try takeSeries(input.labels, dropsName: input.dropsName, input.version, run)
    }

    func forEachWindow(
        at time: Int64, _ run: Run,
        _ body: (Int, borrowing WindowSamples) throws(QueryError) -> Void
    ) throws(QueryError) {
        let reach = input.reach
        try input.forEachWindow(at: time, run) { slot, samples throws(QueryError) in
            guard let bounded = Self.bounded(samples, reach) else { return }
            try bounded.withWindow(
                from: Timestamp(milliseconds: samples.from),
                through: Timestamp(milliseconds: samples.through)
            ) { window throws(QueryError) in try body(slot, window) }
        }
    }

    /// The samples within the window and the values at its ends; histograms are not interpolated here.
    private static func bounded(
        _ samples: borrowing WindowSamples, _ reach: RangeExtension
    ) -> SampleBuffer? {
        guard let edges = WindowEdges(samples, reach) else { return nil }
        let interpolates = reach == .smoothed && !samples.hasHistograms
        var buffer = SampleBuffer()
        buffer.append(
            samples.from, edges.left(samples, interpolates: interpolates, isCounter: false),
            samples.histogram(at: edges.first), startTime: 0)
        for index in 0..<samples.count
        where samples.timestamps[index] > samples.from
            && samples.timestamps[index] < samples.through
        {
            buffer.append(
                samples.timestamps[index], samples.values[index], samples.histogram(at: index),
                startTime: 0)
        }
        buffer.append(
            samples.through, edges.right(samples, interpolates: interpolates, isCounter: false),
            samples.histogram(at: edges.last), startTime: 0)
        return buffer
    }
}

/// The samples at the ends of an extended window: the last at or before its start, or the first there
/// is; and the last, or, where it is smoothed, the first at or behind its end.
struct WindowEdges {
    var first: Int
    var last: Int

    /// Nil where no sample says anything about the window.
    init?(_ samples: borrowing WindowSamples, _ reach: RangeExtension) {
        let end = samples.count - 1
        first = 0
        while first < end, samples.timestamps[first] <= samples.from { first += 1 }
        first = max(0, first - 1)
        last = end
        if reach == .smoothed {
            last = 0
            while last < end, samples.timestamps[last] < samples.through { last += 1 }
            if samples.timestamps[first] > samples.through { return nil }
        }
        if samples.timestamps[last] <= samples.from { return nil }
    }

    /// The value at the window's start.
    func left(
        _ samples: borrowing WindowSamples, interpolates: Bool, isCounter: Bool
    ) -> Double {
        guard interpolates, samples.timestamps[first] < samples.from, first + 1 < samples.count
        else { return samples.values[first] }
        return Interpolation(samples, first, at: samples.from).value(samples, isCounter: isCounter)
    }

    /// The value at the window's end.
    func right(
        _ samples: borrowing WindowSamples, interpolates: Bool, isCounter: Bool
    ) -> Double {
        guard interpolates, last > 0, samples.timestamps[last] > samples.through else {
            return samples.values[last]
        }
        return Interpolation(samples, last - 1, at: samples.through)
            .value(samples, isCounter: isCounter)
    }
}

/// A place between two consecutive samples.
struct Interpolation {
    /// The index of the sample before.
    private var index: Int
    private var passed: Double
    private var length: Double

    init(_ samples: borrowing WindowSamples, _ index: Int, at time: Int64) {
        func span(_ from: Int64, _ to: Int64) -> Double { Double(to.addingSaturating(0 &- from)) }
        self.index = index
        passed = span(samples.timestamps[index], time)
        length = span(samples.timestamps[index], samples.timestamps[index + 1])
    }

    /// The number there; a counter that was reset in between began at zero.
    func value(_ samples: borrowing WindowSamples, isCounter: Bool) -> Double {
        var before = samples.values[index]
        let after = samples.values[index + 1]
        if isCounter, after < before { before = 0 }
        return before + (after - before) * passed / length
    }

    /// The histogram there, and which bounds had to be reconciled for it.
    func histogram(
        _ before: FloatHistogram, _ after: FloatHistogram, isCounter: Bool
    ) throws(HistogramError) -> (FloatHistogram, [Annotation.HistogramOperation]) {
        if passed == 0 { return (before, []) }
        if passed == length { return (after, []) }
        var result = after
        let share = passed / length
        if isCounter, after.detectsReset(since: before) {
            result.multiply(by: share)
            return (result, [])
        }
        var reconciled: [Annotation.HistogramOperation] = []
        if try result.subtract(before).boundsReconciled { reconciled.append(.subtraction) }
        result.multiply(by: share)
        if try result.add(before).boundsReconciled { reconciled.append(.addition) }
        return (result, reconciled)
    }
}
