import Model
import Store

/// Evaluates PromQL over a store.
///
/// An expression is planned into a tree of operators, bound to the series that it selects, and stepped
/// at each evaluation time, all by the same code: a range query binds once and steps at each of its
/// points, a rule keeps its `PreparedQuery` and binds again only when series come or go.
public final class Engine: Sendable {
    /// What it reads.
    public let store: Store
    /// Its limits and defaults.
    public let options: EngineOptions
    /// What its queries take of the memory that they have together.
    public let memory: QueryMemory

    /// An engine that reads `store`. Those with the same `memory` have it together.
    public init(
        store: Store, options: EngineOptions = EngineOptions(), memory: QueryMemory = QueryMemory()
    ) {
        self.store = store
        self.memory = memory
        self.options = options
    }

    /// Parses and plans a query, which has in common with others of `shared` what it can.
    public func prepare(
        _ text: String, sharing shared: SharedPlan? = nil
    ) throws(QueryError) -> PreparedQuery {
        try plan(parse(text), text, reserve(text), sharing: shared)
    }

    /// Plans a query. `text` is what it was parsed from, where positions in annotations matter.
    public func prepare(_ expr: Expr, text: String? = nil) throws(QueryError) -> PreparedQuery {
        let text = text ?? expr.description
        return try plan(expr, text, reserve(text))
    }

    /// Evaluates a query at one time.
    public func instant(
        _ text: String, at time: Timestamp, lookback: Milliseconds? = nil,
        timeout: Milliseconds? = nil, pin: Pin? = nil, countsSamples: Bool = false
    ) throws(QueryError) -> QueryResult {
        let reservation = try reserve(text)
        return try plan(parse(text), text, reservation).evaluate(
            at: time, pin: pin ?? store.pin(), lookback: lookback, deadline: deadline(timeout),
            countsSamples: countsSamples, reservation: reservation)
    }

    /// Evaluates a query at every step of a range of time.
    public func range(
        _ text: String, from start: Timestamp, through end: Timestamp, step: Milliseconds,
        lookback: Milliseconds? = nil, timeout: Milliseconds? = nil, pin: Pin? = nil,
        countsSamples: Bool = false
    ) throws(QueryError) -> QueryResult {
        let reservation = try reserve(text)
        let expr = try parse(text)
        try checkRange(expr, from: start, through: end, step: step)
        return try plan(expr, text, reservation, step: step, range: end - start).evaluate(
            from: start, through: end, step: step, pin: pin ?? store.pin(), lookback: lookback,
            deadline: deadline(timeout), countsSamples: countsSamples, reservation: reservation)
    }

    private func checkRange(
        _ expr: Expr, from start: Timestamp, through end: Timestamp, step: Milliseconds
    ) throws(QueryError) {
        if end < start {
            throw QueryError(.badData, "end timestamp must not be before start time")
        }
        if step.value <= 0 {
            throw QueryError(
                .badData,
                "zero or negative query resolution step widths are not accepted. "
                    + "Try a positive integer")
        }
        if expr.type != .vector && expr.type != .scalar {
            throw QueryError(
                .badData,
                "invalid expression type \(expr.type.rawValue.goQuoted) for range query, "
                    + "must be Scalar or instant Vector")
        }
        if (end - start).value / step.value > options.maximumPoints {
            throw QueryError(
                .badData,
                "exceeded maximum resolution of \(options.maximumPoints) points per timeseries. "
                    + "Try decreasing the query resolution (?step=XX)")
        }
    }

    private func plan(
        _ expr: Expr, _ text: String, _ reservation: MemoryReservation,
        sharing shared: SharedPlan? = nil, step: Milliseconds = .zero,
        range: Milliseconds = .zero
    ) throws(QueryError) -> PreparedQuery {
        try PreparedQuery(
            expr, text: text, source: store, options: options, memory: memory,
            reservation: reservation, step: step, range: range, shared: shared)
    }

    /// A reservation with what a text may become when it is parsed.
    private func reserve(_ text: String) throws(QueryError) -> MemoryReservation {
        let reservation = MemoryReservation(memory, options.memory)
        try reservation.take(text.utf8.count * MemoryCost.character)
        return reservation
    }

    private func parse(_ text: String) throws(QueryError) -> Expr {
        do {
            return try Parser.parse(text, options: options.parser)
        } catch {
            throw QueryError(.badData, error.description)
        }
    }

    private func deadline(_ timeout: Milliseconds?) -> ContinuousClock.Instant {
        let limit = min(timeout ?? options.timeout, options.timeout)
        return ContinuousClock.now.advanced(by: max(limit, .zero).duration)
    }
}
