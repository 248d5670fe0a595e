import Model
import Store

/// Turns an expression into a tree of operators.
///
/// Recursion follows the expression's height, which the parser bounds (`Parser.Limits.height`).
final class Planner {
    let source: any QuerySource
    let options: EngineOptions
    /// The query's step and range, for durations that are computed from them.
    let step: Milliseconds
    let range: Milliseconds
    /// What becomes of metric names.
    let names: NameRemoval
    /// Whether it is a range query, which has a step.
    var isRangeQuery: Bool { step > .zero }
    /// Every selection of the plan, to be refreshed between runs.
    private(set) var series: [SelectedSeries] = []
    private var invariant: Set<ObjectIdentifier> = []
    private var isInsideInvariant = false
    private var bucketUse = BucketUse()
    private let memory: MemoryReservation
    private let shared: SharedPlan?
    /// Nodes there are stepped at other times than those outside, and may not be the same.
    private var isInsideSubquery = false
    /// The selections below the node that is being planned.
    private var below: [SelectedSeries] = []

    init(
        _ source: any QuerySource, options: EngineOptions, step: Milliseconds,
        range: Milliseconds, memory: MemoryReservation, shared: SharedPlan? = nil
    ) {
        self.memory = memory
        self.shared = shared
        self.source = source
        self.options = options
        self.step = step
        self.range = range
        names = NameRemoval(
            isDelayed: options.delaysNameRemoval, hasTypeLabels: options.hasTypeLabels)
    }

    /// The node of a whole expression of type vector or scalar.
    func planRoot(_ expr: Expr) throws(QueryError) -> any Operator {
        findInvariant(expr)
        let root = try plan(expr)
        return options.delaysNameRemoval && expr.type == .vector ? DelayedNameRemoval(root) : root
    }

    /// The windows of a whole expression of type range vector.
    func planRootWindows(_ expr: Expr) throws(QueryError) -> any SampleWindows {
        findInvariant(expr)
        if let extended = try planExtended(expr) { return BoundedWindows(extended) }
        return try planWindows(expr)
    }

    /// The node of an expression of type vector or scalar, another query's where that has the same.
    func plan(_ expr: Expr) throws(QueryError) -> any Operator {
        guard let shared, !isInsideSubquery, expr.height <= SharedPlan.maximumHeight,
            !expr.isLiteral
        else { return try planOwn(expr) }
        let key = SharedPlan.Key(
            text: expr.unwrapped.description, isInsideInvariant: isInsideInvariant,
            bucketUse: bucketUse)
        if let known = shared.node(key), let memo = known.memo {
            for selected in memo.series { use(selected) }
            return known
        }
        let outer = below
        below = []
        defer { below = outer + below.filter { one in !outer.contains { $0 === one } } }
        let node = try planOwn(expr)
        if node.memo == nil { shared.share(node, as: key, reading: below) }
        return node
    }

    private func planOwn(_ expr: Expr) throws(QueryError) -> any Operator {
        guard !isInsideInvariant, invariant.contains(ObjectIdentifier(expr)), !expr.isLiteral
        else { return try planNode(expr) }
        isInsideInvariant = true
        defer { isInsideInvariant = false }
        return StepInvariant(try planNode(expr))
    }

    private func planNode(_ expr: Expr) throws(QueryError) -> any Operator {
        try memory.take(MemoryCost.node)
        switch expr.kind {
        case .number(let number): return NumberConstant(number.value)
        case .paren(let inner), .stepInvariant(let inner): return try plan(inner)
        case .unary(let op, let inner):
            let input = try plan(inner)
            return op == .plus
                ? input : Negation(input, isScalar: inner.type == .scalar, names: names)
        case .binary(let binary): return try planBinary(expr, binary)
        case .aggregate(let aggregate): return try planAggregate(expr, aggregate)
        case .call(let call):
            guard let function = Function.named(call.function.name) else {
                throw QueryError(
                    .badData, "function \(call.function.name.goQuoted) is not supported yet")
            }
            return try withBuckets {
                $0.enter(call.function.traits)
            } plan: { () throws(QueryError) in
                try function.implementation.plan(
                    FunctionCall(expr: expr, call: call, planner: self))
            }
        case .vectorSelector(let selector):
            if let instant = try planSelector(expr) { return instant }
            return SmoothedSelector(
                select(selector), look: try look(selector.at, selector.offset, expr),
                position: expr.range)
        case .matrixSelector, .subquery, .string:
            throw QueryError(.badData, "unexpected \(expr.type.rawValue)")
        }
    }

