import Model

/// Finds the silences that match a label set, whatever their time, without asking each: most have a
/// matcher that lists the values it wants, under which they are found, and a verdict that was given once is only brought up to
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
    /// Those that want one of these.
    private var byLabel: [Label: [Entry]] = [:]
    /// The others.
    private var others: [Entry] = []
    private var verdicts: [Labels: Verdict] = [:]

    mutating func add(_ silence: Silence) {
        version += 1
        let entry = Entry(id: silence.id, matchers: silence.matchers, version: version)
        entries.append(entry)
        // The least crowded ones.
        let labels = silence.matchers.compactMap(\.wantedLabels).min { crowd($0) < crowd($1) }
        if let labels {
            for label in labels { byLabel[label, default: []].append(entry) }
        } else {
            others.append(entry)
        }
    }

    private func crowd(_ labels: Set<Label>) -> Int {
        labels.reduce(0) { $0 + (byLabel[$1]?.count ?? 0) }
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

extension Matcher {
    /// The labels one of which a label set must have to match, where that is known.
    fileprivate var wantedLabels: Set<Label>? {
        switch kind {
        case .equal: return value.isEmpty ? nil : [Label(name, value)]
        case .matches:
            guard let values = value.literalAlternatives else { return nil }
            return Set(values.map { Label(name, $0) })
        case .notEqual, .notMatches: return nil
        }
    }
}

extension String {
    /// The texts that an expression like `a|b\.c` matches; nil where it says more than that, or
    /// matches the empty text.
    fileprivate var literalAlternatives: [String]? {
        var texts = [""]
        var isEscaped = false
        for scalar in unicodeScalars {
            if isEscaped {
                // Before a letter or a digit it means something else.
                guard "\\^$.*+?()[]{}|-/:".unicodeScalars.contains(scalar) else { return nil }
                isEscaped = false
                texts[texts.count - 1].unicodeScalars.append(scalar)
            } else if scalar == "\\" {
                isEscaped = true
            } else if scalar == "|" {
                texts.append("")
            } else if "^$.*+?()[]{}".unicodeScalars.contains(scalar) {
                return nil
            } else {
                texts[texts.count - 1].unicodeScalars.append(scalar)
            }
        }
        return isEscaped || texts.contains("") ? nil : texts
    }
}
