import Model
import Store

/// Functions of range vectors.
let windowFunctions: [Function] = [
    Function(
        "rate", [.matrix],
        .kernel(
            .rate, checksCounterName: true, mixed: mixedChange(isCounter: true, isRate: true),
            extended: extendedChange(isCounter: true, isRate: true))),
    Function(
        "increase", [.matrix],
        .kernel(
            .increase, checksCounterName: true, mixed: mixedChange(isCounter: true, isRate: false),
            extended: extendedChange(isCounter: true, isRate: false))),
    Function(
        "delta", [.matrix],
        .kernel(
            .delta, mixed: mixedChange(isCounter: false, isRate: false),
            extended: extendedChange(isCounter: false, isRate: false))),
    Function("irate", [.matrix], .kernel(.irate, mixed: mixedInstantChange(isRate: true))),
    Function("idelta", [.matrix], .kernel(.idelta, mixed: mixedInstantChange(isRate: false))),
    Function("sum_over_time", [.matrix], .kernel(.sumOverTime, mixed: mixedSum)),
    Function("avg_over_time", [.matrix], .kernel(.avgOverTime, mixed: mixedAverage)),
    Function("min_over_time", [.matrix], .kernel(.minOverTime)),
    Function("max_over_time", [.matrix], .kernel(.maxOverTime)),
    Function("count_over_time", [.matrix], .kernel(.countOverTime, mixed: mixedCount)),
    Function(
        "first_over_time", [.matrix], isExperimental: true,
        .kernel(.firstOverTime, keepsName: true, mixed: mixedFirst)),
    Function(
        "last_over_time", [.matrix], .kernel(.lastOverTime, keepsName: true, mixed: mixedLast)),
    Function("present_over_time", [.matrix], .kernel(.presentOverTime, mixed: mixedPresence)),
    Function(
        "changes", [.matrix],
        .kernel(
            .changes, mixed: mixedChanges, extended: { _ in anchoredChanges })),
    Function(
        "resets", [.matrix],
        .kernel(
            .resets, mixed: mixedResets, extended: { _ in anchoredResets })),
    Function("stddev_over_time", [.matrix], .kernel(.stddevOverTime)),
    Function("stdvar_over_time", [.matrix], .kernel(.stdvarOverTime)),
    Function(
        "quantile_over_time", [.scalar, .matrix],
        .window { samples, context in
            let quantile = context.scalars[0]
            if !(0...1).contains(quantile) {
                context.run.annotate(.invalidQuantile(quantile, context.position(0)))
            }
            return context.scratch.with(samples) { Quantile.of(&$0, quantile) }
        }),
    Function(
        "absent_over_time", [.matrix],
        .custom { call throws(QueryError) in
            AbsentOverTime(
                try call.plainWindows(0), labels: AbsentLabels.of(call.call.arguments[0]),
                names: call.names)
        }),
]

/// `absent_over_time(range vector)`: one series with 1 where no series has samples.
final class AbsentOverTime: OperatorOutput, Operator {
    private let input: any PlainWindows
    private var counts: [Double] = []

    init(_ input: any PlainWindows, labels: Labels, names: NameRemoval) {
        self.input = input
        super.init()
        self.labels = [labels]
        dropsName = [names.isDelayed]
        values = [SampleValue.stale]
        rebuilt()
    }

    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try run.checkTime()
        try input.load(at: time, run)
        _ = try input.reduce(.presentOverTime, at: time, run, into: &counts)
        let isAbsent = counts.allSatisfy { SampleValue.isStale($0) }
        values[0] = isAbsent ? 1 : SampleValue.stale
    }
}
