import Model

/// The evaluation time and the times of samples.
let timeFunctions: [Function] = [
    Function(
        "time", [], returns: .scalar, traits: .dependsOnTime,
        .scalar { time, _, _ in Double(time) / 1000 }),
    Function(
        "timestamp", [.vector], traits: .dependsOnTime,
        .custom { call throws(QueryError) in
            let selector = try call.instantSelector(0)
            return SampleTimestamp(
                try call.argument(0, or: selector), selector: selector, names: call.names)
        }),
    Function(
        "start_timestamp", [.vector], isExperimental: true,
        .custom { call throws(QueryError) in
            let selector = try call.instantSelector(0)
            selector?.wantsStartTimes = true
            return SampleStartTime(
                try call.argument(0, or: selector), selector: selector, names: call.names)
        }),
]

/// `start_timestamp(v)`: since when each sample counts, 0 where that is not known. Only a selector's
/// samples have a start; nothing comes of any other vector.
final class SampleStartTime: Relabelling, Operator {
    private let selector: InstantSelector?
    private let names: NameRemoval

    init(_ input: any Operator, selector: InstantSelector?, names: NameRemoval) {
        self.selector = selector
        self.names = names
        super.init(input)
    }

    override func output(
        _ labels: Labels, dropsName: Bool, _ run: Run
    ) -> (Labels, Bool) {
        names.removing(labels)
    }

    func activeTimes(_ run: Run) -> ActiveTimes { input.activeTimes(run) }

    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try stepInput(at: time, run)
        clear()
        guard let selector else { return }
        let starts = selector.extras.startTimes
        for slot in target.indices where !SampleValue.isStale(input.values[slot]) {
            let out = target[slot]
            if !isIdentity, !SampleValue.isStale(values[out]) { throw .sameLabels }
            let isKnown = run.usesStartTimes && slot < starts.count
            values[out] = isKnown ? Double(starts[slot]) / 1000 : 0
        }
    }
}

/// `timestamp(v)`: when each sample was taken. Only a selector's samples have a time of their own; any
/// other vector's is the evaluation time.
final class SampleTimestamp: Relabelling, Operator {
    private let selector: InstantSelector?
    private let names: NameRemoval

    init(_ input: any Operator, selector: InstantSelector?, names: NameRemoval) {
        self.selector = selector
        self.names = names
        super.init(input)
    }

    override func output(
        _ labels: Labels, dropsName: Bool, _ run: Run
    ) -> (Labels, Bool) {
        names.removing(labels)
    }

    func activeTimes(_ run: Run) -> ActiveTimes { input.activeTimes(run) }

    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try stepInput(at: time, run)
        let times = selector?.timestamps
        clear()
        for slot in target.indices where !SampleValue.isStale(input.values[slot]) {
            let out = target[slot]
            if !isIdentity, !SampleValue.isStale(values[out]) { throw .sameLabels }
            values[out] = Double(times?[slot] ?? time) / 1000
        }
        order = input.order.map { $0.map { target[$0] } }
    }
}
