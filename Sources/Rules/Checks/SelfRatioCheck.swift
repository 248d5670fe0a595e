import Model
import PromQL

extension RuleCheck {
    /// A ratio of two selections of one metric compares different series.
    static let selfRatio = RuleCheck(
        "rule/self-ratio",
        reason: "Division matches series of equal labels: a part of a metric divided by the whole "
            + "of it, without an aggregation, divides every series by itself."
    ) { rule, context in
        var findings: [Finding] = []
        for expr in rule.expressions {
            expr.forEach { node, _ in
                guard case .binary(let binary) = node.kind, let message = binary.selfRatio else {
                    return
                }
                findings.append(
                    Finding(
                        severity: .warning,
                        place: rule.text.place(
                            ofByte: node.range.start,
                            in: context.sources[rule.text.place.file]),
                        path: rule.path("expr"), message: message))
            }
        }
        return findings
    }
}

extension BinaryExpr {
    /// Why every series of the quotient is 1, or there is none; nil where it is a real ratio.
    fileprivate var selfRatio: String? {
        guard op == .divide, let matching, matching.cardinality == .oneToOne,
            !matching.on, matching.labels.isEmpty,
            let part = left.seriesBySeries, let whole = right.seriesBySeries,
            part.shape == whole.shape, part.name.bytesEqual(whole.name)
        else { return nil }
        if part.matchers.contradict(whole.matchers) {
            return "both sides select different series of \(part.name), and series match only "
                + "those of equal labels: the ratio is always empty; aggregate both sides, "
                + "e.g. sum by (…)"
        }
        return "both sides select series of \(part.name), and each series matches only itself: "
            + "the ratio is always 1; aggregate both sides, e.g. sum by (…)"
    }
}

/// A selector, or a function of one, that keeps its labels.
private struct SeriesBySeries {
    var name: String
    var matchers: Set<Matcher>
    /// The functions and the window: the same on both sides, or the ratio means something.
    var shape: [String]
}

extension Expr {
    fileprivate var seriesBySeries: SeriesBySeries? {
        switch unparenthesised.kind {
        case .vectorSelector(let selector): return selector.seriesBySeries(["\(selector.offset)"])
        case .matrixSelector(let matrix):
            return matrix.selector.seriesBySeries(["\(matrix.selector.offset)", "\(matrix.range)"])
        case .call(let call):
            let windows = ["rate", "irate", "increase", "delta", "idelta", "deriv"]
            let isWindow =
                windows.contains(call.function.name)
                || call.function.name.hasSuffix("_over_time")
            guard isWindow, call.arguments.count == 1,
                var inner = call.arguments.first?.seriesBySeries
            else { return nil }
            inner.shape.append(call.function.name)
            return inner
        default: return nil
        }
    }
}

extension VectorSelector {
    fileprivate func seriesBySeries(_ shape: [String]) -> SeriesBySeries? {
        guard at == nil,
            let metric = matchers.first(where: {
                $0.name.bytesEqual(Labels.name) && $0.kind == .equal
            })
        else { return nil }
        let others = matchers.filter { !$0.name.bytesEqual(Labels.name) }
        return SeriesBySeries(name: metric.value, matchers: Set(others), shape: shape)
    }
}

extension Set<Matcher> {
    /// Whether no series can satisfy these and `others`: one wants a value that the other refuses.
    fileprivate func contradict(_ others: Set<Matcher>) -> Bool {
        func refuses(_ a: Set<Matcher>, _ b: Set<Matcher>) -> Bool {
            a.contains { wanted in
                wanted.kind == .equal
                    && b.contains {
                        $0.name.bytesEqual(wanted.name) && !$0.matches(wanted.value)
                    }
            }
        }
        return refuses(self, others) || refuses(others, self)
    }
}
