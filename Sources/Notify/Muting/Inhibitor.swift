import Configuration
import Model

/// Which alerts are not told because a greater one fires, by Alertmanager's rules. Made anew for a
/// moment from all alerts; asking is then a look-up per rule.
struct Inhibitor: Sendable {
    private struct PreparedRule {
        let rule: InhibitRule
        /// Firing sources by their values of the `equal` labels.
        var sources: [[Bytes]: [Source]] = [:]

        func key(of labels: Labels) -> [Bytes] { rule.equal.map { Bytes(labels.value($0)) } }
    }

    private struct Source {
        let fingerprint: Fingerprint
        /// It matches the target side too, so it does not inhibit its like.
        let matchesTarget: Bool
    }

    /// A text compared by its bytes.
    private struct Bytes: Hashable {
        let bytes: [UInt8]
        init(_ text: String) { bytes = Array(text.utf8) }
    }

    private var rules: [PreparedRule] = []

    init(_ rules: [InhibitRule], alerts: some Collection<Alert>, at moment: Timestamp) {
        if rules.isEmpty { return }
        let firing = alerts.filter { !$0.isResolved(at: moment) }
        for rule in rules {
            var prepared = PreparedRule(rule: rule)
            for alert in firing where rule.sourceMatchers.allMatch(alert.labels) {
                let source = Source(
                    fingerprint: alert.fingerprint,
                    matchesTarget: rule.targetMatchers.allMatch(alert.labels))
                prepared.sources[prepared.key(of: alert.labels), default: []].append(source)
            }
            self.rules.append(prepared)
        }
    }

    /// The alerts that keep one with these labels from being told.
    func inhibitors(of labels: Labels) -> [Fingerprint] {
        var found: Set<Fingerprint> = []
        for prepared in rules where prepared.rule.targetMatchers.allMatch(labels) {
            guard let sources = prepared.sources[prepared.key(of: labels)] else { continue }
            let bothSides = prepared.rule.sourceMatchers.allMatch(labels)
            for source in sources where !(bothSides && source.matchesTarget) {
                found.insert(source.fingerprint)
            }
        }
        return found.sorted()
    }
}

extension [Matcher] {
    fileprivate func allMatch(_ labels: Labels) -> Bool { allSatisfy { $0.matches(labels) } }
}
