import Configuration
import Model

/// What makes a rule the same rule after a reload or a restart: its group's file and name, its
/// kind, name and labels, and, among rules alike in all that, its turn. Not its expression, and
/// not its place: both may change while its alerts go on.
struct RuleIdentity: Sendable {
    let file: String
    let group: String
    /// Kind, name, labels and turn: what stays when the file is moved or the group renamed.
    let rule: String
    /// All of it as rows have it.
    let key: String

    init(file: String, group: String, rule: String) {
        self.file = file
        self.group = group
        self.rule = rule
        key = "\(file);\(group);\(rule)"
    }

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
            let base = "\(kind);\(rule.name);\(labels)"
            let turn = turns[base, default: 0]
            turns[base] = turn + 1
            return RuleIdentity(
                file: file, group: group.name, rule: turn == 0 ? base : "\(base)#\(turn)")
        }
    }
}

extension RuleIdentity: Hashable {
    static func == (a: RuleIdentity, b: RuleIdentity) -> Bool { a.key == b.key }
    func hash(into hasher: inout Hasher) { hasher.combine(key) }
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
    var plainAnnotations: Annotations {
        Annotations(annotations.map { Label($0.name, $0.value.value) })
    }
}
