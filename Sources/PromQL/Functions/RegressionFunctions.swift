import Model
import Store

/// Lines through the samples of a window, and smoothing.
let regressionFunctions: [Function] = [
    Function(
        "deriv", [.matrix],
        .window { samples, _ in
            if samples.count < 2 { return SampleValue.stale }
            // Measured from a time near the samples, which keeps the squares small.
            return LinearRegression(samples, interceptAt: samples.timestamps[0]).slope
        }),
    Function(
        "predict_linear", [.matrix, .scalar], traits: .dependsOnTime,
        .window { samples, context in
            if samples.count < 2 { return SampleValue.stale }
            let line = LinearRegression(samples, interceptAt: context.time)
            return line.slope * context.scalars[0] + line.intercept
        }),
    Function(
        "double_exponential_smoothing", [.matrix, .scalar, .scalar], isExperimental: true,
        .window { samples, context throws(QueryError) in
            try smooth(samples, level: context.scalars[0], trend: context.scalars[1])
        }),
]

/// The line of least squares.
struct LinearRegression {
    var slope: Double
    var intercept: Double

    /// Through the samples, with x in seconds from `origin`; compensated sums, in Prometheus's order.
    init(_ samples: borrowing WindowSamples, interceptAt origin: Int64) {
        let first = samples.values[0]
        var isConstant = true
        var sumX = CompensatedSum()
        var sumY = CompensatedSum()
        var sumXY = CompensatedSum()
        var sumXX = CompensatedSum()
        for index in 0..<samples.count {
            let y = samples.values[index]
            if index > 0, y != first { isConstant = false }
            let x = Double(samples.timestamps[index].addingSaturating(0 &- origin)) / 1e3
            sumX.add(x)
            sumY.add(y)
            sumXY.add(x * y)
            sumXX.add(x * x)
        }
        if isConstant {
            slope = first.isInfinite ? SampleValue.nan : 0
            intercept = first.isInfinite ? SampleValue.nan : first
            return
        }
        let n = Double(samples.count)
        let x = sumX.value + sumX.compensation
        let y = sumY.value + sumY.compensation
        let covariance = sumXY.value + sumXY.compensation - x * y / n
        let variance = sumXX.value + sumXX.compensation - x * x / n
        slope = covariance / variance
        intercept = y / n - slope * x / n
    }
}

/// Holt's double exponential smoothing: the last smoothed value.
private func smooth(
    _ samples: borrowing WindowSamples, level: Double, trend: Double
) throws(QueryError) -> Double {
    if level <= 0 || level >= 1 {
        throw .execution(
            "invalid smoothing factor. Expected: 0 < sf < 1, got: \(sixDecimals(level))")
    }
    if trend <= 0 || trend >= 1 {
        throw .execution("invalid trend factor. Expected: 0 < tf < 1, got: \(sixDecimals(trend))")
    }
    if samples.count < 2 { return SampleValue.stale }
    var previous = 0.0
    var smoothed = samples.values[0]
    var slope = samples.values[1] - samples.values[0]
    for index in 1..<samples.count {
        let raw = level * samples.values[index]
        if index > 1 { slope = trend * (smoothed - previous) + (1 - trend) * slope }
        let carried = (1 - level) * (smoothed + slope)
        previous = smoothed
        smoothed = raw + carried
    }
    return smoothed
}
