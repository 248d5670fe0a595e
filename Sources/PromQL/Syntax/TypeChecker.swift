import Model

/// Checks what the grammar lets through, with Prometheus's texts, in Prometheus's order.
struct TypeChecker {
    let input: [UInt8]
    var errors: [ParseError] = []

    init(input: [UInt8]) { self.input = input }

    private mutating func report(_ message: String, at range: PositionRange) {
        errors.append(ParseError(message, at: range, in: input))
    }

    /// Checks an expression and everything in it. Its height bounds the recursion.
    mutating func check(_ expr: Expr) {
        switch expr.kind {
        case .number, .string, .stepInvariant: break
        case .paren(let inner): check(inner)
        case .unary(_, let inner): checkUnary(expr, inner)
        case .binary(let binary): check(binary, expr.range)
        case .aggregate(let aggregate): check(aggregate)
        case .call(let call): check(call, expr.range)
        case .vectorSelector(let selector): check(selector, expr.range)
        case .matrixSelector(let matrix): check(matrix.selector, expr.range)
        case .subquery(let subquery):
            check(subquery.expr)
            if subquery.expr.type != .vector {
                report(
                    "subquery is only allowed on instant vector, got "
                        + "\(subquery.expr.type.apiName) instead", at: expr.range)
            }
        }
    }

    private mutating func expect(_ type: ValueType, _ expr: Expr, in context: String) {
        check(expr)
        if expr.type != type {
            report(
                "expected type \(type.rawValue) in \(context), got \(expr.type.rawValue)",
                at: expr.range)
        }
    }

    private mutating func checkUnary(_ expr: Expr, _ inner: Expr) {
        check(inner)
        if inner.type != .scalar && inner.type != .vector {
            report(
                "unary expression only allowed on expressions of type scalar or instant vector, "
                    + "got \(inner.type.rawValue.goQuoted)", at: expr.range)
        }
    }

    private mutating func check(_ aggregate: AggregateExpr) {
        expect(.vector, aggregate.expr, in: "aggregation expression")
        if let parameter = aggregate.parameter {
            expect(
                aggregate.op == .countValues ? .string : .scalar, parameter,
                in: "aggregation parameter")
        }
    }

    private mutating func check(_ binary: BinaryExpr, _ range: PositionRange) {
        check(binary.left)
        check(binary.right)
        let (left, right) = (binary.left.type, binary.right.type)
        if binary.returnsBool, !binary.op.isComparison {
            report(
                "bool modifier can only be used on comparison operators",
                at: operatorRange(binary))
        }
        if binary.op.isComparison, !binary.returnsBool, left == .scalar, right == .scalar {
            report(
                "comparisons between scalars must use BOOL modifier", at: operatorRange(binary))
        }
        let matching = binary.matching ?? VectorMatching()
        if matching.on {
            for label in matching.labels where matching.include.contains(where: label.bytesEqual) {
                report(
                    "label \(label.goQuoted) must not occur in ON and GROUP clause at once",
                    at: operatorRange(binary))
            }
        }
        for side in [binary.left, binary.right] where side.type != .scalar && side.type != .vector {
            report(
                "binary expression must contain only scalar and instant vector types",
                at: side.range)
        }
        check(matching, of: binary, range)
        if left == .scalar || right == .scalar, binary.op.isSetOperator {
            report(
                "set operator \(binary.op.rawValue.goQuoted) not allowed in binary scalar "
                    + "expression", at: range)
        }
    }

    private mutating func check(
        _ matching: VectorMatching, of binary: BinaryExpr, _ range: PositionRange
    ) {
        let fills = matching.fillLeft != nil || matching.fillRight != nil
        if binary.left.type != .vector || binary.right.type != .vector {
            if !matching.labels.isEmpty {
                report("vector matching only allowed between instant vectors", at: range)
            }
            if fills {
                report(
                    "filling in missing series only allowed between instant vectors", at: range)
            }
        } else if binary.op.isSetOperator {
            if matching.cardinality == .manyToOne || matching.cardinality == .oneToMany {
                report(
                    "no grouping allowed for \(binary.op.rawValue.goQuoted) operation", at: range)
                report("set operations must always be many-to-many", at: range)
            }
            if fills {
                report("filling in missing series not allowed for set operators", at: range)
            }
        }
    }

    /// From the operator to the right side, without the spaces around.
    private func operatorRange(_ binary: BinaryExpr) -> PositionRange {
        var start = binary.left.range.end
        while start < input.count, input[start].isQuerySpace { start += 1 }
        var end = binary.right.range.start
        while end > start, input[end - 1].isQuerySpace { end -= 1 }
        return PositionRange(start, end)
    }

    private mutating func check(_ call: CallExpr, _ range: PositionRange) {
        checkCount(call, range)
        let name = call.function.name
        let selectsInfo = call.function.traits.contains(.selectsInfo)
        if selectsInfo, call.arguments.count > 1 {
            checkInfoSelector(call.arguments[1], range)
        }
        let types = call.function.argumentTypes
        for (index, argument) in call.arguments.enumerated() {
            if index >= types.count, call.function.variadic == 0 { break }
            guard let type = index < types.count ? types[index] : types.last else { break }
            if selectsInfo, index == 1, case .vectorSelector(let selector) = argument.kind {
                // The label selector of `info` may match everything.
                checkName(selector, argument.range)
            } else {
                check(argument)
            }
            if argument.type != type {
                report(
                    "expected type \(type.rawValue) in call to function \(name.goQuoted), got "
                        + argument.type.rawValue, at: argument.range)
            }
        }
    }

    private mutating func checkCount(_ call: CallExpr, _ range: PositionRange) {
        let name = call.function.name.goQuoted
        let count = call.arguments.count
        let types = call.function.argumentTypes.count
        let variadic = call.function.variadic
        if variadic == 0 {
            if count != types {
                report("expected \(types) argument(s) in call to \(name), got \(count)", at: range)
            }
        } else if count < types - 1 {
            report(
                "expected at least \(types - 1) argument(s) in call to \(name), got \(count)",
                at: range)
        } else if variadic > 0, count > types - 1 + variadic {
            report(
                "expected at most \(types - 1 + variadic) argument(s) in call to \(name), got "
                    + "\(count)", at: range)
        }
    }

    private mutating func checkInfoSelector(_ argument: Expr, _ range: PositionRange) {
        if argument.type != .vector {
            report(
                "expected type instant vector in call to function \"info\", got "
                    + argument.type.rawValue, at: range)
        }
        guard case .vectorSelector(let selector) = argument.kind else {
            report("expected label selectors only", at: argument.range)
            return
        }
        if !selector.name.isEmpty {
            report(
                "expected label selectors only, got vector selector instead", at: argument.range)
        }
    }

    private mutating func check(_ selector: VectorSelector, _ range: PositionRange) {
        checkName(selector, range)
        if selector.name.isEmpty, selector.matchers.allSatisfy({ $0.matches("") }) {
            report("vector selector must contain at least one non-empty matcher", at: range)
        }
    }

    private mutating func checkName(_ selector: VectorSelector, _ range: PositionRange) {
        guard !selector.name.isEmpty else { return }
        for matcher in selector.matchers.dropLast() where matcher.name == Labels.name {
            report(
                "metric name must not be set twice: \(selector.name.goQuoted) or "
                    + matcher.value.goQuoted, at: range)
        }
    }
}
