import Model
import PromQL

extension RuleCheck {
    /// Templates use labels that the expression's result has.
    static let removedLabel = RuleCheck(
        "rule/removed-label",
        reason: "A label that the expression's aggregation removes is always empty in the text."
    ) { rule, _ in
        guard let shape = rule.expr?.labelShape else { return [] }
        return rule.templates.flatMap { path, text in
            let template = try? RuleTemplate(text.value, name: rule.rule?.name ?? "")
            return (template?.labelsRead ?? []).filter { !shape.mayHave($0) }.map { name in
                Finding(
                    severity: .warning, place: text.place, path: path,
                    message: "uses $labels.\(name), which the expression removes; "
                        + "keep it with by (\(name))")
            }
        }
    }
}

/// Which labels a result can have.
enum LabelShape {
    case only(Set<String>)
    case except(Set<String>)

    func mayHave(_ name: String) -> Bool {
        switch self {
        case .only(let names): names.contains(name)
        case .except(let names): !names.contains(name)
        }
    }
}

extension Expr {
    /// Which labels its series can have; nil where that is not plain to see.
    var labelShape: LabelShape? {
        switch unparenthesised.kind {
        case .unary(_, let inner): return inner.labelShape
        case .aggregate(let aggregate): return aggregate.labelShape
        case .binary(let binary): return binary.labelShape
        case .call(let call):
            switch call.function.name {
            case "vector": return .only([])
            case "histogram_quantile": return call.arguments.last?.labelShape
            case "abs", "ceil", "floor", "round", "clamp", "clamp_min", "clamp_max", "sgn", "sqrt",
                "exp", "ln", "log2", "log10", "sort", "sort_desc":
                return call.arguments.first?.labelShape
            default: return nil
            }
        default: return nil
        }
    }
}

extension AggregateExpr {
    fileprivate var labelShape: LabelShape? {
        switch op {
        case .topk, .bottomk, .limitk, .limitRatio: return expr.labelShape
        case .countValues: return nil
        default:
            if without { return .except(Set(grouping)) }
            return .only(Set(grouping))
        }
    }
}

extension BinaryExpr {
    fileprivate var labelShape: LabelShape? {
        guard let matching else {
            return left.type == .scalar ? right.labelShape : left.labelShape
        }
        if op == .and || op == .unless || (op.isComparison && !returnsBool && isPlain(matching)) {
            return left.labelShape
        }
        if op == .or || !isPlain(matching) { return nil }
        return matching.on ? .only(Set(matching.labels)) : left.labelShape
    }

    private func isPlain(_ matching: VectorMatching) -> Bool {
        matching.cardinality == .oneToOne
    }
}
