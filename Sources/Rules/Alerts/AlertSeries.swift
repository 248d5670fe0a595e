import Model

extension ActiveAlert {
    /// What `ALERTS` and `ALERTS_FOR_STATE` say of it.
    func samples(name: String) -> [RuleSample] {
        let base = labels.setting(Rules.alertNameLabel, name)
        let state = base.merging(
            Labels([Rules.alertStateLabel: state.rawValue, Labels.name: Rules.alertsMetric]))
        let since = base.setting(Labels.name, Rules.alertsForStateMetric)
        return [
            RuleSample(labels: state, value: 1),
            RuleSample(labels: since, value: activeAt.milliseconds.seconds),
        ]
    }
}

extension Int64 {
    /// Milliseconds as whole seconds, rounded down.
    fileprivate var seconds: Double { Double(self / 1000 - (self % 1000 < 0 ? 1 : 0)) }
}
