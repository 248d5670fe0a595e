import Model
import Store

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
    /// The labels of the series; of windows with histograms, and functions of such, only.
    var labels: Labels
    /// For functions that need a window's values in another order.
    var scratch = ValueScratch()

    /// The name of the series, "" where it has none.
    var metricName: String { labels.metricName }

    /// The place of an argument.
    func position(_ argument: Int) -> PositionRange {
        arguments.indices.contains(argument) ? arguments[argument].range : PositionRange(0, 0)
    }
}

/// A buffer that is used for one window after the other.
final class ValueScratch {
    private var values: [Double] = []

    /// Calls `body` with a copy of a window's values.
    func with<Result>(
        _ samples: borrowing WindowSamples, _ body: (inout [Double]) -> Result
    ) -> Result {
        // Taken out for the time of the call: a property of a class is checked at every access.
        var values: [Double] = []
        swap(&values, &self.values)
        defer { swap(&values, &self.values) }
        values.removeAll(keepingCapacity: true)
        for index in 0..<samples.count { values.append(samples.values[index]) }
        return body(&values)
    }
}

/// What a function of a range vector makes of a window.
enum WindowResult {
    /// Nothing: the series is absent.
    case none
    case number(Double)
    case histogram(FloatHistogram)
}

/// A function of windows with native histograms among their samples.
typealias MixedWindowFunction =
    @Sendable (borrowing WindowSamples, FunctionContext) throws(QueryError) -> WindowResult

/// How a function of a range vector gets from samples to a result.
enum WindowBody {
    /// One of the store's kernels for windows of numbers; another way for the others.
    case kernel(WindowKernel, mixed: MixedWindowFunction?, any PlainWindows)
    /// From numbers alone: the stale marker where there is no result.
    case samples((borrowing WindowSamples, FunctionContext) throws(QueryError) -> Double)
    /// From anything.
    case mixed(MixedWindowFunction)
}

/// `f(range vector, scalars…)`.
///
/// Series that differ in nothing but the name may not both have a result anywhere in a run, which is
/// stricter than the per-step rule of other nodes, and Prometheus's.
final class WindowCall: OperatorOutput, Operator {
    private let input: any SampleWindows
    private let scalars: [any Operator]
    private let body: WindowBody
    private let call: CallExpr
    private let names: NameRemoval?
    private let checksCounterName: PositionRange?
    private var target: [Int] = []
    private var isIdentity = true
    private var table = SlotTable()
    private var follower = SeriesFollower()
    private var seenRun = -1
    private var owner: [Int] = []
    private var results: [Double] = []
    private var suspects: [(slot: Int, name: String, type: String?)] = []
    private let scratch = ValueScratch()

    /// `names` is nil where the function keeps them; `checksCounterName` is the place of an argument
    /// that ought to be a counter.
    init(
        _ input: any SampleWindows, scalars: [any Operator], call: CallExpr, body: WindowBody,
        names: NameRemoval?, checksCounterName: PositionRange?
    ) {
        self.input = input
        self.scalars = scalars
        self.call = call
        self.body = body
        self.names = names
        self.checksCounterName = checksCounterName
    }

