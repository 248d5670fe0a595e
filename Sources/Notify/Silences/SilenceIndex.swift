import Model

/// Finds the silences that match a label set, whatever their time, without asking each: most have an
/// `=` matcher, under which they are found, and a verdict that was given once is only brought up to
/// date with the silences that came after it.
struct SilenceIndex: Sendable {
    private struct Entry: Sendable {
        let id: String
        let matchers: [Matcher]
        let version: Int

        func matches(_ labels: Labels) -> Bool { matchers.allSatisfy { $0.matches(labels) } }
    }

    private struct Verdict: Sendable {
        var version: Int
        var ids: [String]
    }

    /// Counts the silences that were ever added.
    private var version = 0
    /// All, oldest first.
    private var entries: [Entry] = []
    /// Those with an `=` matcher, under one of these.
    private var byLabel: [Label: [Entry]] = [:]
    /// Those without.
    private var others: [Entry] = []
    private var verdicts: [Labels: Verdict] = [:]

    mutating func add(_ silence: Silence) {
        version += 1
        let entry = Entry(id: silence.id, matchers: silence.matchers, version: version)
        entries.append(entry)
        let labels = silence.matchers.filter { $0.kind == .equal && !$0.value.isEmpty }
            .map { Label($0.name, $0.value) }
        // The least crowded one.
        let label = labels.min { byLabel[$0]?.count ?? 0 < byLabel[$1]?.count ?? 0 }
        if let label {
            byLabel[label, default: []].append(entry)
        } else {
            others.append(entry)
        }
    }

    mutating func remove(_ ids: Set<String>) {
        entries.removeAll { ids.contains($0.id) }
        others.removeAll { ids.contains($0.id) }
        byLabel = byLabel.compactMapValues { list in
            let kept = list.filter { !ids.contains($0.id) }
            return kept.isEmpty ? nil : kept
        }
    }

    /// The identifiers of the silences that match; some may have been removed since.
    func matches(_ labels: Labels) -> [String] { verdict(on: labels).ids }

    /// The same, faster the next time.
    mutating func rememberedMatches(_ labels: Labels) -> [String] {
        let verdict = verdict(on: labels)
        if verdicts[labels]?.version != version { verdicts[labels] = verdict }
        return verdict.ids
    }

    /// Forgets verdicts on label sets that nobody asks about any more.
    mutating func keepVerdicts(where isWanted: (Labels) -> Bool) {
        verdicts = verdicts.filter { isWanted($0.key) }
    }

    private func verdict(on labels: Labels) -> Verdict {
        if entries.isEmpty { return Verdict(version: version, ids: []) }
        guard let known = verdicts[labels] else {
            return Verdict(version: version, ids: look(for: labels))
        }
        if known.version == version { return known }
        let newer = entries.reversed().prefix { $0.version > known.version }
        return Verdict(
            version: version, ids: known.ids + newer.filter { $0.matches(labels) }.map(\.id))
    }

    private func look(for labels: Labels) -> [String] {
        var found = others.filter { $0.matches(labels) }.map(\.id)
        if byLabel.isEmpty { return found }
        for label in labels.sorted {
            guard let candidates = byLabel[label] else { continue }
            for entry in candidates where entry.matches(labels) { found.append(entry.id) }
        }
        return found
    }
}
