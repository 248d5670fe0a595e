import Model

extension RuleCheck {
    /// No rule of a group makes what another one makes.
    static let duplicate = RuleCheck(
        "rule/duplicate",
        reason:
            "Two rules of one group with one name and the same labels can make the same series or "
            + "alerts, which nobody can tell apart then."
    ) { rule, _ in
        guard let twin = rule.twin, let place = rule.rule?.place else { return [] }
        return [
            Finding(
                severity: .advice, place: place, path: rule.path("labels"),
                message: "has the name and the labels of the rule at line \(twin.line)")
        ]
    }
}
