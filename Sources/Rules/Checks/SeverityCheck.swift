extension RuleCheck {
    /// Alerts say how bad they are.
    static let severity = RuleCheck(
        "rule/severity", reason: "Routes usually send alerts by their label severity."
    ) { rule, _ in
        guard let group = rule.group, let configuration = rule.rule,
            case .alerting = configuration.kind,
            !configuration.ownLabels(in: group).contains(where: {
                $0.name.bytesEqual("severity") && !$0.value.isEmpty
            })
        else { return [] }
        return [
            Finding(
                severity: .advice, place: configuration.place, path: rule.path("labels"),
                message: "has no label severity, by which routes usually send alerts")
        ]
    }
}
