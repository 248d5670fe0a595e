import Configuration
import Logging
import Model
import PromQL
import Store

/// All rule groups of a configuration.
///
/// Alerts outlive it: a reload makes a new set that takes over the alerts of every rule that still
/// exists, a restart restores them from their rows.
public final class RuleSet {
    /// The groups, in the order of the files and within them.
    public let groups: [RuleGroup]
    /// What the configuration says of all rules.
    public let options: RuleOptions

    /// The groups of these files.
    public init(
        _ files: [RuleFile], options: RuleOptions, engine: RuleEngine, store: Store,
        start: GroupStart, logger: Logger = Logger(label: "rules")
    ) {
        self.options = options
        groups = files.flatMap { file in
            file.groups.map { group in
                RuleGroup(
                    group, file: file.path, options: options, engine: engine, store: store,
                    start: start, logger: logger)
            }
        }
    }

    /// The set that follows this one at a reload, which must not be used any more, and what ends
    /// with it: the alerts and rows of rules that are gone.
    public func replacing(
        with files: [RuleFile], options: RuleOptions, engine: RuleEngine, store: Store,
        start: GroupStart, at t: Timestamp, logger: Logger = Logger(label: "rules")
    ) -> (rules: RuleSet, ended: GroupEvaluation) {
        let next = RuleSet(
            files, options: options, engine: engine, store: store, start: start, logger: logger)
        var former: [String: RuleGroup] = [:]
        for group in groups { former[group.key] = group }
        for group in next.groups {
            if let old = former[group.key] { group.adopt(old) }
        }
        let kept = Set(next.groups.flatMap { $0.rules.map(\.identity) })
        var ended = GroupEvaluation(time: t)
        for group in groups {
            let end = group.end(except: kept, under: options, at: t)
            ended.transitions += end.transitions
            ended.alerts += end.alerts
            ended.changes += end.changes
        }
        return (next, ended)
    }

    /// Takes over what stood in `rule_alerts` when the daemon stopped. `lastEvaluation` is the last
    /// evaluation before that, `now` the start.
    ///
    /// What comes back is to be handed on before anything else: firing alerts, told again so that
    /// nobody believes them over before the first evaluation, and as resolved those whose rule is
    /// gone, with the removal of their rows. Rows that cannot be read are removed.
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
        for (rule, rows) in byRule.sorted(by: { $0.key < $1.key }) {
            let alerts = rows.map { $0.alert(lastEvaluation: lastEvaluation) }
            let isTaken = groups.contains {
                $0.restore(alerts, of: rule, lastEvaluation: lastEvaluation, now: now)
            }
            if !isTaken { abandon(rows, at: now, &restoration) }
        }
        restoration.alerts += groups.flatMap { $0.hold(at: now) }
        return restoration
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
                StateChange(
                    .ruleAlerts, key: AlertRow.key(rule: row.rule, labels: row.labels),
                    value: nil))
            if wasFiring, let told = options.outgoing(alert, generatorURL: row.generatorURL) {
                restoration.alerts.append(told)
            }
        }
    }

    /// The next moment at which a group is due; nil where there is none.
    public var nextDue: Timestamp? { groups.map(\.schedule.next).min() }

    /// What the API shows of all groups.
    public var status: [RuleGroupStatus] { groups.map(\.status) }
}

extension RuleGroup {
    /// What makes a group the same group after a reload.
    var key: String { file + ";" + name }
}
