extension RuleCheck {
    /// Labels and annotations are templates.
    static let template = RuleCheck(
        "rule/template",
        reason: "A template that does not parse shows its error instead of its text."
    ) { rule, _ in
        rule.templates.compactMap { path, text in
            RuleTemplate.check(text.value, name: rule.rule?.name ?? "").map {
                Finding(severity: .error, place: text.place, path: path, message: "\($0)")
            }
        }
    }

    /// Templates expand, tried out with an alert without labels.
    static let templateTrial = RuleCheck(
        "rule/template-trial",
        reason: "If a template fails, the notification shows its error."
    ) { rule, _ in
        rule.templates.compactMap { path, text in
            guard let template = try? RuleTemplate(text.value, name: rule.rule?.name ?? ""),
                let error = template.trialExpansion()
            else { return nil }
            return Finding(severity: .advice, place: text.place, path: path, message: "\(error)")
        }
    }
}
