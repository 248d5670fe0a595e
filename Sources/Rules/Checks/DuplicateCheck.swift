import Configuration
import Model

extension RuleCheck {
    /// No rule of a group makes what another one makes.
    static let duplicate = RuleCheck(
        "rule/duplicate",
        reason: "Two rules of one group with one name and the same labels: nobody can tell apart "
            + "what they make."
    ) { rule, _ in
        guard let group = rule.group, let configuration = rule.rule else { return [] }
        let first = group.rules.first { other in
            other.kind == configuration.kind && other.labels == configuration.labels
        }
        guard let first, first.place != configuration.place else { return [] }
        return [
            Finding(
                severity: .advice, place: configuration.place, path: rule.path("labels"),
                message: "has the name and the labels of the rule at line \(first.place.line)")
        ]
    }
}
