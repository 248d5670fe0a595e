import Model

extension ActiveAlert {
    /// The series of `ALERTS` and of `ALERTS_FOR_STATE` that say something of it.
    func series(name: String) -> (state: Labels, since: Labels) {
        let base = labels.setting(Rules.alertNameLabel, name)
        let state = base.merging(
            Labels([Rules.alertStateLabel: state.rawValue, Labels.name: Rules.alertsMetric]))
        return (state, base.setting(Labels.name, Rules.alertsForStateMetric))
    }

    /// What `ALERTS_FOR_STATE` says of it.
    var sinceSeconds: Double { activeAt.milliseconds.seconds }
}

extension Int64 {
    /// Milliseconds as whole seconds, rounded down.
    fileprivate var seconds: Double { Double(self / 1000 - (self % 1000 < 0 ? 1 : 0)) }
}
