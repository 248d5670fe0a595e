import Model
import PromQL

/// Functions of one series' samples in a window.
extension NaiveEvaluator {
    struct WindowArguments {
        var samples: [(time: Int64, value: Double)]
        var from: Int64
        var through: Int64
        var now: Int64
        var scalars: [Double]
        var departures: Set<Departure> = []
        var values: [Double] { samples.map(\.value) }
    }

    typealias WindowFunction = @Sendable (WindowArguments) throws -> Double?

    static let windowFunctions: [String: WindowFunction] = [
        "rate": { extrapolated($0, isCounter: true, isRate: true) },
        "increase": { extrapolated($0, isCounter: true, isRate: false) },
        "delta": { extrapolated($0, isCounter: false, isRate: false) },
        "irate": { lastChange($0, isRate: true) },
        "idelta": { lastChange($0, isRate: false) },
        "count_over_time": { Double($0.samples.count) },
        "first_over_time": { $0.values.first },
        "last_over_time": { $0.values.last },
        "present_over_time": { _ in 1 },
        "sum_over_time": {
            var total = NaiveSum(forgets: !$0.departures.contains(.lossAtInfinity))
            for value in $0.values { total.add(value) }
            return total.sum.isInfinite ? total.sum : total.sum + total.lost
        },
        "avg_over_time": {
            $0.departures.contains(.stepwiseMeans)
                ? NaiveSum.stepwiseMean($0.values, isCompensated: true)
                : NaiveSum.mean($0.values)
        },
        "min_over_time": { $0.values.reduce(.nan) { $1 < $0 || $0.isNaN ? $1 : $0 } },
        "max_over_time": { $0.values.reduce(.nan) { $1 > $0 || $0.isNaN ? $1 : $0 } },
        "stdvar_over_time": { variance($0) },
        "stddev_over_time": { variance($0).squareRoot() },
        "quantile_over_time": { NaiveSum.quantile($0.scalars[0], $0.values) },
        "mad_over_time": {
            if $0.values.contains(where: \.isNaN) { return .nan }
            let median = NaiveSum.quantile(0.5, $0.values)
            return NaiveSum.quantile(0.5, $0.values.map { abs($0 - median) })
        },
        "changes": { window in
            let pairs = zip(window.values, window.values.dropFirst())
            return Double(pairs.filter { $0 != $1 && !($0.isNaN && $1.isNaN) }.count)
        },
        "resets": { window in
            Double(zip(window.values, window.values.dropFirst()).filter { $1 < $0 }.count)
        },
        "deriv": { window in
            window.samples.count < 2
                ? nil : line(window, origin: window.samples[0].time).slope
        },
        "predict_linear": { window in
            if window.samples.count < 2 { return nil }
            let line = line(window, origin: window.now)
            return line.slope * window.scalars[0] + line.intercept
        },
        "double_exponential_smoothing": { window in
            try smooth(window.values, window.scalars[0], window.scalars[1])
        },
        "ts_of_first_over_time": { $0.samples.first.map { Double($0.time) / 1000 } },
        "ts_of_last_over_time": { $0.samples.last.map { Double($0.time) / 1000 } },
        "ts_of_max_over_time": { timeOfBest($0.samples) { $0 >= $1 } },
        "ts_of_min_over_time": { timeOfBest($0.samples) { $0 <= $1 } },
    ]

    private static func extrapolated(
        _ window: WindowArguments, isCounter: Bool, isRate: Bool
    ) -> Double? {
        let samples = window.samples
        guard samples.count >= 2, let first = samples.first, let last = samples.last else {
            return nil
        }
        var change = last.value - first.value
        if isCounter {
            for (before, after) in zip(samples, samples.dropFirst())
            where after.value < before.value {
                change += before.value
            }
        }
        let covered = Double(last.time - first.time) / 1000
        let spacing = covered / Double(samples.count - 1)
        var head = Double(first.time - window.from) / 1000
        var tail = Double(window.through - last.time) / 1000
        // A series that begins or ends far from the edge is taken to do so half a step outside.
        let isLimitedFirst = window.departures.contains(.zeroBeforeThreshold)
        if !isLimitedFirst && head >= spacing * 1.1 { head = spacing / 2 }
        if isCounter, change > 0, first.value >= 0 {
            let sinceZero = covered * (first.value / change)
            if sinceZero < head { head = sinceZero }
        }
        if isLimitedFirst && head >= spacing * 1.1 { head = spacing / 2 }
        if tail >= spacing * 1.1 { tail = spacing / 2 }
        var factor = (covered + head + tail) / covered
        if isRate { factor /= Double(window.through - window.from) / 1000 }
        return change * factor
    }

    private static func lastChange(_ window: WindowArguments, isRate: Bool) -> Double? {
        guard window.samples.count >= 2 else { return nil }
        let (before, after) = (
            window.samples[window.samples.count - 2], window.samples[window.samples.count - 1]
        )
        var change = after.value - before.value
        if isRate && after.value < before.value { change = after.value }
        return isRate ? change / (Double(after.time - before.time) / 1000) : change
    }

    private static func variance(_ window: WindowArguments) -> Double {
        let values = window.values
        var mean = NaiveSum(forgets: !window.departures.contains(.lossAtInfinity))
        var squares = mean
        for (index, value) in values.enumerated() {
            let delta = value - (mean.sum + mean.lost)
            mean.add(delta / Double(index + 1))
            squares.add(delta * (value - (mean.sum + mean.lost)))
        }
        return (squares.sum + squares.lost) / Double(values.count)
    }

    private static func line(
        _ window: WindowArguments, origin: Int64
    ) -> (slope: Double, intercept: Double) {
        let samples = window.samples
        let first = samples[0].value
        if samples.dropFirst().allSatisfy({ $0.value == first }) {
            return first.isInfinite ? (.nan, .nan) : (0, first)
        }
        let zero = NaiveSum(forgets: !window.departures.contains(.lossAtInfinity))
        var (x, y, xy, xx) = (zero, zero, zero, zero)
        for sample in samples {
            let at = Double(sample.time - origin) / 1000
            x.add(at)
            y.add(sample.value)
            xy.add(at * sample.value)
            xx.add(at * at)
        }
        let count = Double(samples.count)
        let (sumX, sumY) = (x.sum + x.lost, y.sum + y.lost)
        let slope =
            ((xy.sum + xy.lost) - sumX * sumY / count) / ((xx.sum + xx.lost) - sumX * sumX / count)
        return (slope, sumY / count - slope * sumX / count)
    }

    private static func smooth(
        _ values: [Double], _ level: Double, _ trend: Double
    ) throws -> Double? {
        if level <= 0 || level >= 1 { throw Failure(message: "invalid smoothing factor") }
        if trend <= 0 || trend >= 1 { throw Failure(message: "invalid trend factor") }
        if values.count < 2 { return nil }
        var (before, smoothed, slope) = (0.0, values[0], values[1] - values[0])
        for index in 1..<values.count {
            if index > 1 { slope = trend * (smoothed - before) + (1 - trend) * slope }
            let next = level * values[index] + (1 - level) * (smoothed + slope)
            (before, smoothed) = (smoothed, next)
        }
        return smoothed
    }

    private static func timeOfBest(
        _ samples: [(time: Int64, value: Double)], _ isBetter: (Double, Double) -> Bool
    ) -> Double? {
        var best = samples[0]
        for sample in samples where isBetter(sample.value, best.value) || best.value.isNaN {
            best = sample
        }
        return Double(best.time) / 1000
    }
}
