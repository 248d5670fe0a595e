extension FunctionSignature {
    /// Every function of Prometheus's language, in order of their names.
    public static let all: [FunctionSignature] = Function.all.map(\.signature)

    /// The function of this name.
    public static func named(_ name: String) -> FunctionSignature? {
        Function.named(name)?.signature
    }

    /// The name nearest to `name`, for a message about an unknown function.
    public static func nearestName(to name: String) -> String? {
        let limit = max(1, name.utf8.count / 3)
        guard name.utf8.count <= 64 else { return nil }
        var best: (distance: Int, name: String)?
        for candidate in all.map(\.name) + Aggregation.allCases.map(\.rawValue) {
            let distance = editDistance(Array(name.utf8), Array(candidate.utf8))
            if distance <= limit, distance < best?.distance ?? .max {
                best = (distance, candidate)
            }
        }
        return best?.name
    }
}

/// How many insertions, deletions and replacements lead from `a` to `b`.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var previous = Array(0...b.count)
    for (i, x) in a.enumerated() {
        var current = [i + 1]
        current.reserveCapacity(b.count + 1)
        for (j, y) in b.enumerated() {
            current.append(
                min(previous[j] + (x == y ? 0 : 1), previous[j + 1] + 1, current[j] + 1))
        }
        previous = current
    }
    return previous.last ?? 0
}
