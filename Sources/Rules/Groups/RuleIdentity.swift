import Configuration
import Model

/// What makes a rule the same rule after a reload or a restart: its group's file and name, its
/// kind, name and labels, and, among rules alike in all that, its turn. Not its expression, and
/// not its place: both may change while its alerts go on.
struct RuleIdentity: Hashable, Sendable {
    let key: String

    /// The identities of a group's rules, in their order.
    static func all(file: String, group: RuleGroupConfiguration) -> [RuleIdentity] {
        var turns: [String: Int] = [:]
        return group.rules.map { rule in
            let kind =
                switch rule.kind {
                case .alerting: "alert"
                case .recording: "record"
                }
            let labels = group.labels.merging(rule.plainLabels).description
            let base = "\(file);\(group.name);\(kind);\(rule.name);\(labels)"
            let turn = turns[base, default: 0]
            turns[base] = turn + 1
            return RuleIdentity(key: turn == 0 ? base : "\(base)#\(turn)")
        }
    }
}

extension RuleConfiguration {
    /// The group's labels and over them the rule's own, as written, empty ones too.
    func ownLabels(in group: RuleGroupConfiguration) -> [Label] {
        let own = labels.map { Label($0.name, $0.value.value) }
        return group.labels.dropping(own.map(\.name)).sorted + own
    }

    /// The labels as written, templates and all.
    var plainLabels: Labels { Labels(labels.map { Label($0.name, $0.value.value) }) }

    /// The annotations as written.
    var plainAnnotations: Labels {
        Labels(annotations.map { Label($0.name, $0.value.value) })
    }
}
