import Configuration
import Model

/// How much a rule has in common with one of an earlier configuration that nobody goes on with by
/// its identity: the file was moved or is spelled otherwise, the group was renamed. More is greater.
struct RuleLikeness: Comparable {
    /// Kind, name, labels and turn are the same.
    var isSameRule: Bool
    var isSameGroup: Bool
    /// How many parts at the end of both files' paths are the same.
    var commonPathParts: Int

    static func < (a: RuleLikeness, b: RuleLikeness) -> Bool {
        if a.isSameRule != b.isSameRule { return b.isSameRule }
        if a.isSameGroup != b.isSameGroup { return b.isSameGroup }
        return a.commonPathParts < b.commonPathParts
    }
}

extension RuleIdentity {
    /// What it has in common with the rule that had this key.
    func likeness(toFormer key: String) -> RuleLikeness {
        var rest = key[...]
        let isSameRule = rest.removeSuffix(";" + rule)
        let isSameGroup = rest.removeSuffix(";" + group)
        if !isSameGroup, isSameRule, let end = rest.lastIndex(of: ";") { rest = rest[..<end] }
        return RuleLikeness(
            isSameRule: isSameRule, isSameGroup: isSameRule && isSameGroup,
            commonPathParts: isSameRule ? RuleIdentity.commonEnd(file, String(rest)) : 0)
    }

    private static func commonEnd(_ a: String, _ b: String) -> Int {
        let parts = [a, b].map { FilePath.clean($0).split(separator: "/").reversed() }
        return zip(parts[0], parts[1]).prefix { $0 == $1 }.count
    }
}

extension Substring {
    /// Takes an end away; false where it has another one.
    fileprivate mutating func removeSuffix(_ suffix: String) -> Bool {
        guard utf8.count >= suffix.utf8.count,
            utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
        else { return false }
        self = self[..<utf8.index(endIndex, offsetBy: -suffix.utf8.count)]
        return true
    }
}

extension Rule {
    /// Whether it may be the rule that an alert is of, by name and by the labels that are written out:
    /// what Prometheus goes by after a restart.
    func mayOwn(_ labels: Labels) -> Bool {
        guard alerting != nil, configuration.name.bytesEqual(labels.value(Rules.alertNameLabel))
        else { return false }
        return self.labels.sorted.allSatisfy { label in
            label.name == Rules.alertNameLabel || label.value.contains("{{")
                || label.value.bytesEqual(labels.value(label.name))
        }
    }
}