    /// Plans what lies below something that uses buckets in its own way.
    private func withBuckets<Result>(
        _ change: (inout BucketUse) -> Void, plan: () throws(QueryError) -> Result
    ) throws(QueryError) -> Result {
        let outer = bucketUse
        defer { bucketUse = outer }
        change(&bucketUse)
        return try plan()
    }

    /// The node of a selector of series, nil for anything else and where values are interpolated.
    func planSelector(_ expr: Expr) throws(QueryError) -> InstantSelector? {
        guard case .vectorSelector(let selector) = expr.kind, !selector.smoothed else {
            return nil
        }
        return InstantSelector(
            select(selector), look: try look(selector.at, selector.offset, expr),
            readsStats: bucketUse.readsStats)
    }

    /// The windows of a range selector that looks beyond them, nil for anything else.
    func planExtended(_ expr: Expr) throws(QueryError) -> ExtendedWindows? {
        let expr = expr.unwrapped
        guard case .matrixSelector(let matrix) = expr.kind, let reach = expr.rangeExtension
        else { return nil }
        return ExtendedWindows(
            select(matrix.selector),
            look: try look(matrix.selector.at, matrix.selector.offset, expr),
            range: try length(matrix.range, expr).value, reach: reach)
    }

    /// The windows of an expression of type range vector, just as they are written.
    func planWindows(_ expr: Expr) throws(QueryError) -> any PlainWindows {
        switch expr.kind {
        case .paren(let inner), .stepInvariant(let inner): return try planWindows(inner)
        case .matrixSelector(let matrix):
            return SelectorWindows(
                select(matrix.selector),
                look: try look(matrix.selector.at, matrix.selector.offset, expr),
                range: try length(matrix.range, expr).value, readsStats: bucketUse.readsStats)
        case .subquery(let subquery):
            var interval = options.defaultStep
            if let step = subquery.step { interval = try length(step, expr) }
            // Resets between the samples that it skips or repeats are told from buckets.
            let wasInside = isInsideSubquery
            isInsideSubquery = true
            defer { isInsideSubquery = wasInside }
            let input = try withBuckets {
                $0.block()
            } plan: { () throws(QueryError) in
                try plan(subquery.expr)
            }
            return SubqueryWindows(
                input, look: try look(subquery.at, subquery.offset, expr),
                range: try length(subquery.range, expr).value, interval: interval.value)
        default:
            throw QueryError(.badData, "expected a range vector, got \(expr.type.rawValue)")
        }
    }

    private func planBinary(_ expr: Expr, _ binary: BinaryExpr) throws(QueryError) -> any Operator {
        let op = binary.op
        let needsBuckets = op == .trimUpper || op == .trimLower
        let (left, right) = try withBuckets {
            if needsBuckets { $0.block() }
        } plan: { () throws(QueryError) in
            (try plan(binary.left), try plan(binary.right))
        }
        switch (binary.left.type, binary.right.type) {
        case (.scalar, .scalar):
            return ScalarFunction([left, right]) { _, sides, _ in
                Arithmetic.scalar(op, sides[0], sides[1])
            }
        case (.vector, .vector):
            let matching = binary.matching ?? VectorMatching()
            if op.isSetOperator { return SetOperation(left, right, op, matching: matching) }
            return VectorJoin(
                left, right, binary, matching: matching, names: names, position: expr.range)
        default:
            let scalarIsLeft = binary.left.type == .scalar
            return VectorScalarOperation(
                op, vector: scalarIsLeft ? right : left, scalar: scalarIsLeft ? left : right,
                scalarIsLeft: scalarIsLeft, returnsBool: binary.returnsBool, names: names,
                position: expr.range)
        }
    }

