import Crypto
import Foundation
import Model

/// Relabelling: a list of rules that rewrite a label set, or drop it.
public enum Relabel {
    /// The labels after all rules, or nil where one of them dropped the set.
    public static func apply(_ rules: [RelabelRule], to labels: Labels) -> Labels? {
        if rules.isEmpty { return labels }
        var current = labels
        for rule in rules {
            guard let next = step(rule, current) else { return nil }
            current = next
        }
        return current
    }

    private static func step(_ rule: RelabelRule, _ labels: Labels) -> Labels? {
        let value = rule.sourceLabels.map(labels.value).joined(separator: rule.separator)
        switch rule.action {
        case .drop: return rule.regex.matchesWhole(value) ? nil : labels
        case .keep: return rule.regex.matchesWhole(value) ? labels : nil
        case .dropEqual: return labels.value(rule.targetLabel).bytesEqual(value) ? nil : labels
        case .keepEqual: return labels.value(rule.targetLabel).bytesEqual(value) ? labels : nil
        case .replace: return replace(rule, labels, value)
        case .lowercase: return labels.setting(rule.targetLabel, value.lowercased())
        case .uppercase: return labels.setting(rule.targetLabel, value.uppercased())
        case .hashmod:
            guard rule.modulus > 0 else { return labels }
            return labels.setting(rule.targetLabel, String(hash(value) % rule.modulus))
        case .labelmap:
            let mapped = labels.sorted.filter { rule.regex.matchesWhole($0.name) }.map { label in
                Label(
                    rule.regex.replacingAll(in: label.name, with: rule.replacement), label.value)
            }
            return Labels(labels.sorted + mapped)
        case .labeldrop:
            return Labels(labels.sorted.filter { !rule.regex.matchesWhole($0.name) })
        case .labelkeep:
            return Labels(labels.sorted.filter { rule.regex.matchesWhole($0.name) })
        }
    }

    /// The second half of the value's MD5 as a big-endian number: `hashmod` is defined by it, no
    /// security rests on it.
    private static func hash(_ value: String) -> UInt64 {
        Insecure.MD5.hash(data: Array(value.utf8)).dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func replace(_ rule: RelabelRule, _ labels: Labels, _ value: String) -> Labels {
        guard let groups = rule.regex.groupsOfWholeMatch(value) else { return labels }
        let target = rule.regex.expand(rule.targetLabel, groups: groups)
        if target.isEmpty { return labels }
        return labels.setting(target, rule.regex.expand(rule.replacement, groups: groups))
    }
}
