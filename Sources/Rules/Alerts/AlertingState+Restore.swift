import Model

/// Going on after a restart.
///
/// A restart between two evaluations is nothing: the next evaluation finds the state that the last
/// one left. Where evaluations were missed, the time missed does not count towards `for`, as in
/// Prometheus. Differences: rules whose `for` is shorter than the grace period are restored too, a
/// firing alert stays firing however long the outage was, and an alert whose inputs have not been
/// read since is held.
extension AlertingState {
    /// Takes over alerts that were active when the daemon stopped. `lastEvaluation` is the last
    /// evaluation before it stopped, `now` the start.
    public mutating func restore(
        _ restored: [ActiveAlert], lastEvaluation: Timestamp, now: Timestamp
    ) {
        holdDeadline = now + parameters.maximumHold
        for var alert in restored where alert.state != .inactive {
            alert.restoredFrom = lastEvaluation
            alert.lastSentAt = nil
            alerts[alert.labels] = alert
        }
    }

    /// Takes over one alert that was active when the daemon stopped, of a rule with another key. Its
    /// row under this one; nil where the alert is here already.
    mutating func restore(
        moved alert: ActiveAlert, lastEvaluation: Timestamp, now: Timestamp
    ) -> StateChange? {
        if alerts[alert.labels] != nil { return nil }
        restore([alert], lastEvaluation: lastEvaluation, now: now)
        return alerts[alert.labels].map(row)
    }

    /// Takes over the alerts of the same rule under its former settings: `for`, the expression and
    /// the annotations may have changed. `resend`: as if nothing had been told of them. What changes
    /// in the rows where the former key is another one.
    @discardableResult
    public mutating func adopt(_ former: AlertingState, resend: Bool = false) -> [StateChange] {
        alerts = former.alerts
        if resend { for labels in alerts.keys { alerts[labels]?.lastSentAt = nil } }
        holdDeadline = former.holdDeadline
        if parameters.key.bytesEqual(former.parameters.key) { return [] }
        return former.active.flatMap { alert in
            [StateChange(.ruleAlerts, key: former.key(alert), value: nil), row(alert)]
        }
    }

    /// A known alert as it goes on at `t`; nil where it begins anew.
    func resumed(_ alert: ActiveAlert, at t: Timestamp) -> ActiveAlert? {
        guard alert.state == .pending, let lastEvaluation = alert.restoredFrom else { return alert }
        let away = t - lastEvaluation
        let missed = Milliseconds(away.value.addingSaturating(0 &- parameters.interval.value))
        if missed <= .zero { return alert }
        if away > parameters.outageTolerance { return nil }
        let hold = parameters.holdDuration
        let spent = lastEvaluation - alert.activeAt
        let remaining = Milliseconds(hold.value.addingSaturating(0 &- spent.value))
        var resumed = alert
        if remaining <= .zero { return resumed }
        if hold >= parameters.gracePeriod, remaining < parameters.gracePeriod {
            resumed.activeAt = t + parameters.gracePeriod - hold
        } else {
            resumed.activeAt = alert.activeAt + missed
        }
        return resumed
    }
}
