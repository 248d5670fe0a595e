import Model

/// A function of the samples of one series in a window of time.
///
/// Results have Prometheus's bits: the same operations in the same order.
public enum WindowKernel: Sendable, Hashable, CaseIterable {
    case rate, increase, delta, irate, idelta
    case sumOverTime, avgOverTime, minOverTime, maxOverTime, countOverTime
    case firstOverTime, lastOverTime, presentOverTime
    case changes, resets
    case stddevOverTime, stdvarOverTime

    /// The result over a window's present samples (no stale markers among them), oldest first, where
    /// the window is (from, through]; the stale marker where there is no result.
    public func apply(
        timestamps: Span<Int64>, values: Span<Double>, from: Timestamp, through: Timestamp
    ) -> Double {
        precondition(timestamps.count == values.count)
        let count = values.count
        if count == 0 { return SampleValue.stale }
        switch self {
        case .rate, .increase, .delta:
            return extrapolated(timestamps, values, from.milliseconds, through.milliseconds)
        case .irate, .idelta:
            return instantChange(timestamps, values)
        case .sumOverTime: return WindowKernel.sum(values)
        case .avgOverTime: return WindowKernel.mean(values)
        case .minOverTime:
            var least = values[0]
            for index in 0..<count where values[index] < least || least.isNaN {
                least = values[index]
            }
            return least
        case .maxOverTime:
            var most = values[0]
            for index in 0..<count where values[index] > most || most.isNaN {
                most = values[index]
            }
            return most
        case .countOverTime: return Double(count)
        case .firstOverTime: return values[0]
        case .lastOverTime: return values[count - 1]
        case .presentOverTime: return 1
        case .changes:
            var changes = 0
            for index in 1..<max(1, count) {
                let (previous, current) = (values[index - 1], values[index])
                if current != previous && !(current.isNaN && previous.isNaN) { changes += 1 }
            }
            return Double(changes)
        case .resets:
            var resets = 0
            for index in 1..<max(1, count) where values[index] < values[index - 1] { resets += 1 }
            return Double(resets)
        case .stdvarOverTime: return WindowKernel.variance(values)
        case .stddevOverTime: return WindowKernel.variance(values).squareRoot()
        }
    }

    private func extrapolated(
        _ timestamps: Span<Int64>, _ values: Span<Double>, _ from: Int64, _ through: Int64
    ) -> Double {
        let last = values.count - 1
        if last < 1 { return SampleValue.stale }
        var change = values[last] - values[0]
        if self != .delta {
            for index in 1...last where values[index] < values[index - 1] {
                change += values[index - 1]
            }
        }
        let span = SampledSpan(
            first: timestamps[0], last: timestamps[last], count: values.count, from: from,
            through: through)
        return span.extrapolate(change, first: values[0], kernel: self)
    }

    private func instantChange(_ timestamps: Span<Int64>, _ values: Span<Double>) -> Double {
        let last = values.count - 1
        if last < 1 { return SampleValue.stale }
        let interval = timestamps[last].addingSaturating(0 &- timestamps[last - 1])
        if interval == 0 { return SampleValue.stale }
        let isReset = self == .irate && values[last] < values[last - 1]
        var change = isReset ? values[last] : values[last] - values[last - 1]
        if self == .irate { change /= Double(interval) / 1000 }
        return change
    }

    private static func sum(_ values: Span<Double>) -> Double {
        var sum = CompensatedSum()
        for index in 0..<values.count { sum.add(values[index]) }
        return sum.total
    }

    /// The mean of the sum as long as that does not overflow, an incremental mean from there on.
    private static func mean(_ values: Span<Double>) -> Double {
        var sum = CompensatedSum(value: values[0])
        var mean = CompensatedSum()
        var isIncremental = false
        for index in 1..<max(1, values.count) {
            let count = Double(index + 1)
            if !isIncremental {
                var next = sum
                next.add(values[index])
                if !next.value.isInfinite {
                    sum = next
                    continue
                }
                isIncremental = true
                mean = CompensatedSum(
                    value: sum.value / (count - 1), compensation: sum.compensation / (count - 1))
            }
            let share = (count - 1) / count
            mean.value *= share
            mean.compensation *= share
            mean.add(values[index] / count)
        }
        let count = Double(values.count)
        return isIncremental
            ? mean.value + mean.compensation : sum.value / count + sum.compensation / count
    }

    private static func variance(_ values: Span<Double>) -> Double {
        var count = 0.0
        var mean = CompensatedSum()
        var squares = CompensatedSum()
        for index in 0..<values.count {
            count += 1
            let delta = values[index] - (mean.value + mean.compensation)
            mean.add(delta / count)
            squares.add(delta * (values[index] - (mean.value + mean.compensation)))
        }
        return (squares.value + squares.compensation) / count
    }
}

/// A sum with Neumaier's compensation ("Rundungsfehleranalyse einiger Verfahren zur Summation
/// endlicher Summen", 1974), in the order of operations that Prometheus has.
public struct CompensatedSum: Sendable {
    /// The plain sum so far.
    public var value = 0.0
    /// What it lost so far.
    public var compensation = 0.0

    /// A sum that stands at `value`.
    public init(value: Double = 0, compensation: Double = 0) {
        self.value = value
        self.compensation = compensation
    }

    /// Adds a number.
    @inlinable public mutating func add(_ number: Double) {
        let next = value + number
        if next.isInfinite {
            compensation = 0
        } else if value.magnitude >= number.magnitude {
            compensation += (value - next) + number
        } else {
            compensation += (number - next) + value
        }
        value = next
    }

    /// The sum with what it had lost.
    public var total: Double { value.isInfinite ? value : value + compensation }
}

/// Where in a window the samples of a series lie, which decides how far a rate is extrapolated.
struct SampledSpan {
    let interval: Double
    let toStart: Double
    let toEnd: Double
    let rangeSeconds: Double

    init(first: Int64, last: Int64, count: Int, from: Int64, through: Int64) {
        func seconds(_ a: Int64, _ b: Int64) -> Double {
            Double(a.addingSaturating(0 &- b)) / 1000
        }
        interval = seconds(last, first)
        let average = interval / Double(count - 1)
        let threshold = average * 1.1
        var toStart = seconds(first, from)
        if toStart >= threshold { toStart = average / 2 }
        var toEnd = seconds(through, last)
        if toEnd >= threshold { toEnd = average / 2 }
        self.toStart = toStart
        self.toEnd = toEnd
        // Whole seconds and the rest apart, as Go's Duration.Seconds adds them.
        let range = through.addingSaturating(0 &- from)
        rangeSeconds = Double(range / 1000) + Double(range % 1000 * 1_000_000) / 1e9
    }

    /// The change over the samples stretched to the window, a counter not below zero.
    @inline(__always)
    func extrapolate(_ change: Double, first: Double, kernel: WindowKernel) -> Double {
        var toStart = toStart
        if kernel != .delta && change > 0 && first >= 0 {
            let toZero = interval * (first / change)
            if toZero < toStart { toStart = toZero }
        }
        var factor = (interval + toStart + toEnd) / interval
        if kernel == .rate { factor /= rangeSeconds }
        return change * factor
    }
}

extension WindowKernel {
    /// Whether its result depends on the samples' start timestamps.
    public var countsStartTimes: Bool {
        switch self {
        case .rate, .increase, .irate, .resets: true
        default: false
        }
    }
}
