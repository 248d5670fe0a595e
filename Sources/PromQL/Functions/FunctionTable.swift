import Model
import Store

// To add a function:
//
// 1. Find its family's file in this folder (`MathFunctions`, `WindowFunctions`, `LabelFunctions`,
//    `TimeFunctions`, `VectorFunctions`, `HistogramFunctions`, `SortFunctions`), or make a new one
//    and add its table to `FunctionTable.all`. The signature is in `Syntax/FunctionSignatures.swift`.
// 2. Add a line to the family's table, from the name to one of
//      .elementwise { value, context in … }   a number per present series; loses the name.
//                                             `context.scalars` are the scalar arguments, evaluated.
//      .window { samples, context in … }      a number per series of a range vector, from its
//                                             samples; `keepsName: true` for the few that do.
//                                             Windows with native histograms come without them, and
//                                             the user is told; nothing comes of histograms only.
//      .mixedWindow { samples, context in … } the same for functions that make something of native
//                                             histograms: `samples.histogram(at:)`; returns a
//                                             `WindowResult`.
//      .kernel(.rate, mixed: { … })           the same, where the store has a kernel for windows of
//                                             numbers; `mixed` (as above) evaluates the others, and
//                                             `extended` anchored and smoothed ones.
//      .scalar { time, arguments, run in … }  a scalar from scalars.
//      .labels { arguments in { labels in … } }  other labels, same values; bound once, never stepped.
//      .custom { call in … }                  anything else: returns an `Operator` of its own. Derive
//                                             it from `Relabelling` where its output series are its
//                                             input's; bind label sets there, step numbers only.
// 3. "No result for this series" is `SampleValue.stale`; a wrong argument is a thrown `QueryError`;
//    remarks go to `context.run.annotate(…)` with the argument's place, `context.position(0)`.
//
// A function that is parsed and has no line here is refused when a query is planned.

/// How a call of a function becomes a node of a plan.
struct FunctionImplementation: Sendable {
    let plan: @Sendable (FunctionCall) throws(QueryError) -> Operator
}

/// Every function that the engine knows.
enum FunctionTable {
    static let all: [String: FunctionImplementation] = {
        var all: [String: FunctionImplementation] = [:]
        let families = [
            mathFunctions, windowFunctions, labelFunctions, timeFunctions, vectorFunctions,
            histogramFunctions, sortFunctions, transcendentalFunctions, calendarFunctions,
            regressionFunctions, statisticFunctions, labelSortFunctions, queryFunctions,
            nativeHistogramFunctions, infoFunctions,
        ]
        for family in families { all.merge(family) { first, _ in first } }
        return all
    }()
}

/// A call that is being planned.
struct FunctionCall {
    let expr: Expr
    let call: CallExpr
    let planner: Planner

    /// What becomes of names.
    var names: NameRemoval { planner.names }

    /// The node of an argument that is a vector or scalar.
    func argument(_ index: Int) throws(QueryError) -> Operator {
        guard call.arguments.indices.contains(index) else {
            throw .execution("\(call.function.name): argument \(index + 1) is missing")
        }
        return try planner.plan(call.arguments[index])
    }

    /// The windows of an argument that is a range vector.
    func window(_ index: Int) throws(QueryError) -> WindowInput {
        guard call.arguments.indices.contains(index) else {
            throw .execution("\(call.function.name): argument \(index + 1) is missing")
        }
        let windows = try planner.planWindow(call.arguments[index])
        if let extended = windows as? ExtendedWindows,
            !extended.reach.functions.contains(call.function.name)
        {
            throw .execution(
                "\(extended.reach.rawValue) modifier can only be used with: "
                    + extended.reach.functions.joined(separator: ", ")
                    + " - not with \(call.function.name)")
        }
        return windows
    }

    /// An argument that is a string.
    func string(_ index: Int) throws(QueryError) -> String {
        guard call.arguments.indices.contains(index),
            case .string(let text) = call.arguments[index].unwrapped.kind
        else { throw .execution("\(call.function.name): argument \(index + 1) is no string") }
        return text
    }

    /// The nodes of all arguments that are scalars.
    func scalars() throws(QueryError) -> [Operator] {
        var nodes: [Operator] = []
        for argument in call.arguments where argument.type == .scalar {
            nodes.append(try planner.plan(argument))
        }
        return nodes
    }

    /// The index of the first argument of a type.
    func first(_ type: ValueType) throws(QueryError) -> Int {
        guard let index = call.arguments.firstIndex(where: { $0.type == type }) else {
            throw .execution("\(call.function.name): an argument is missing")
        }
        return index
    }
}

