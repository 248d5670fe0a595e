import Model
import Store

/// Deviations within a window, and when its extremes were.
let statisticFunctions: [Function] = [
    Function(
        "mad_over_time", [.matrix], isExperimental: true,
        .window { samples, context in
            context.scratch.with(samples) { values in
                if values.contains(where: \.isNaN) { return SampleValue.nan }
                let median = Quantile.of(&values, 0.5)
                for index in values.indices { values[index] = (values[index] - median).magnitude }
                return Quantile.of(&values, 0.5)
            }
        }),
    Function(
        "ts_of_first_over_time", [.matrix], isExperimental: true,
        .mixedWindow { samples, _ in
            .number(Double(samples.timestamps[0]) / 1000)
        }),
    Function(
        "ts_of_last_over_time", [.matrix], isExperimental: true,
        .mixedWindow { samples, _ in
            .number(Double(samples.timestamps[samples.count - 1]) / 1000)
        }),
    Function(
        "ts_of_max_over_time", [.matrix], isExperimental: true,
        .window { samples, _ in timeOfExtreme(samples) { $0 >= $1 } }),
    Function(
        "ts_of_min_over_time", [.matrix], isExperimental: true,
        .window { samples, _ in timeOfExtreme(samples) { $0 <= $1 } }),
]

/// When the last of the best values was, in seconds; NaN is worse than anything.
private func timeOfExtreme(
    _ samples: borrowing WindowSamples, _ isAtLeastAsGood: (Double, Double) -> Bool
) -> Double {
    var best = samples.values[0]
    var time = samples.timestamps[0]
    for index in 0..<samples.count {
        let value = samples.values[index]
        if isAtLeastAsGood(value, best) || best.isNaN {
            best = value
            time = samples.timestamps[index]
        }
    }
    return Double(time) / 1000
}
