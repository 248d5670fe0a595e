import Model

/// Rules that are found again although their file or group has another name.
extension RuleSet {
    /// The identities of all rules.
    var identities: Set<RuleIdentity> { Set(groups.flatMap { $0.rules.map(\.identity) }) }

    /// Takes over the rules of `former` whose file was moved or is spelled otherwise, or whose group was
    /// renamed: those that are nowhere in this set under their identity, while a rule of the same kind,
    /// name and labels is new here. Their former identities, and what changes in the rows.
    func adoptMoved(
        from former: RuleSet
    ) -> (identities: Set<RuleIdentity>, changes: [StateChange]) {
        let (known, present) = (former.identities, identities)
        var new: [String: [(group: RuleGroup, index: Int)]] = [:]
        for group in groups {
            for index in group.rules.indices where !known.contains(group.rules[index].identity) {
                new[group.rules[index].identity.rule, default: []].append((group, index))
            }
        }
        var moved: Set<RuleIdentity> = []
        var changes: [StateChange] = []
        let resend = !options.labelsAlike(former.options)
        for rule in former.groups.lazy.flatMap(\.rules) where !present.contains(rule.identity) {
            guard let places = new[rule.identity.rule],
                let best = RuleSet.mostAlike(places, to: rule.identity.key)
            else { continue }
            new[rule.identity.rule]?.remove(at: best.offset)
            let (group, index) = places[best.offset]
            changes += group.rules[index].adopt(rule, resend: resend)
            moved.insert(rule.identity)
        }
        return (moved, changes)
    }

    /// The place whose rule has the most in common with the rule that had this key.
    static func mostAlike(
        _ places: [(group: RuleGroup, index: Int)], to key: String
    ) -> (offset: Int, likeness: RuleLikeness)? {
        places.enumerated()
            .map { ($0.offset, $0.element.group.rules[$0.element.index].identity) }
            .map { (offset: $0, likeness: $1.likeness(toFormer: key)) }
            .max { $0.likeness < $1.likeness }
    }

    /// Leaves out the ends of alerts that fire under the same labels as another rule's: whoever is
    /// told of one cannot tell it from the other.
    func dropEndsOfFiring(_ alerts: inout [OutgoingAlert]) {
        guard alerts.contains(where: \.isResolved) else { return }
        var firing: Set<Labels> = []
        for alert in groups.flatMap(\.rules).compactMap(\.alerting).flatMap(\.active)
        where alert.state == .firing {
            if let labels = options.outgoingLabels(alert.labels) { firing.insert(labels) }
        }
        alerts.removeAll { $0.isResolved && firing.contains($0.labels) }
    }
}
