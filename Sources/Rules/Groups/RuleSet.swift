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
        let moved = next.adoptMoved(from: self)
        let kept = next.identities.union(moved.identities)
        var ended = GroupEvaluation(time: t)
        ended.changes = moved.changes
        for group in groups {
            let end = group.end(except: kept, under: options, at: t)
            ended.transitions += end.transitions
            ended.alerts += end.alerts
            ended.changes += end.changes
        }
        next.dropEndsOfFiring(&ended.alerts)
        return (next, ended)
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