extension FunctionImplementation {
    /// A number per present series.
    static func elementwise(
        _ body: @escaping @Sendable (Double, FunctionContext) throws(QueryError) -> Double
    ) -> FunctionImplementation {
        FunctionImplementation { call throws(QueryError) in
            ElementwiseFunction(
                try call.argument(try call.first(.vector)), scalars: try call.scalars(),
                call: call.call, names: call.names, body)
        }
    }

    /// A number per series of a range vector.
    static func window(
        keepsName: Bool = false,
        _ body:
            @escaping @Sendable (borrowing WindowSamples, FunctionContext)
            throws(QueryError) -> Double
    ) -> FunctionImplementation {
        FunctionImplementation { call throws(QueryError) in
            WindowCall(
                try call.window(try call.first(.matrix)), scalars: try call.scalars(),
                call: call.call, body: .samples(body), names: keepsName ? nil : call.names,
                checksCounterName: nil)
        }
    }

    /// A number or a histogram per series of a range vector.
    static func mixedWindow(
        keepsName: Bool = false, _ body: @escaping MixedWindowFunction
    ) -> FunctionImplementation {
        FunctionImplementation { call throws(QueryError) in
            WindowCall(
                try call.window(try call.first(.matrix)), scalars: try call.scalars(),
                call: call.call, body: .mixed(body), names: keepsName ? nil : call.names,
                checksCounterName: nil)
        }
    }

    /// One of the store's kernels; `mixed` for windows with histograms, which otherwise are left out, and
    /// `extended` for anchored and smoothed ones.
    static func kernel(
        _ kernel: WindowKernel, keepsName: Bool = false, checksCounterName: Bool = false,
        mixed: MixedWindowFunction? = nil,
        extended: (@Sendable (RangeExtension) -> MixedWindowFunction)? = nil
    ) -> FunctionImplementation {
        FunctionImplementation { call throws(QueryError) in
            let index = try call.first(.matrix)
            let window = try call.window(index)
            var body = WindowBody.kernel(kernel, mixed: mixed)
            if let windows = window as? ExtendedWindows, let extended {
                body = .mixed(extended(windows.reach))
            }
            return WindowCall(
                window, scalars: [], call: call.call, body: body,
                names: keepsName ? nil : call.names,
                checksCounterName: checksCounterName ? call.call.arguments[index].range : nil)
        }
    }

    /// A scalar from scalars and the evaluation time in milliseconds.
    static func scalar(
        _ body: @escaping @Sendable (Int64, [Double], Run) -> Double
    ) -> FunctionImplementation {
        FunctionImplementation { call throws(QueryError) in
            ScalarFunction(try call.scalars(), body)
        }
    }

    /// Other labels, same values: `body` gets the call and returns what to do with a label set.
    static func labels(
        _ body: @escaping @Sendable (FunctionCall) throws(QueryError) -> LabelChange
    ) -> FunctionImplementation {
        FunctionImplementation { call throws(QueryError) in
            LabelFunction(try call.argument(try call.first(.vector)), try body(call))
        }
    }

    /// Anything else.
    static func custom(
        _ body: @escaping @Sendable (FunctionCall) throws(QueryError) -> Operator
    ) -> FunctionImplementation {
        FunctionImplementation(plan: body)
    }
}

/// `f(v, scalars…)` that maps numbers to numbers and loses the name.
final class ElementwiseFunction: Relabelling {
    private let scalars: [Operator]
    private let call: CallExpr
    private let names: NameRemoval
    private let body: (Double, FunctionContext) throws(QueryError) -> Double

    init(
        _ input: Operator, scalars: [Operator], call: CallExpr, names: NameRemoval,
        _ body: @escaping (Double, FunctionContext) throws(QueryError) -> Double
    ) {
        self.scalars = scalars
        self.call = call
        self.names = names
        self.body = body
        super.init(input)
    }

    override func output(_ labels: Labels, dropsName: Bool) -> (Labels, Bool) {
        names.removing(labels)
    }

    override func activeTimes(_ run: Run) -> ActiveTimes {
        scalars.allSatisfy(\.isConstant) ? input.activeTimes(run) : .always
    }

    override func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
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
typealias LabelChange = (Labels) -> (labels: Labels, setsName: Bool)

/// `f(v, …)` that changes labels only. Setting the name ends its removal.
final class LabelFunction: Relabelling {
    private let change: LabelChange

    init(_ input: Operator, _ change: @escaping LabelChange) {
        self.change = change
        super.init(input)
    }

    override func output(_ labels: Labels, dropsName: Bool) -> (Labels, Bool) {
        let changed = change(labels)
        return (changed.labels, dropsName && !changed.setsName)
    }

    override func activeTimes(_ run: Run) -> ActiveTimes { input.activeTimes(run) }

    override func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try stepInput(at: time, run)
        try fillUnchanged()
    }
}
