import Model

extension Expr {
    /// The expressions directly below, in Prometheus's order.
    public var children: [Expr] {
        switch kind {
        case .number, .string, .vectorSelector, .matrixSelector: []
        case .paren(let inner), .unary(_, let inner), .stepInvariant(let inner): [inner]
        case .binary(let binary): [binary.left, binary.right]
        case .aggregate(let aggregate): [aggregate.expr] + (aggregate.parameter.map { [$0] } ?? [])
        case .call(let call): call.arguments
        case .subquery(let subquery): [subquery.expr]
        }
    }

    /// Calls `body` with this expression and everything in it, and with what encloses each,
    /// outermost first.
    public func forEach(_ body: (Expr, _ path: [Expr]) -> Void) {
        DeepStack.run(height: height) {
            var path: [Expr] = []
            walk(&path, body)
        }
    }

    private func walk(_ path: inout [Expr], _ body: (Expr, [Expr]) -> Void) {
        body(self, path)
        path.append(self)
        for child in children { child.walk(&path, body) }
        path.removeLast()
    }

    /// A selector of series as it stands in an expression.
    public struct SelectorUse: Sendable {
        /// The selector.
        public var selector: VectorSelector
        /// Its range, where it has one.
        public var range: DurationExpr?
        /// The node it stands in.
        public var node: Expr
        /// What encloses that node, outermost first.
        public var path: [Expr]

        /// The functions called around it, outermost first.
        public var enclosingFunctions: [String] {
            path.compactMap {
                if case .call(let call) = $0.kind { call.function.name } else { nil }
            }
        }
    }

    /// The first selector of series that is written in the expression, in the order of Prometheus's
    /// walk.
    var firstSelector: SelectorUse? {
        DeepStack.run(height: height) {
            var path: [Expr] = []
            return firstSelector(&path)
        }
    }

    private func firstSelector(_ path: inout [Expr]) -> SelectorUse? {
        switch kind {
        case .vectorSelector(let selector):
            return SelectorUse(selector: selector, range: nil, node: self, path: path)
        case .matrixSelector(let matrix):
            return SelectorUse(
                selector: matrix.selector, range: matrix.range, node: self, path: path)
        default: break
        }
        path.append(self)
        defer { path.removeLast() }
        for child in children {
            if let first = child.firstSelector(&path) { return first }
        }
        return nil
    }

    /// Calls `body` with every selector of series in the expression. `info` reads info series, at the
    /// time of the first selector in its first argument.
    public func forEachSelector(_ body: (SelectorUse) -> Void) {
        forEach { expr, path in
            if path.last?.isInfoCall == true, path.last?.children.first !== expr { return }
            switch expr.kind {
            case .call(let call) where expr.isInfoCall:
                guard let first = call.arguments.first?.firstSelector else { return }
                var selector = InfoSource(call).selector
                selector.offset = first.selector.offset
                selector.at = first.selector.at
                body(
                    SelectorUse(
                        selector: selector, range: nil, node: expr,
                        path: path + [expr] + first.path))
            case .vectorSelector(let selector):
                body(SelectorUse(selector: selector, range: nil, node: expr, path: path))
            case .matrixSelector(let matrix):
                body(
                    SelectorUse(
                        selector: matrix.selector, range: matrix.range, node: expr, path: path))
            default: break
            }
        }
    }

    /// Whether it is a call of `info` with an argument.
    private var isInfoCall: Bool {
        guard case .call(let call) = kind else { return false }
        return call.function.traits.contains(.selectsInfo) && !call.arguments.isEmpty
    }

    /// What a selector reads of its series, relative to the time of evaluation.
    public struct ReadWindow: Sendable, Hashable {
        /// How far back it reads.
        public var back: Milliseconds
        /// How far ahead (negative offsets); zero where it does not.
        public var ahead: Milliseconds
        /// Set where an `@` on it or around it fixes the time: the window is then relative to that
        /// time, or to the query's start or end.
        public var at: AtModifier?
    }

    /// What a selector reads: its range (or the lookback), the ranges of the subqueries around it, and
    /// all offsets. `step` and `range` are the query's; zero for a rule.
    public static func readWindow(
        of use: SelectorUse, lookback: Milliseconds, defaultStep: Milliseconds,
        step: Milliseconds = .zero, range: Milliseconds = .zero
    ) -> ReadWindow {
        func length(_ duration: DurationExpr) -> Int64 {
            (try? duration.evaluated(step: step, range: range))?.value ?? 0
        }
        let selector = use.selector
        // The interval before the evaluation time that is read; `from` and `to` count backwards.
        var from = use.range.map(length) ?? lookback.value
        if selector.anchored || selector.smoothed { from = from.addingSaturating(lookback.value) }
        var to: Int64 = selector.smoothed ? 0 &- lookback.value : 0
        let offset = length(selector.offset)
        from = from.addingSaturating(offset)
        to = to.addingSaturating(offset)
        var at = selector.at
        for enclosing in use.path.reversed() {
            // Below an `@` nothing around moves the window any more.
            guard at == nil, case .subquery(let subquery) = enclosing.kind else { continue }
            let offset = length(subquery.offset)
            let alignment = subquery.step.map(length) ?? defaultStep.value
            from = from.addingSaturating(length(subquery.range)).addingSaturating(offset)
                .addingSaturating(alignment)
            to = to.addingSaturating(offset)
            at = subquery.at
        }
        return ReadWindow(
            back: Milliseconds(max(from, 0)), ahead: Milliseconds(max(0 &- to, 0)), at: at)
    }
}
