import Configuration
import Model

/// Which alerts are inhibited, by Alertmanager's rules. It follows the
/// alerts as they come and go, so that asking costs a few look-ups: labels alone say which rules an
/// alert may be a source of, and whether that one fires is asked when it matters.
struct Inhibitor: Sendable {
    private struct PreparedRule {
        let rule: InhibitRule
        /// By their values of the `equal` labels, and whether each matches the target side too, so
        /// that it does not inhibit its like.
        var sources: [[Bytes]: [Labels: Bool]] = [:]

        func key(of labels: Labels) -> [Bytes] { rule.equal.map { Bytes(labels.value($0)) } }
    }

    /// A text compared by its bytes.
    private struct Bytes: Hashable {
        let bytes: [UInt8]
        init(_ text: String) { bytes = Array(text.utf8) }
    }

    private var rules: [PreparedRule]
    private let bySource: MatcherIndex
    private let byTarget: MatcherIndex

    init(_ rules: [InhibitRule], alerts: some Sequence<Labels> = []) {
        self.rules = rules.map { PreparedRule(rule: $0) }
        bySource = MatcherIndex(rules.map(\.sourceMatchers))
        byTarget = MatcherIndex(rules.map(\.targetMatchers))
        if rules.isEmpty { return }
        for labels in alerts { add(labels) }
    }

    /// There is an alert with these labels.
    mutating func add(_ labels: Labels) {
        bySource.forEachMatch(labels) { index in
            let key = rules[index].key(of: labels)
            let matchesTarget = rules[index].rule.targetMatchers.allMatch(labels)
            rules[index].sources[key, default: [:]][labels] = matchesTarget
            return true
        }
    }

    /// There is none any more.
    mutating func remove(_ labels: Labels) {
        bySource.forEachMatch(labels) { index in
            let key = rules[index].key(of: labels)
            rules[index].sources[key]?[labels] = nil
            if rules[index].sources[key]?.isEmpty ?? false { rules[index].sources[key] = nil }
            return true
        }
    }

    /// Why an alert with these labels is inhibited, or nil: as in Alertmanager, by one of the sources of
    /// the first rule that has any.
    func inhibition(of labels: Labels, isFiring: (Labels) -> Bool) -> Inhibition? {
        var found: Inhibition?
        byTarget.forEachMatch(labels) { index in
            let prepared = rules[index]
            if prepared.sources.isEmpty { return true }
            guard let sources = prepared.sources[prepared.key(of: labels)] else { return true }
            let bothSides = prepared.rule.sourceMatchers.allMatch(labels)
            let source = sources.first { !(bothSides && $0.value) && isFiring($0.key) }
            found = source.map { Inhibition(source: $0.key, rule: index) }
            return found == nil
        }
        return found
    }
}

/// Finds which of many lists of matchers match a label set without asking each: most have an `=`
/// matcher, under which they are found.
private struct MatcherIndex: Sendable {
    private let lists: [[Matcher]]
    private var byLabel: [Label: [Int]] = [:]
    private var others: [Int] = []

    init(_ lists: [[Matcher]]) {
        self.lists = lists
        for (index, matchers) in lists.enumerated() {
            let labels = matchers.filter { $0.kind == .equal && !$0.value.isEmpty }
                .map { Label($0.name, $0.value) }
            // The least crowded one.
            let label = labels.min { byLabel[$0]?.count ?? 0 < byLabel[$1]?.count ?? 0 }
            if let label {
                byLabel[label, default: []].append(index)
            } else {
                others.append(index)
            }
        }
    }

    /// Calls `body` with the positions of the lists that match, in order, until it returns false.
    func forEachMatch(_ labels: Labels, _ body: (Int) -> Bool) {
        var candidates = others
        if !byLabel.isEmpty {
            for label in labels.sorted { candidates += byLabel[label] ?? [] }
        }
        for index in candidates.sorted() where lists[index].allMatch(labels) {
            if !body(index) { return }
        }
    }
}

extension [Matcher] {
    fileprivate func allMatch(_ labels: Labels) -> Bool { allSatisfy { $0.matches(labels) } }
}
