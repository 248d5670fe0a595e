extension RuleCheck {
    /// The expression is PromQL.
    static let syntax = RuleCheck(
        "rule/syntax", reason: "A rule whose expression does not parse never evaluates."
    ) { rule, context in
        if let refusal = rule.refusal {
            return [
                Finding(
                    severity: .error, place: rule.text.place, path: rule.path("expr"),
                    message: refusal)
            ]
        }
        return rule.errors.map { error in
            let source = context.sources[rule.text.place.file]
            let hint = error.suggestion.map { "; did you mean \($0)?" } ?? ""
            return Finding(
                severity: .error,
                place: rule.text.place(ofByte: error.range.start, in: source),
                path: rule.path("expr"), message: "\(error.message)\(hint)")
        }
    }
}