    private func planAggregate(
        _ expr: Expr, _ aggregate: AggregateExpr
    ) throws(QueryError) -> any Operator {
        let input = try plan(aggregate.expr)
        switch aggregate.op {
        case .countValues:
            guard let literal = aggregate.parameter?.unwrapped,
                case .string(let label) = literal.kind
            else { throw QueryError(.badData, "count_values needs a label name") }
            if !isLabelName(label) { throw .execution("invalid label name \(literal.quoted)") }
            return CountValues(input, label: label, aggregate)
        case .topk, .bottomk, .limitk, .limitRatio:
            guard let parameter = aggregate.parameter else {
                throw QueryError(.badData, "\(aggregate.op.rawValue) needs a parameter")
            }
            return GroupSelection(
                input, parameter: try plan(parameter), aggregate, position: expr.range)
        default:
            var parameter: (any Operator)?
            if let argument = aggregate.parameter { parameter = try plan(argument) }
            return GroupAggregation(input, parameter: parameter, aggregate)
        }
    }

    // MARK: Selectors

    /// The series of a selector.
    func select(_ selector: VectorSelector) -> SelectedSeries {
        let selected =
            shared?.series(selector.matchers) { SelectedSeries(selector.matchers, in: source) }
            ?? SelectedSeries(selector.matchers, in: source)
        use(selected)
        return selected
    }

    private func use(_ selected: SelectedSeries) {
        if !series.contains(where: { $0 === selected }) { series.append(selected) }
        if !below.contains(where: { $0 === selected }) { below.append(selected) }
    }

    private func look(
        _ at: AtModifier?, _ offset: DurationExpr, _ expr: Expr
    ) throws(QueryError) -> LookTime {
        do {
            return LookTime(
                at: at, offset: try offset.evaluated(step: step, range: range).value)
        } catch {
            throw Planner.durationError(error, expr)
        }
    }

    private func length(
        _ duration: DurationExpr, _ expr: Expr
    ) throws(QueryError) -> Milliseconds {
        do {
            return try duration.evaluatedPositive(step: step, range: range)
        } catch {
            throw Planner.durationError(error, expr)
        }
    }

    private static func durationError(
        _ error: DurationExpr.EvaluationError, _ expr: Expr
    ) -> QueryError {
        .execution("\(expr.range.start):\(expr.range.end): \(error.description)")
    }

    // MARK: Step invariance

    /// Finds the expressions that have the same value at every step: everything in them is fixed by
    /// an `@`.
    @discardableResult
    private func findInvariant(_ expr: Expr) -> Bool {
        let isInvariant: Bool
        switch expr.kind {
        case .number, .string: isInvariant = true
        case .vectorSelector(let selector): isInvariant = selector.at != nil
        case .matrixSelector(let matrix): isInvariant = matrix.selector.at != nil
        case .subquery(let subquery):
            findInvariant(subquery.expr)
            isInvariant = subquery.at != nil
        case .call(let call):
            var all = !call.function.traits.contains(.dependsOnTime)
            for argument in call.arguments where !findInvariant(argument) { all = false }
            isInvariant = all
        case .aggregate(let aggregate):
            // As in Prometheus, a parameter that changes over time is taken at the first step.
            if let parameter = aggregate.parameter { findInvariant(parameter) }
            isInvariant = findInvariant(aggregate.expr)
        default:
            var all = true
            for child in expr.children where !findInvariant(child) { all = false }
            isInvariant = all
        }
        if isInvariant { invariant.insert(ObjectIdentifier(expr)) }
        return isInvariant
    }
}

extension Expr {
    /// Without the parentheses around it.
    var unwrapped: Expr {
        var expr = self
        while true {
            switch expr.kind {
            case .paren(let inner), .stepInvariant(let inner): expr = inner
            default: return expr
            }
        }
    }

    /// How a range selector, in parentheses or not, looks beyond its windows.
    var rangeExtension: RangeExtension? {
        guard case .matrixSelector(let matrix) = unwrapped.kind else { return nil }
        return RangeExtension(matrix.selector)
    }

    /// Whether it is a number or a string, in parentheses or not.
    var isLiteral: Bool {
        switch unwrapped.kind {
        case .number, .string: true
        default: false
        }
    }
}
