import Model

/// What becomes of single alerts in one evaluation.
extension AlertingState {
    /// What becomes of an alert that the result does not have.
    enum Fate {
        /// It was restored and nothing has been read yet that could say otherwise.
        case held
        /// `keep_firing_for` has not passed.
        case keepsFiring
        /// It is over now.
        case over
        /// It was over before, and is told again for a while.
        case retained
        /// It was over long ago.
        case forgotten
    }

    /// The fates of all alerts that the result does not have, by labels. Changes nothing, so that
    /// an exceeded limit can still refuse the whole evaluation.
    func fates(
        at t: Timestamp, _ seen: Set<Labels>, _ isHeld: (ActiveAlert) -> Bool
    ) -> [(alert: ActiveAlert, fate: Fate)] {
        if seen.count == alerts.count, seen.allSatisfy({ alerts[$0] != nil }) { return [] }
        var result: [(alert: ActiveAlert, fate: Fate)] = []
        for (labels, alert) in alerts where !seen.contains(labels) {
            result.append((alert, fate(of: alert, at: t, isHeld)))
        }
        return result.sorted { $0.alert.labels < $1.alert.labels }
    }

    private func fate(of alert: ActiveAlert, at t: Timestamp, _ isHeld: (ActiveAlert) -> Bool)
        -> Fate
    {
        if let resolvedAt = alert.resolvedAt {
            return t - resolvedAt > AlertingState.resolvedRetention ? .forgotten : .retained
        }
        if alert.restoredFrom != nil, t < holdDeadline, isHeld(alert) { return .held }
        if alert.state == .firing, parameters.keepFiringFor > .zero,
            t - (alert.keepFiringSince ?? t) < parameters.keepFiringFor
        {
            return .keepsFiring
        }
        return .over
    }

    /// The result has an element: an alert begins, goes on, or fires.
    mutating func see(_ element: Found, at t: Timestamp, _ step: inout Step) {
        if let index = alerts.index(forKey: element.labels),
            alerts.values[index].isSteady(at: t, holdDuration: parameters.holdDuration)
        {
            alerts.values[index].value = element.value
            alerts.values[index].notes = element.notes
            return
        }
        let before = alerts[element.labels].flatMap { $0.state == .inactive ? nil : $0 }
        let known = before.flatMap { resumed($0, at: t) }
        var alert =
            known
            ?? ActiveAlert(
                labels: element.labels, notes: element.notes, value: element.value, activeAt: t)
        if known == nil { step.templateErrors += element.notes.rendered().errors }
        alert.value = element.value
        alert.notes = element.notes
        alert.keepFiringSince = nil
        alert.restoredFrom = nil
        if alert.state == .pending, t - alert.activeAt >= parameters.holdDuration {
            alert.state = .firing
            alert.firedAt = t
            step.transitions.append(transition(.firing, alert, at: t))
        } else if known == nil {
            step.transitions.append(transition(.pending, alert, at: t))
        } else {
            waitAgain(&alert, at: t, &step)
        }
        keep(alert, before: before, &step)
    }

    /// A firing alert is pending again where a reload made `for` longer than it has held. Nobody is
    /// told: who believes in it hears no more of it until it fires, or it expires there.
    private func waitAgain(_ alert: inout ActiveAlert, at t: Timestamp, _ step: inout Step) {
        guard alert.state == .firing, t - alert.activeAt < parameters.holdDuration else { return }
        alert.state = .pending
        alert.firedAt = nil
        alert.lastSentAt = nil
        alert.validUntil = nil
        alert.keepFiringSince = nil
        step.transitions.append(transition(.pending, alert, at: t))
    }

    /// The result does not have this alert.
    mutating func miss(_ alert: ActiveAlert, _ fate: Fate, at t: Timestamp, _ step: inout Step) {
        switch fate {
        case .held, .retained: break
        case .forgotten: alerts[alert.labels] = nil
        case .over: over(alert, at: t, &step)
        case .keepsFiring:
            var kept = alert
            kept.restoredFrom = nil
            if kept.keepFiringSince == nil { kept.keepFiringSince = t }
            waitAgain(&kept, at: t, &step)
            keep(kept, before: alert, &step)
        }
    }

    /// Ends an alert: a pending one vanishes, a firing one is resolved.
    mutating func over(_ alert: ActiveAlert, at t: Timestamp, _ step: inout Step) {
        let wasFiring = alert.state == .firing
        step.changes.append(StateChange(.ruleAlerts, key: key(alert), value: nil))
        step.transitions.append(
            Transition(
                alert: parameters.name, labels: alert.labels,
                kind: wasFiring ? .resolved : .inactive, time: t))
        if !wasFiring {
            alerts[alert.labels] = nil
            return
        }
        var ended = alert
        ended.state = .inactive
        ended.resolvedAt = t
        ended.restoredFrom = nil
        alerts[alert.labels] = ended
    }

    private mutating func keep(_ alert: ActiveAlert, before: ActiveAlert?, _ step: inout Step) {
        alerts[alert.labels] = alert
        let unchanged =
            before.map {
                $0.state == alert.state && $0.activeAt == alert.activeAt
                    && $0.firedAt == alert.firedAt && $0.keepFiringSince == alert.keepFiringSince
            } ?? false
        if !unchanged { step.changes.append(row(alert)) }
    }

    /// Marks what is due to be handed on as handed on.
    mutating func send(at t: Timestamp, _ step: inout Step) {
        let delta = max(parameters.interval, parameters.resendDelay)
        // Four times: two evaluations or sends may fail before anybody believes the alert over.
        let validUntil = t + Milliseconds(delta.value.multipliedSaturating(4))
        for index in alerts.indices
        where alerts.values[index].needsSending(at: t, resendDelay: parameters.resendDelay) {
            alerts.values[index].lastSentAt = t
            alerts.values[index].validUntil = validUntil
            step.toSend.append(alerts.values[index])
        }
        step.toSend.sort { $0.labels < $1.labels }
    }

    private func transition(
        _ kind: Transition.Kind, _ alert: ActiveAlert, at t: Timestamp
    ) -> Transition {
        Transition(
            alert: parameters.name, labels: alert.labels, kind: kind, time: t, value: alert.value,
            activeAt: kind == .firing ? alert.activeAt : nil)
    }

    func key(_ alert: ActiveAlert) -> String {
        AlertRow.key(rule: parameters.key, labels: alert.labels)
    }

    func row(_ alert: ActiveAlert) -> StateChange {
        let row = AlertRow(
            alert, rule: parameters.key, generatorURL: parameters.generatorURL)
        return StateChange(.ruleAlerts, key: key(alert), value: row.encoded())
    }
}
