import Model

/// Series selectors and what modifies them.
extension ParserState {
    /// `name`, `name{…}` or `{…}`.
    mutating func vectorSelector() throws(Stop) -> Expr {
        if token.kind == .leftBrace { return try vectorSelector(named: nil) }
        guard token.isMetricName else { throw unexpected() }
        return try vectorSelector(named: take())
    }

    /// The rest of a selector behind its name.
    mutating func vectorSelector(named name: Token?) throws(Stop) -> Expr {
        let start = name?.start ?? token.start
        var matchers: [Matcher] = []
        if token.kind == .leftBrace { matchers = try labelMatchers() }
        if let name { matchers.append(.equal(Labels.name, name.text)) }
        return try node(
            .vectorSelector(VectorSelector(name: name?.text ?? "", matchers: matchers)),
            PositionRange(start, previousEnd), .vector)
    }

    private mutating func labelMatchers() throws(Stop) -> [Matcher] {
        let context = "label matching"
        _ = try expect(.leftBrace)
        var matchers: [Matcher] = []
        while take(.rightBrace) == nil {
            if let matcher = try labelMatcher(context) { matchers.append(matcher) }
            if take(.rightBrace) != nil { break }
            if take(.comma) == nil { throw unexpected(context, expected: "\",\" or \"}\"") }
        }
        return matchers
    }

    /// `name="value"`, `"na.me"=~"value"`, or `"metric.name"`. Nil where the expression is wrong,
    /// which is reported.
    private mutating func labelMatcher(_ context: String) throws(Stop) -> Matcher? {
        let label = token
        switch label.kind {
        case .identifier, .string: take()
        default: throw unexpected(context, expected: "identifier or \"}\"")
        }
        let name = label.kind == .string ? unquoted(label.text) : label.text
        let kind: Matcher.Kind
        switch token.kind {
        case .equal: kind = .equal
        case .op(.notEqual): kind = .notEqual
        case .matches: kind = .matches
        case .notMatches: kind = .notMatches
        default:
            if label.kind == .string { return .equal(Labels.name, name) }
            throw unexpected(context, expected: "label matching operator")
        }
        take()
        guard let value = take(.string) else { throw unexpected(context, expected: "string") }
        let matcher: Matcher
        do throws(LinearRegex.CompileError) {
            matcher = try Matcher(kind, name, unquoted(value.text))
        } catch {
            report(
                "error parsing regexp: \(error.description)",
                at: PositionRange(label.start, value.end))
            return nil
        }
        try count(matcher, at: PositionRange(label.start, value.end))
        return matcher
    }

    /// `[5m]` or `[1h:5m]` behind an expression.
    mutating func brackets(_ expr: Expr) throws(Stop) -> Expr {
        let open = take()
        let outer = context
        defer { context = outer }
        context = "subquery or range selector, expected number, duration, step(), or range()"
        let range = try positiveDuration()
        if let close = take(.rightBracket) {
            return try matrixSelector(
                expr, range, brackets: PositionRange(open.start, close.end))
        }
        guard take(.colon) != nil else {
            throw unexpected("subquery or range", expected: "\":\" or \"]\"")
        }
        var step: DurationExpr?
        if token.kind != .rightBracket {
            context = "subquery selector, expected number, duration, step(), range(), or \"]\""
            step = try positiveDuration()
        }
        guard let close = take(.rightBracket) else {
            throw unexpected("subquery selector", expected: "\"]\"")
        }
        let subquery = SubqueryExpr(
            expr: expr, range: range, step: step, offset: .milliseconds(0), at: nil)
        return try node(
            .subquery(subquery), PositionRange(expr.range.start, close.end), .matrix,
            over: expr.height)
    }

    private mutating func matrixSelector(
        _ expr: Expr, _ range: DurationExpr, brackets: PositionRange
    ) throws(Stop) -> Expr {
        let whole = PositionRange(expr.range.start, brackets.end)
        guard case .vectorSelector(let selector) = expr.kind else {
            report("ranges only allowed for vector selectors", at: brackets)
            return try node(
                .matrixSelector(
                    MatrixSelector(selector: VectorSelector(name: "", matchers: []), range: range)),
                whole, .matrix, over: expr.height)
        }
        if selector.offset != .milliseconds(0) {
            report("no offset modifiers allowed before range", at: brackets)
        } else if selector.at != nil {
            report("no @ modifiers allowed before range", at: brackets)
        }
        return try node(
            .matrixSelector(MatrixSelector(selector: selector, range: range)), whole, .matrix,
            over: expr.height)
    }

