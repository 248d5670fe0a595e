import PromQL

extension RuleCheck {
    /// An expression gives samples.
    static let resultType = RuleCheck(
        "rule/result-type",
        reason: "A rule evaluates to series: a window or a text fails every time."
    ) { rule, context in
        guard rule.rule != nil, let expr = rule.expr, expr.type == .matrix || expr.type == .string
        else { return [] }
        return [
            Finding(
                severity: .warning,
                place: rule.text.place(ofByte: 0, in: context.sources[rule.text.place.file]),
                path: rule.path("expr"),
                message: "is a \(expr.type.rawValue), and every evaluation fails: expected an "
                    + "instant vector or a scalar")
        ]
    }
}
