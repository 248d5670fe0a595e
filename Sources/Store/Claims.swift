import Model

/// A hold on how far back some series are kept. Ends with `release()`, or with its last reference.
public final class WindowClaim: Sendable {
    let id: Int
    private let index: SeriesIndex

    init(id: Int, index: SeriesIndex) {
        self.id = id
        self.index = index
    }

    deinit { index.release(claim: id) }

    /// Gives the hold up; series are kept as long as other claims, or the retention, say.
    public func release() { index.release(claim: id) }
}

/// The windows that are claimed, found by metric name.
struct Claims: Sendable {
    struct Claim: Sendable {
        let id: Int
        let depth: Int64
        let matchers: [Matcher]

        func matches(_ labels: Labels) -> Bool { matchers.allSatisfy { $0.matches(labels) } }
    }

    private var named: [ByteKey: [Claim]] = [:]
    private var unnamed: [Claim] = []
    private var nextID = 0

    /// Adds a claim on the series that any of `sets` selects.
    mutating func add(depth: Int64, sets: [[Matcher]]) -> Int {
        nextID += 1
        for matchers in sets {
            let claim = Claim(id: nextID, depth: depth, matchers: matchers)
            if let name = matchers.metricName {
                named[ByteKey(name), default: []].append(claim)
            } else {
                unnamed.append(claim)
            }
        }
        return nextID
    }

    /// Removes a claim and returns what it selected.
    mutating func remove(_ id: Int) -> [[Matcher]] {
        var sets: [[Matcher]] = []
        for (name, list) in named where list.contains(where: { $0.id == id }) {
            sets += list.filter { $0.id == id }.map(\.matchers)
            let rest = list.filter { $0.id != id }
            named[name] = rest.isEmpty ? nil : rest
        }
        sets += unnamed.filter { $0.id == id }.map(\.matchers)
        unnamed.removeAll { $0.id == id }
        return sets
    }

    /// The deepest claim of all, or 0.
    var deepest: Int64 {
        max(named.values.joined().map(\.depth).max() ?? 0, unnamed.map(\.depth).max() ?? 0)
    }

    /// The deepest claim on the series, at least `base`.
    func depth(of labels: Labels, atLeast base: Int64) -> Int64 {
        var depth = base
        for claim in named[ByteKey(labels.metricName)] ?? [] where claim.depth > depth {
            if claim.matches(labels) { depth = claim.depth }
        }
        for claim in unnamed where claim.depth > depth {
            if claim.matches(labels) { depth = claim.depth }
        }
        return depth
    }
}

extension [Matcher] {
    /// The metric's name where an equal matcher asks for one.
    var metricName: String? {
        first { $0.kind == .equal && !$0.value.isEmpty && $0.name.bytesEqual(Labels.name) }?.value
    }
}
