import Model
import Store

/// A planned expression, to be evaluated again and again. It stays bound to the series that it found
/// until the store's series change.
///
/// Used by one evaluation at a time; not thread-safe.
public final class PreparedQuery {
    /// The expression.
    public let expr: Expr
    /// The text it came from, or its printed form; positions in annotations refer to it.
    public let text: String
    private let options: EngineOptions
    private let source: any QuerySource
    private let step: Milliseconds
    private let range: Milliseconds
    private let memory: QueryMemory
    private let shared: SharedPlan
    private let isShared: Bool
    private var plan: Plan

    /// What the expression became.
    private struct Plan {
        var root: Root
        var series: [SelectedSeries] = []
        /// As `SharedPlan.generation`.
        var generation = 0
    }

    private enum Root {
        case string(String)
        case scalar(any Operator)
        case vector(any Operator)
        case matrix(any SampleWindows)
    }

    init(
        _ expr: Expr, text: String, source: any QuerySource, options: EngineOptions,
        memory: QueryMemory, reservation: MemoryReservation, step: Milliseconds = .zero,
        range: Milliseconds = .zero, shared: SharedPlan? = nil
    ) throws(QueryError) {
        self.expr = expr
        self.text = text
        self.options = options
        self.source = source
        self.step = step
        self.range = range
        self.memory = memory
        self.shared = shared ?? SharedPlan()
        isShared = shared != nil
        plan = Plan(root: .string(""))
        try makePlan(reservation)
    }

    private func makePlan(_ reservation: MemoryReservation) throws(QueryError) {
        let planner = Planner(
            source, options: options, step: step, range: range, memory: reservation,
            shared: isShared ? shared : nil)
        let expr = expr
        let root = try DeepStack.run(height: expr.height) { () throws(QueryError) in
            try Self.root(expr, planner)
        }
        plan = Plan(root: root, series: planner.series, generation: shared.generation)
    }

    private static func root(_ expr: Expr, _ planner: Planner) throws(QueryError) -> Root {
        switch expr.type {
        case .scalar: return .scalar(try planner.planRoot(expr))
        case .vector: return .vector(try planner.planRoot(expr))
        case .matrix: return .matrix(try planner.planRootWindows(expr))
        case .string, .none:
            guard case .string(let text) = expr.unwrapped.kind else {
                throw QueryError(.badData, "unexpected expression type \(expr.type.rawValue)")
            }
            return .string(text)
        }
    }

    deinit {
        // What is left of the nodes goes where there is stack for it.
        DeepStack.run(height: expr.height) { plan = Plan(root: .string("")) }
    }

    /// Evaluates at a time. Scalars come as one slot without labels; a string or a range vector is an
    /// error.
    ///
    /// Steady work: no label is hashed, compared or copied unless series came or went.
    public func step(at time: Timestamp, pin: Pin) throws(QueryError) -> StepVector {
        let limits = MemoryLimits(total: options.memory.total, perQuery: options.memory.total)
        let run = makeRun(
            at: time, through: time, pin: pin, lookback: nil,
            deadline: ContinuousClock.now.advanced(by: options.timeout.duration),
            reservation: MemoryReservation(memory, limits))
        defer {
            run.finish()
            shared.reuses += run.reuses
        }
        return try perform(run) { () throws(QueryError) in try step(at: time, run) }
    }

    /// Evaluates at a time, with everything that a query answers.
    public func evaluate(
        at time: Timestamp, pin: Pin, lookback: Milliseconds? = nil,
        deadline: ContinuousClock.Instant? = nil, countsSamples: Bool = false
    ) throws(QueryError) -> QueryResult {
        try evaluate(
            at: time, pin: pin, lookback: lookback, deadline: deadline,
            countsSamples: countsSamples,
            reservation: MemoryReservation(memory, options.memory))
    }

    /// The same, with what is reserved already.
    func evaluate(
        at time: Timestamp, pin: Pin, lookback: Milliseconds?,
        deadline: ContinuousClock.Instant?, countsSamples: Bool, reservation: MemoryReservation
    ) throws(QueryError) -> QueryResult {
        let run = makeRun(
            at: time, through: time, pin: pin, lookback: lookback, deadline: deadline,
            reservation: reservation, countsSamples: countsSamples)
        defer { run.finish() }
        return try perform(run) { () throws(QueryError) in try evaluate(at: time, run) }
    }

    private func evaluate(at time: Timestamp, _ run: Run) throws(QueryError) -> QueryResult {
        let value: QueryValue
        switch plan.root {
        case .string(let text): value = .string(time, text)
        case .scalar(let node):
            try node.step(at: time.milliseconds, run)
            value = .scalar(time, node.scalar)
        case .vector:
            let vector = try step(at: time, run)
            try run.memory.take(vector.labels.count * MemoryLayout<VectorSample>.stride)
            value = .vector(vector.samples(at: time))
        case .matrix(let windows): value = .matrix(try matrix(windows, at: time, run))
        }
        run.endStep(at: time)
        return result(value, run)
    }

    /// Evaluates at every step from `start` through `end`.
    func evaluate(
        from start: Timestamp, through end: Timestamp, step: Milliseconds, pin: Pin,
        lookback: Milliseconds?, deadline: ContinuousClock.Instant?, countsSamples: Bool,
        reservation: MemoryReservation
    ) throws(QueryError) -> QueryResult {
        let run = makeRun(
            at: start, through: end, pin: pin, lookback: lookback, deadline: deadline,
            reservation: reservation, countsSamples: countsSamples)
        defer { run.finish() }
        return try perform(run) { () throws(QueryError) in
            try evaluate(from: start, through: end, step: step, run)
        }
    }

