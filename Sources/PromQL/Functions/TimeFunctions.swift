import Model

/// The evaluation time and the times of samples.
let timeFunctions: [String: FunctionImplementation] = [
    "time": .scalar { time, _, _ in Double(time) / 1000 },
    "timestamp": .custom { call throws(QueryError) in
        var input = try call.argument(0)
        if let fixed = input as? StepInvariant { input = fixed.input }
        return SampleTimestamp(
            input, selector: input as? InstantSelector, names: call.names)
    },
    "start_timestamp": .custom { call throws(QueryError) in
        var input = try call.argument(0)
        if let fixed = input as? StepInvariant { input = fixed.input }
        let selector = input as? InstantSelector
        selector?.wantsStartTimes = true
        return SampleStartTime(input, selector: selector, names: call.names)
    },
]

/// `start_timestamp(v)`: since when each sample counts, 0 where that is not known. Only a selector's
/// samples have a start; nothing comes of any other vector.
final class SampleStartTime: Relabelling {
    private let selector: InstantSelector?
    private let names: NameRemoval

    init(_ input: Operator, selector: InstantSelector?, names: NameRemoval) {
        self.selector = selector
        self.names = names
        super.init(input)
    }

    override func output(_ labels: Labels, dropsName: Bool) -> (Labels, Bool) {
        names.removing(labels)
    }

    override func activeTimes(_ run: Run) -> ActiveTimes { input.activeTimes(run) }

    override func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try stepInput(at: time, run)
        clear()
        guard let selector else { return }
        let starts = selector.sides.startTimes
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
final class SampleTimestamp: Relabelling {
    private let selector: InstantSelector?
    private let names: NameRemoval

    init(_ input: Operator, selector: InstantSelector?, names: NameRemoval) {
        self.selector = selector
        self.names = names
        super.init(input)
    }

    override func output(_ labels: Labels, dropsName: Bool) -> (Labels, Bool) {
        names.removing(labels)
    }

    override func activeTimes(_ run: Run) -> ActiveTimes { input.activeTimes(run) }

    override func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
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
