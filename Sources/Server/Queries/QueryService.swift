import Model
import PromQL

/// Runs what clients ask on threads of its own, under the limits of `tocsin.query`.
struct QueryService: Sendable {
    /// How long a query waited and worked, and what to tell of it.
    struct Timings: Sendable {
        var showsSteps = false
        var queue = Duration.zero
        var evaluation = Duration.zero
    }

    /// What evaluates at present: as the rules' engine, with a memory of its own.
    var engine: Engine {
        let present = rulesEngine()
        return Engine(store: present.store, options: present.options, memory: memory)
    }

    private let rulesEngine: @Sendable () -> Engine
    private let memory = QueryMemory()
    private let gate: QueryGate
    private let executor: QueryExecutor

    /// How many queries run at once.
    var maximumConcurrency: Int { gate.limit }

    /// Threads for what is no query: lists of series and labels.
    static let spareThreads = 4

    /// `engine` is the one of the present configuration, whose limits count for clients too.
    init(maximumConcurrency: Int, engine: @escaping @Sendable () -> Engine) {
        rulesEngine = engine
        gate = QueryGate(limit: maximumConcurrency)
        executor = QueryExecutor(threads: gate.limit + QueryService.spareThreads)
    }

    /// Runs a query: `body` is called once there is a place, with the time that is left.
    func query<Value: Sendable>(
        timeout: Milliseconds?,
        _ body: @Sendable (_ left: Milliseconds, _ queued: Duration) throws -> Value
    ) async throws -> Value {
        let limit = max(.zero, min(timeout ?? engine.options.timeout, engine.options.timeout))
        let start = ContinuousClock.now
        do {
            try await gate.enter(until: start.advanced(by: limit.duration))
            defer { gate.leave() }
            let queued = ContinuousClock.now - start
            let left = Milliseconds(limit.value - queued.wholeMilliseconds)
            return try await work { try body(max(left, .zero), queued) }
        } catch let error as QueryError {
            throw named(error, timeout: timeout, limit: limit)
        }
    }

    /// Memory for one request.
    func reservation() -> MemoryReservation {
        MemoryReservation(memory, rulesEngine().options.memory)
    }

    /// Runs something else that may take long.
    func work<Value: Sendable>(_ body: @Sendable () throws -> Value) async throws -> Value {
        try await withTaskExecutorPreference(executor) { try body() }
    }

    /// The error with the name of the limit that was reached.
    private func named(
        _ error: QueryError, timeout: Milliseconds?, limit: Milliseconds
    ) -> QueryError {
        switch error.kind {
        case .tooManySamples:
            QueryError(
                error.kind,
                error.message + " (limit query.max_samples: \(engine.options.maximumSamples))")
        case .timeout:
            QueryError(
                error.kind,
                error.message
                    + (limit < engine.options.timeout
                        ? " (limit timeout of the request: \(limit))"
                        : " (limit query.timeout: \(limit))"))
        default: error
        }
    }
}

extension Duration {
    fileprivate var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds.multipliedSaturating(1000)
            .addingSaturating(attoseconds / 1_000_000_000_000_000)
    }
}
