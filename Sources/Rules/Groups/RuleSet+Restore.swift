import Model

/// Going on after a restart.
extension RuleSet {
    /// Takes over what stood in `rule_alerts` when the daemon stopped. `lastEvaluation` is the last
    /// evaluation before that, `now` the start.
    ///
    /// What comes back is to be handed on before anything else: firing alerts, told again so that
    /// nobody believes them over before the first evaluation, and as resolved those whose rule is
    /// gone, with the removal of their rows. Rows that cannot be read are removed.
    ///
    /// An alert goes to the rule of the same file, group, name and labels, else to one of its name and
    /// labels: a file that was moved or is spelled otherwise and a renamed group end nothing.
    public func restore(
        rows: [String: [UInt8]], lastEvaluation: Timestamp, now: Timestamp
    ) -> GroupEvaluation {
        var restoration = GroupEvaluation(time: now)
        var byRule: [String: [AlertRow]] = [:]
        for (key, bytes) in rows.sorted(by: { $0.key < $1.key }) {
            guard let row = AlertRow.decode(bytes) else {
                restoration.changes.append(StateChange(.ruleAlerts, key: key, value: nil))
                continue
            }
            byRule[row.rule, default: []].append(row)
        }
        var orphans: [AlertRow] = []
        for (rule, rows) in byRule.sorted(by: { $0.key < $1.key }) {
            let alerts = rows.map { $0.alert(lastEvaluation: lastEvaluation) }
            let isTaken = groups.contains {
                $0.restore(alerts, of: rule, lastEvaluation: lastEvaluation, now: now)
            }
            if !isTaken { orphans += rows }
        }
        adopt(orphans, lastEvaluation: lastEvaluation, &restoration)
        restoration.alerts += groups.flatMap { $0.hold(at: now) }
        dropEndsOfFiring(&restoration.alerts)
        return restoration
    }

    /// Gives alerts whose rule is not there to the rules of their name and labels, and ends the rest.
    private func adopt(
        _ orphans: [AlertRow], lastEvaluation: Timestamp, _ restoration: inout GroupEvaluation
    ) {
        let now = restoration.time
        let heirs = heirs(of: orphans)
        for (row, heir) in zip(orphans, heirs) where heir == nil {
            abandon([row], at: now, &restoration)
        }
        // Of several rows of one alert, the rule most alike has the say, then who has it longest.
        let found = zip(orphans, heirs).compactMap { row, heir in heir.map { (row, $0) } }
            .sorted { a, b in
                if a.1.likeness != b.1.likeness { return b.1.likeness < a.1.likeness }
                if a.0.state != b.0.state { return a.0.state == .firing }
                return a.0.activeAt < b.0.activeAt
            }
        for (row, heir) in found {
            restoration.changes.append(StateChange(.ruleAlerts, key: row.key, value: nil))
            let change = heir.group.restore(
                moved: row.alert(lastEvaluation: lastEvaluation), at: heir.index,
                lastEvaluation: lastEvaluation, now: now)
            if let change { restoration.changes.append(change) }
        }
    }

    /// For each row the rule that goes on with its alert, where there is one.
    private func heirs(
        of rows: [AlertRow]
    ) -> [(group: RuleGroup, index: Int, likeness: RuleLikeness)?] {
        var byName: [String: [(group: RuleGroup, index: Int)]] = [:]
        for group in groups {
            for index in group.rules.indices {
                byName[group.rules[index].configuration.name, default: []].append((group, index))
            }
        }
        return rows.map { row in
            let places = (byName[row.labels.value(Rules.alertNameLabel)] ?? []).filter {
                $0.group.rules[$0.index].mayOwn(row.labels)
            }
            return RuleSet.mostAlike(places, to: row.rule).map {
                (places[$0.offset].group, places[$0.offset].index, $0.likeness)
            }
        }
    }

    private func abandon(
        _ rows: [AlertRow], at now: Timestamp, _ restoration: inout GroupEvaluation
    ) {
        for row in rows {
            let wasFiring = row.state == .firing
            var alert = row.alert(lastEvaluation: now)
            alert.resolvedAt = now
            restoration.transitions.append(
                Transition(
                    alert: alert.labels.value(Rules.alertNameLabel), labels: alert.labels,
                    kind: wasFiring ? .resolved : .inactive, time: now))
            restoration.changes.append(
                StateChange(.ruleAlerts, key: row.key, value: nil))
            if wasFiring, let told = options.outgoing(alert, generatorURL: row.generatorURL)?.alert
            {
                restoration.alerts.append(told)
            }
        }
    }
}