    private func evaluate(
        from start: Timestamp, through end: Timestamp, step: Milliseconds, _ run: Run
    ) throws(QueryError) -> QueryResult {
        var collector = SeriesCollector()
        // The caller has bounded the number of steps.
        for index in 0...max(0, (end - start).value / max(1, step.value)) {
            let time = start + Milliseconds(index.multipliedSaturating(step.value))
            if time > end { break }
            try run.checkTime()
            let vector = try self.step(at: time, run)
            run.endStep(at: time)
            try run.hold(collector.take(vector, at: time, &run.memory))
        }
        return result(.matrix(collector.matrix), run)
    }

    private func makeRun(
        at start: Timestamp, through end: Timestamp, pin: Pin, lookback: Milliseconds?,
        deadline: ContinuousClock.Instant?, reservation: MemoryReservation,
        countsSamples: Bool = false
    ) -> Run {
        Run(
            pin: pin, lookback: lookback ?? options.lookback, start: start.milliseconds,
            end: end.milliseconds, id: shared.nextRun(), maximumSamples: options.maximumSamples,
            deadline: deadline, usesStartTimes: options.usesStartTimes, memory: reservation,
            countsSamples: countsSamples)
    }

    /// Evaluates where there is stack for it. What was interrupted is planned anew the next time: nodes
    /// may have taken over a part of their input's series only.
    private func perform<Result>(
        _ run: Run, _ evaluate: () throws(QueryError) -> Result
    ) throws(QueryError) -> Result {
        if plan.generation != shared.generation { try makePlan(run.memory.reservation) }
        do throws(QueryError) {
            for selected in plan.series { try selected.refresh(run) }
            return try DeepStack.run(height: expr.height, evaluate)
        } catch {
            if error.interrupts { shared.startAnew() }
            throw error
        }
    }

    private func step(at time: Timestamp, _ run: Run) throws(QueryError) -> StepVector {
        switch plan.root {
        case .scalar(let node), .vector(let node):
            try node.step(at: time.milliseconds, run)
            return StepVector(
                version: node.version.changes, labels: node.labels, values: node.values,
                histograms: node.hasHistograms ? node.histograms : [], order: node.order)
        case .string, .matrix:
            throw QueryError(
                .badData, "expected an instant vector or scalar, got \(expr.type.rawValue)")
        }
    }

    private func matrix(
        _ windows: any SampleWindows, at time: Timestamp, _ run: Run
    ) throws(QueryError) -> [MatrixSeries] {
        try windows.load(at: time.milliseconds, run)
        var list: [MatrixSeries] = []
        try windows.forEachWindow(at: time.milliseconds, run) {
            slot, samples throws(QueryError) in
            try run.hold(samples.count)
            try run.memory.take(
                MemoryCost.buffer + MemoryLayout<MatrixSeries>.stride
                    + samples.count * MemoryLayout<Point>.stride)
            var points: [Point] = []
            points.reserveCapacity(samples.count)
            for index in 0..<samples.count {
                points.append(
                    Point(
                        Timestamp(milliseconds: samples.timestamps[index]), samples.values[index],
                        histogram: samples.histogram(at: index)))
            }
            let labels = windows.labels[slot]
            list.append(
                MatrixSeries(
                    windows.dropsName[slot] ? NameRemoval.final(labels) : labels, points))
        }
        return list.sorted { $0.labels < $1.labels }
    }

    private func result(_ value: QueryValue, _ run: Run) -> QueryResult {
        var result = QueryResult(
            value: value, warnings: run.texts(.warning, query: text),
            infos: run.texts(.info, query: text))
        result.samples = run.counts
        result.memory = run.memory.reservation
        return result
    }
}

/// Gathers the steps of a range query into series.
private struct SeriesCollector {
    private var ids: [Labels: Int] = [:]
    private var series: [MatrixSeries] = []
    /// The points of each series that there is memory for.
    private var room: [Int] = []
    private var seriesOf: [Int] = []
    private var version = -1

    /// Takes a step's points; returns how many there were.
    mutating func take(
        _ vector: StepVector, at time: Timestamp, _ memory: inout MemoryAccount
    ) throws(QueryError) -> Int {
        if vector.version != version {
            let added = max(0, vector.labels.count - seriesOf.count)
            try memory.take(added * MemoryLayout<Int>.stride)
            seriesOf = [Int](repeating: -1, count: vector.labels.count)
            version = vector.version
        }
        var count = 0
        for slot in vector.values.indices where !SampleValue.isStale(vector.values[slot]) {
            if seriesOf[slot] < 0 { seriesOf[slot] = try find(vector.labels[slot], &memory) }
            let number = seriesOf[slot]
            if series[number].points.count == room[number] { try makeRoom(number, &memory) }
            let histogram = vector.histogram(slot)
            if let histogram { try memory.take(histogram.byteCount) }
            series[number].points.append(Point(time, vector.values[slot], histogram: histogram))
            count += 1
        }
        return count
    }

    private mutating func makeRoom(
        _ number: Int, _ memory: inout MemoryAccount
    ) throws(QueryError) {
        let next = max(4, room[number] * 2)
        // The old points are there until they have moved.
        try memory.take(next * MemoryLayout<Point>.stride)
        series[number].points.reserveCapacity(next)
        memory.give(room[number] * MemoryLayout<Point>.stride)
        room[number] = next
    }

    private mutating func find(
        _ labels: Labels, _ memory: inout MemoryAccount
    ) throws(QueryError) -> Int {
        if let known = ids[labels] { return known }
        try memory.take(
            2 * MemoryLayout<MatrixSeries>.stride + MemoryCost.tableEntry + MemoryCost.buffer)
        room.append(0)
        ids[labels] = series.count
        series.append(MatrixSeries(labels, []))
        return series.count - 1
    }

    var matrix: [MatrixSeries] { series.sorted { $0.labels < $1.labels } }
}
