import Model

/// Which series have which label: per name and value the ids, in order.
struct Postings: Sendable {
    private var lists: [ByteKey: [ByteKey: [Int]]] = [:]
    /// Every series' id, in order.
    private(set) var all: [Int] = []

    /// Adds a series, whose id must be greater than all before.
    mutating func add(_ id: Int, _ labels: Labels) {
        all.append(id)
        for label in labels.sorted {
            lists[ByteKey(label.name), default: [:]][ByteKey(label.value), default: []].append(id)
        }
    }

    /// Removes series; a list that is concerned is gone through once.
    mutating func remove(_ series: [(id: Int, labels: Labels)]) {
        let ids = Set(series.map(\.id))
        if ids.isEmpty { return }
        all.removeAll { ids.contains($0) }
        let labels = Set(series.flatMap(\.labels.sorted))
        for label in labels {
            let (name, value) = (ByteKey(label.name), ByteKey(label.value))
            lists[name]?[value]?.removeAll { ids.contains($0) }
            if lists[name]?[value]?.isEmpty == true { lists[name]?[value] = nil }
            if lists[name]?.isEmpty == true { lists[name] = nil }
        }
    }

    /// All label names.
    var names: [String] { lists.keys.map(\.text) }

    /// All values of a label.
    func values(of name: String) -> [String] {
        lists[ByteKey(name)].map { $0.keys.map(\.text) } ?? []
    }

    /// How many series there are per value of a label.
    func counts(of name: String) -> [String: Int] {
        var counts: [String: Int] = [:]
        for (value, list) in lists[ByteKey(name)] ?? [:] {
            counts[value.text, default: 0] += list.count
        }
        return counts
    }

    /// A superset, in order, of the ids that satisfy all of `matchers`: the shortest list that one of
    /// them allows.
    func candidates(_ matchers: [Matcher]) -> [Int] {
        var best: [Int]?
        for matcher in matchers where matcher.kind == .equal && !matcher.value.isEmpty {
            guard let list = lists[ByteKey(matcher.name)]?[ByteKey(matcher.value)] else {
                return []
            }
            if list.count < best?.count ?? .max { best = list }
        }
        if let best { return best }
        for matcher in matchers where matcher.kind != .equal && !matcher.matches("") {
            let found = union(matcher)
            if found.count < best?.count ?? .max { best = found }
        }
        return best ?? all
    }

    /// The ids of all series whose value of the label satisfies the matcher.
    private func union(_ matcher: Matcher) -> [Int] {
        var ids: [Int] = []
        for (value, list) in lists[ByteKey(matcher.name)] ?? [:] where matcher.matches(value.text) {
            ids += list
        }
        return ids.sorted()
    }
}

/// Matchers that remember what they said of a value, so that an expression runs once per value.
struct MatcherMemo {
    private let matchers: [Matcher]
    private var known: [[ByteKey: Bool]]

    init(_ matchers: [Matcher]) {
        self.matchers = matchers
        known = [[ByteKey: Bool]](repeating: [:], count: matchers.count)
    }

    /// Whether the label set satisfies all of them.
    mutating func matches(_ labels: Labels) -> Bool {
        for index in matchers.indices where !matches(index, labels) { return false }
        return true
    }

    private mutating func matches(_ index: Int, _ labels: Labels) -> Bool {
        let matcher = matchers[index]
        let value = labels.value(matcher.name)
        switch matcher.kind {
        case .equal, .notEqual: return matcher.matches(value)
        case .matches, .notMatches:
            let key = ByteKey(value)
            if let known = known[index][key] { return known }
            let answer = matcher.matches(value)
            known[index][key] = answer
            return answer
        }
    }
}
