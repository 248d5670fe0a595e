import Model
import Store

/// Functions of range vectors.
let windowFunctions: [String: FunctionImplementation] = [
    "rate": .kernel(
        .rate, checksCounterName: true, mixed: mixedChange(isCounter: true, isRate: true),
        extended: extendedChange(isCounter: true, isRate: true)),
    "increase": .kernel(
        .increase, checksCounterName: true, mixed: mixedChange(isCounter: true, isRate: false),
        extended: extendedChange(isCounter: true, isRate: false)),
    "delta": .kernel(
        .delta, mixed: mixedChange(isCounter: false, isRate: false),
        extended: extendedChange(isCounter: false, isRate: false)),
    "irate": .kernel(.irate, mixed: mixedInstantChange(isRate: true)),
    "idelta": .kernel(.idelta, mixed: mixedInstantChange(isRate: false)),
    "sum_over_time": .kernel(.sumOverTime, mixed: mixedSum),
    "avg_over_time": .kernel(.avgOverTime, mixed: mixedAverage),
    "min_over_time": .kernel(.minOverTime),
    "max_over_time": .kernel(.maxOverTime),
    "count_over_time": .kernel(.countOverTime, mixed: mixedCount),
    "first_over_time": .kernel(.firstOverTime, keepsName: true, mixed: mixedFirst),
    "last_over_time": .kernel(.lastOverTime, keepsName: true, mixed: mixedLast),
    "present_over_time": .kernel(.presentOverTime, mixed: mixedPresence),
    "changes": .kernel(
        .changes, mixed: mixedChanges, extended: { _ in anchoredChanges }),
    "resets": .kernel(
        .resets, mixed: mixedResets, extended: { _ in anchoredResets }),
    "stddev_over_time": .kernel(.stddevOverTime),
    "stdvar_over_time": .kernel(.stdvarOverTime),
    "quantile_over_time": .window { samples, context in
        let quantile = context.scalars[0]
        if !(0...1).contains(quantile) {
            context.run.annotate(.invalidQuantile(quantile, context.position(0)))
        }
        return context.scratch.with(samples) { Quantile.of(&$0, quantile) }
    },
    "absent_over_time": .custom { call throws(QueryError) in
        AbsentOverTime(
            try call.window(0), labels: AbsentLabels.of(call.call.arguments[0]),
            names: call.names)
    },
]

/// `absent_over_time(range vector)`: one series with 1 where no series has samples.
final class AbsentOverTime: Operator {
    private let input: WindowInput
    private var counts: [Double] = []

    init(_ input: WindowInput, labels: Labels, names: NameRemoval) {
        self.input = input
        super.init()
        self.labels = [labels]
        dropsName = [names.isDelayed]
        values = [SampleValue.stale]
        rebuilt()
    }

    override func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try run.checkTime()
        try input.load(at: time, run)
        _ = try input.reduce(.presentOverTime, at: time, run, into: &counts)
        let isAbsent = counts.allSatisfy { SampleValue.isStale($0) }
        values[0] = isAbsent ? 1 : SampleValue.stale
    }
}