    func activeTimes(_ run: Run) -> ActiveTimes {
        scalars.allSatisfy(\.isConstant) ? input.activeTimes(run) : .always
    }

    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try run.checkTime()
        for scalar in scalars { try scalar.step(at: time, run) }
        try input.load(at: time, run)
        let change = follower.change(to: input.version)
        if change != .none {
            try bind(change, run)
            follower.follow(input.version)
        }
        if run.id != seenRun {
            seenRun = run.id
            if !isIdentity { owner = [Int](repeating: -1, count: labels.count) }
        }
        switch body {
        case .kernel(let kernel, let mixed, let windows):
            try reduce(windows, kernel, mixed, at: time, run)
        case .samples(let function):
            clear()
            var context = context(time, run)
            try input.forEachWindow(at: time, run) { slot, samples throws(QueryError) in
                if samples.hasHistograms {
                    context.labels = input.labels[slot]
                    try putNumbers(samples, slot, context) {
                        window throws(QueryError) in try function(window, context)
                    }
                    return
                }
                let result = try function(samples, context)
                if !SampleValue.isStale(result) { try put(.number(result), slot) }
            }
        case .mixed(let function):
            clear()
            var context = context(time, run)
            try input.forEachWindow(at: time, run) { slot, samples throws(QueryError) in
                context.labels = input.labels[slot]
                try put(try function(samples, context), slot)
            }
        }
        checkNames(run)
    }

    private func context(_ time: Int64, _ run: Run) -> FunctionContext {
        FunctionContext(
            time: time, scalars: scalars.map(\.scalar), arguments: call.arguments, run: run,
            labels: .empty, scratch: scratch)
    }

    /// A kernel, and the other way for the windows that it leaves.
    private func reduce(
        _ windows: any PlainWindows, _ kernel: WindowKernel, _ mixed: MixedWindowFunction?,
        at time: Int64, _ run: Run
    ) throws(QueryError) {
        let hasMarks: Bool
        if isIdentity {
            clearHistograms()
            hasMarks = try windows.reduce(kernel, at: time, run, into: &values)
            if !hasMarks { return }
            results = values
        } else {
            hasMarks = try windows.reduce(kernel, at: time, run, into: &results)
        }
        clear()
        for slot in results.indices where !SampleValue.isStale(results[slot]) {
            if hasMarks && SampleValue.isHistogram(results[slot]) {
                try evaluate(windows, slot, kernel, mixed, at: time, run)
            } else {
                try put(.number(results[slot]), slot)
            }
        }
    }

    private func evaluate(
        _ windows: any PlainWindows, _ slot: Int, _ kernel: WindowKernel,
        _ mixed: MixedWindowFunction?, at time: Int64, _ run: Run
    ) throws(QueryError) {
        var context = context(time, run)
        context.labels = input.labels[slot]
        try windows.withWindow(slot, at: time, run) { samples throws(QueryError) in
            if let mixed {
                try put(try mixed(samples, context), slot)
                return
            }
            try putNumbers(samples, slot, context) { window throws(QueryError) in
                kernel.apply(
                    timestamps: window.timestamps, values: window.values,
                    from: Timestamp(milliseconds: window.from),
                    through: Timestamp(milliseconds: window.through))
            }
        }
    }

    /// The result over the numbers of a window that has histograms too, and a remark that these are
    /// left out.
    private func putNumbers(
        _ samples: borrowing WindowSamples, _ slot: Int, _ context: FunctionContext,
        _ function: (borrowing WindowSamples) throws(QueryError) -> Double
    ) throws(QueryError) {
        var numbers = SampleBuffer()
        for index in 0..<samples.count where !SampleValue.isHistogram(samples.values[index]) {
            numbers.append(
                samples.timestamps[index], samples.values[index], nil,
                startTime: samples.startTime(at: index))
        }
        if numbers.values.isEmpty { return }
        if samples.hasHistograms {
            let position = call.arguments.first { $0.type == .matrix }?.range
            context.run.annotate(
                .histogramIgnoredInMixedRange(
                    context.metricName, position ?? PositionRange(0, 0)))
        }
        let result = try numbers.withWindow(
            from: Timestamp(milliseconds: samples.from),
            through: Timestamp(milliseconds: samples.through), function)
        if !SampleValue.isStale(result) { try put(.number(result), slot) }
    }

    private func put(_ result: WindowResult, _ slot: Int) throws(QueryError) {
        if case .none = result { return }
        let out = target[slot]
        if !isIdentity {
            if owner.count < labels.count {
                owner += [Int](repeating: -1, count: labels.count - owner.count)
            }
            if owner[out] >= 0 && owner[out] != slot { throw .sameLabels }
            owner[out] = slot
        }
        switch result {
        case .none: break
        case .number(let number): values[out] = number
        case .histogram(let histogram): put(histogram, out)
        }
    }

    private func bind(_ change: SeriesChange, _ run: Run) throws(QueryError) {
        if change == .rebuilt {
            table = SlotTable()
            target.removeAll(keepingCapacity: true)
            removeSeries()
            suspects = []
        }
        for slot in target.count..<input.labels.count {
            try run.checkTime()
            let series = input.labels[slot]
            let (output, drops) =
                names?.removing(series) ?? (series, input.dropsName[slot])
            let out = table.slot(output, dropsName: drops)
            if out == labels.count { try addSeries(output, dropsName: drops, run) }
            target.append(out)
            if checksCounterName != nil, let suspect = suspiciousCounter(series) {
                suspects.append((slot, suspect.name, suspect.type))
            }
        }
        isIdentity = labels.count == target.count
        changed(change)
    }

    /// The name of a series that does not look like a counter, and its type where types are judged.
    private func suspiciousCounter(_ labels: Labels) -> (name: String, type: String?)? {
        let name = labels.metricName
        if name.isEmpty { return nil }
        if names?.hasTypeLabels == true {
            let type = labels.value("__type__")
            return type == "counter" || type == "histogram" ? nil : (name, type)
        }
        let isCounter = ["_total", "_sum", "_count", "_bucket"].contains { name.hasSuffix($0) }
        return isCounter ? nil : (name, nil)
    }

    /// Says once of each name that it does not look like a counter's, if a number came of it.
    private func checkNames(_ run: Run) {
        guard let position = checksCounterName, !suspects.isEmpty else { return }
        var told = ""
        for suspect in suspects {
            let out = target[suspect.slot]
            let value = values[out]
            if SampleValue.isStale(value) || SampleValue.isHistogram(value) { continue }
            // Series that differ in the name alone share an output, and may not both have one.
            if !isIdentity && owner[out] != suspect.slot { continue }
            if suspect.name.bytesEqual(told) { continue }
            told = suspect.name
            run.annotate(.possibleNonCounter(told, type: suspect.type, position))
        }
    }
}
