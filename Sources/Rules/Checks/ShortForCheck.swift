import Model

extension RuleCheck {
    /// `for` is a whole evaluation at least.
    static let shortFor = RuleCheck(
        "rule/short-for",
        reason: "`for` shorter than the interval means: at the second evaluation."
    ) { rule, context in
        guard let group = rule.group, let configuration = rule.rule else { return [] }
        let interval = group.interval ?? context.interval
        guard configuration.forDuration > .zero, configuration.forDuration < interval else {
            return []
        }
        return [
            Finding(
                severity: .advice, place: configuration.place, path: rule.path("for"),
                message: "\(configuration.forDuration) is shorter than the group's interval "
                    + "\(interval): the alert fires \(interval) after it becomes pending")
        ]
    }
}
