import Model

/// `f(v, scalars…)` that maps numbers to numbers and loses the name.
final class ElementwiseFunction: Relabelling, Operator {
    private let scalars: [any Operator]
    private let call: CallExpr
    private let names: NameRemoval
    private let body: (Double, FunctionContext) throws(QueryError) -> Double

    init(
        _ input: any Operator, scalars: [any Operator], call: CallExpr, names: NameRemoval,
        _ body: @escaping (Double, FunctionContext) throws(QueryError) -> Double
    ) {
        self.scalars = scalars
        self.call = call
        self.names = names
        self.body = body
        super.init(input)
    }

    override func output(
        _ labels: Labels, dropsName: Bool, _ run: Run
    ) -> (Labels, Bool) {
        names.removing(labels)
    }

    func activeTimes(_ run: Run) -> ActiveTimes {
        scalars.allSatisfy(\.isConstant) ? input.activeTimes(run) : .always
    }

    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try stepInput(at: time, run)
        for scalar in scalars { try scalar.step(at: time, run) }
        let context = FunctionContext(
            time: time, scalars: scalars.map(\.scalar), arguments: call.arguments, run: run,
            labels: .empty)
        try fill { _, value throws(QueryError) in try body(value, context) }
    }
}

/// What a label function does to a series' labels, and whether that sets the name; it is bound once
/// per series.
typealias LabelChange =
    (Labels, Run) throws(QueryError) -> (labels: Labels, setsName: Bool)

/// `f(v, …)` that changes labels only. Setting the name ends its removal.
final class LabelFunction: Relabelling, Operator {
    private let change: LabelChange

    init(_ input: any Operator, _ change: @escaping LabelChange) {
        self.change = change
        super.init(input)
    }

    override func output(
        _ labels: Labels, dropsName: Bool, _ run: Run
    ) throws(QueryError) -> (Labels, Bool) {
        let changed = try change(labels, run)
        return (changed.labels, dropsName && !changed.setsName)
    }

    func activeTimes(_ run: Run) -> ActiveTimes { input.activeTimes(run) }

    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try stepInput(at: time, run)
        try fillUnchanged()
    }
}
