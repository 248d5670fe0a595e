import Model
import Store

/// The samples of one series' window, as functions of range vectors see them.
struct WindowSamples: ~Escapable {
    /// Rising, none outside (from, through].
    let timestamps: Span<Int64>
    /// As many, none of them the stale marker; at least one.
    let values: Span<Double>
    /// Where the window begins (exclusive).
    let from: Int64
    /// Where it ends (inclusive).
    let through: Int64

    @_lifetime(copy timestamps, copy values)
    init(_ timestamps: Span<Int64>, _ values: Span<Double>, from: Int64, through: Int64) {
        self.timestamps = timestamps
        self.values = values
        self.from = from
        self.through = through
    }

    /// How many samples there are.
    var count: Int { values.count }
}

/// What a function knows of the call that it evaluates.
struct FunctionContext {
    /// The evaluation time.
    var time: Int64
    /// The values of the scalar arguments, in order, the vector or range argument left out.
    var scalars: [Double]
    /// The arguments as they were written.
    let arguments: [Expr]
    /// Where to put annotations.
    let run: Run

    /// The place of an argument.
    func position(_ argument: Int) -> PositionRange {
        arguments.indices.contains(argument) ? arguments[argument].range : PositionRange(0, 0)
    }
}

/// How a function of a range vector gets from samples to a number.
enum WindowBody {
    /// One of the store's kernels.
    case kernel(WindowKernel)
    /// Any other: the stale marker where there is no result.
    case samples((borrowing WindowSamples, FunctionContext) throws(QueryError) -> Double)
}

/// `f(range vector, scalars…)`.
///
/// Series that differ in nothing but the name may not both have a result anywhere in a run, which is
/// stricter than the per-step rule of other nodes, and Prometheus's.
final class WindowCall: Operator {
    private let input: WindowInput
    private let scalars: [Operator]
    private let body: WindowBody
    private let call: CallExpr
    private let names: NameRemoval?
    private let checksCounterName: PositionRange?
    private var target: [Int] = []
    private var isIdentity = true
    private var seenVersion = -1
    private var seenRun = -1
    private var owner: [Int] = []
    private var results: [Double] = []
    private var suspects: [(slot: Int, name: String)] = []

    /// `names` is nil where the function keeps them; `checksCounterName` is the place of an argument
    /// that ought to be a counter.
    init(
        _ input: WindowInput, scalars: [Operator], call: CallExpr, body: WindowBody,
        names: NameRemoval?, checksCounterName: PositionRange?
    ) {
        self.input = input
        self.scalars = scalars
        self.call = call
        self.body = body
        self.names = names
        self.checksCounterName = checksCounterName
    }

    override func step(at time: Int64, _ run: Run) throws(QueryError) {
        try run.checkTime()
        for scalar in scalars { try scalar.step(at: time, run) }
        try input.load(at: time, run)
        if input.version != seenVersion { bind() }
        if run.id != seenRun {
            seenRun = run.id
            if !isIdentity { owner = [Int](repeating: -1, count: labels.count) }
        }
        switch body {
        case .kernel(let kernel):
            if isIdentity {
                try input.reduce(kernel, at: time, run, into: &values)
            } else {
                try input.reduce(kernel, at: time, run, into: &results)
                clear()
                for slot in results.indices where !SampleValue.isStale(results[slot]) {
                    try put(results[slot], slot)
                }
            }
        case .samples(let function):
            clear()
            let context = FunctionContext(
                time: time, scalars: scalars.map(\.scalar), arguments: call.arguments, run: run)
            let (from, through) = input.bounds(time, run)
            try input.forEachWindow(at: time, run) {
                slot, timestamps, samples throws(QueryError) in
                let window = WindowSamples(timestamps, samples, from: from, through: through)
                let result = try function(window, context)
                if !SampleValue.isStale(result) { try put(result, slot) }
            }
        }
        checkNames(run)
    }

    private func put(_ result: Double, _ slot: Int) throws(QueryError) {
        let out = target[slot]
        if !isIdentity {
            if owner.count < labels.count {
                owner += [Int](repeating: -1, count: labels.count - owner.count)
            }
            if owner[out] >= 0 && owner[out] != slot { throw .sameLabels }
            owner[out] = slot
        }
        values[out] = result
    }

    private func bind() {
        var table = SlotTable()
        target.removeAll(keepingCapacity: true)
        suspects = []
        for slot in input.labels.indices {
            let series = input.labels[slot]
            let (labels, drops) =
                names?.removing(series) ?? (series, input.dropsName[slot])
            target.append(table.slot(labels, dropsName: drops))
            if checksCounterName != nil, let name = WindowCall.suspiciousCounter(series) {
                suspects.append((slot, name))
            }
        }
        labels = table.labels
        dropsName = table.dropsName
        isIdentity = labels.count == target.count
        version += 1
        seenVersion = input.version
    }

    private static func suspiciousCounter(_ labels: Labels) -> String? {
        let name = labels.metricName
        if name.isEmpty { return nil }
        let isCounter = ["_total", "_sum", "_count", "_bucket"].contains { name.hasSuffix($0) }
        return isCounter ? nil : name
    }

    /// Says once of each name that it does not look like a counter's, if it has a result.
    private func checkNames(_ run: Run) {
        guard let position = checksCounterName, !suspects.isEmpty else { return }
        var told = ""
        for suspect in suspects where !SampleValue.isStale(values[target[suspect.slot]]) {
            if suspect.name.bytesEqual(told) { continue }
            told = suspect.name
            run.annotate(.possibleNonCounter(told, position))
        }
    }
}