    /// `offset 5m` behind an expression.
    mutating func offsetModifier(_ expr: Expr) throws(Stop) -> Expr {
        take()
        let offset = try offsetDuration()
        guard var modifiers = Modifiers(expr) else {
            report(
                "offset modifier must be preceded by an instant vector selector or range vector "
                    + "selector or a subquery", at: expr.range)
            return expr
        }
        if modifiers.offset != .milliseconds(0) {
            report("offset may not be set multiple times", at: expr.range)
        }
        modifiers.offset = offset
        return modifiers.applied(to: expr, end: previousEnd)
    }

    /// `@ 1609746000`, `@ start()` or `@ end()` behind an expression.
    mutating func atModifier(_ expr: Expr) throws(Stop) -> Expr {
        take()
        let at = try atTime(expr)
        guard var modifiers = Modifiers(expr) else {
            report(
                "@ modifier must be preceded by an instant vector selector or range vector "
                    + "selector or a subquery", at: expr.range)
            return expr
        }
        if modifiers.at != nil {
            report("@ <timestamp> may not be set multiple times", at: expr.range)
            return expr
        }
        modifiers.at = at
        return modifiers.applied(to: expr, end: previousEnd)
    }

    private mutating func atTime(_ expr: Expr) throws(Stop) -> AtModifier {
        switch token.kind {
        case .preprocessor(.start), .preprocessor(.end):
            let isStart = take().kind == .preprocessor(.start)
            guard take(.leftParen) != nil, take(.rightParen) != nil else {
                throw unexpected("@", expected: "timestamp")
            }
            return isStart ? .start : .end
        default: break
        }
        var negative = false
        if case .op(let op) = token.kind, op == .add || op == .subtract {
            negative = op == .subtract
            take()
        }
        guard token.kind == .number || token.kind == .duration else {
            throw unexpected("@", expected: "timestamp")
        }
        let value = numberOrDuration(take()).value
        let seconds = negative ? -value : value
        if !seconds.isFinite || abs(seconds) >= 9.223372036854775807e18 {
            report(
                "timestamp out of bounds for @ modifier: \(sixDecimals(seconds))",
                at: expr.range)
        }
        return .timestamp(Timestamp(seconds: seconds))
    }

    /// `anchored` or `smoothed` behind an expression.
    mutating func extendedModifier(_ expr: Expr) throws(Stop) -> Expr {
        let isAnchored = take().kind == .keyword(.anchored)
        let word = isAnchored ? "anchored" : "smoothed"
        if !options.extendedRangeSelectors {
            report("\(word) modifier is experimental and not enabled", at: expr.range)
            return expr
        }
        if case .subquery = expr.kind {
            report("\(word) modifier is not supported for subqueries", at: expr.range)
            return expr
        }
        guard var modifiers = Modifiers(expr) else {
            report("\(word) modifier not implemented", at: expr.range)
            return expr
        }
        if isAnchored { modifiers.anchored = true } else { modifiers.smoothed = true }
        if modifiers.anchored, modifiers.smoothed {
            report("anchored and smoothed modifiers cannot be used together", at: expr.range)
        }
        return modifiers.applied(to: expr, end: expr.range.end)
    }
}

/// What may be written behind a selector or subquery.
private struct Modifiers {
    var offset: DurationExpr
    var at: AtModifier?
    var anchored = false
    var smoothed = false

    /// Those of an expression that can have some.
    init?(_ expr: Expr) {
        let selector: VectorSelector
        switch expr.kind {
        case .vectorSelector(let found): selector = found
        case .matrixSelector(let matrix): selector = matrix.selector
        case .subquery(let subquery):
            offset = subquery.offset
            at = subquery.at
            return
        default: return nil
        }
        offset = selector.offset
        at = selector.at
        anchored = selector.anchored
        smoothed = selector.smoothed
    }

    func applied(to expr: Expr, end: Int) -> Expr {
        func applied(_ selector: VectorSelector) -> VectorSelector {
            var selector = selector
            selector.offset = offset
            selector.at = at
            selector.anchored = anchored
            selector.smoothed = smoothed
            return selector
        }
        let kind: Expr.Kind
        switch expr.kind {
        case .vectorSelector(let selector): kind = .vectorSelector(applied(selector))
        case .matrixSelector(var matrix):
            matrix.selector = applied(matrix.selector)
            kind = .matrixSelector(matrix)
        case .subquery(var subquery):
            subquery.offset = offset
            subquery.at = at
            kind = .subquery(subquery)
        default: return expr
        }
        return Expr(
            kind, range: PositionRange(expr.range.start, end), type: expr.type,
            height: expr.height)
    }
}
