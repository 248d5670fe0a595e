import Model

/// Between scalars and vectors, and what is not there.
let vectorFunctions: [Function] = [
    Function(
        "scalar", [.vector], returns: .scalar,
        .custom { call throws(QueryError) in VectorToScalar(try call.argument(0)) }),
    Function(
        "vector", [.scalar],
        .custom { call throws(QueryError) in
            ScalarFunction([try call.argument(0)]) { _, arguments, _ in arguments[0] }
        }),
    Function(
        "absent", [.vector],
        .custom { call throws(QueryError) in
            Absent(
                try call.argument(0), labels: AbsentLabels.of(call.call.arguments[0]),
                names: call.names)
        }),
]

/// `absent(v)`: one series with 1 where the vector is empty.
final class Absent: OperatorOutput, Operator {
    private let input: any Operator

    init(_ input: any Operator, labels: Labels, names: NameRemoval) {
        self.input = input
        super.init()
        self.labels = [labels]
        dropsName = [false]
        values = [SampleValue.stale]
        rebuilt()
    }

    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try input.step(at: time, run)
        let isAbsent = input.values.allSatisfy { SampleValue.isStale($0) }
        values[0] = isAbsent ? 1 : SampleValue.stale
    }
}

/// The labels of a series that is not there.
enum AbsentLabels {
    /// What the equality matchers of a selector say; nothing of a label that is asked for twice.
    static func of(_ expr: Expr) -> Labels {
        let matchers: [Matcher]
        switch expr.unwrapped.kind {
        case .vectorSelector(let selector): matchers = selector.matchers
        case .matrixSelector(let matrix): matchers = matrix.selector.matchers
        default: return .empty
        }
        var labels = Labels.empty
        var seen: [String] = []
        for matcher in matchers where !matcher.name.bytesEqual(Labels.name) {
            if matcher.kind == .equal, !seen.contains(where: { $0.bytesEqual(matcher.name) }) {
                labels = labels.setting(matcher.name, matcher.value)
                seen.append(matcher.name)
            } else {
                labels = labels.dropping(matcher.name)
            }
        }
        return labels
    }
}
