import Daemon
import Model
import PromQL

/// `/api/v1/query` and `query_range`.
struct QueryRoutes: Sendable {
    let service: QueryService
    let clock: any PipelineClock

    func instant(_ parameters: Parameters) async throws -> Answer {
        let limit = try parameters.limit()
        let time = try parameters.time("time") ?? clock.now
        return try await answer(parameters, limit) { engine, options, left in
            try engine.instant(
                parameters["query"] ?? "", at: time, lookback: options.lookback, timeout: left,
                countsSamples: options.showsStatistics)
        }
    }

    func range(_ parameters: Parameters) async throws -> Answer {
        let limit = try parameters.limit()
        let start = try parameters.requiredTime("start")
        let end = try parameters.requiredTime("end")
        if end < start {
            throw APIError.invalidParameter("end", "end timestamp must not be before start time")
        }
        let step = try parameters.requiredDuration("step")
        if step <= .zero {
            throw APIError.invalidParameter(
                "step",
                "zero or negative query resolution step widths are not accepted. "
                    + "Try a positive integer")
        }
        try checkPoints((end - start).value / step.value)
        return try await answer(parameters, limit) { engine, options, left in
            try engine.range(
                parameters["query"] ?? "", from: start, through: end, step: step,
                lookback: options.lookback, timeout: left,
                countsSamples: options.showsStatistics)
        }
    }

    private func answer(
        _ parameters: Parameters, _ limit: Int,
        _ evaluate:
            @escaping @Sendable (Engine, Options, _ left: Milliseconds) throws -> QueryResult
    ) async throws -> Answer {
        let options = try Options(parameters)
        let engine = service.engine
        return try await service.query(timeout: options.timeout) { left, queued in
            let start = ContinuousClock.now
            let answer = try write(evaluate(engine, options, left), limit) {
                options.showsStatistics
                    ? QueryService.Timings(
                        showsSteps: options.showsSteps && engine.options.hasStepStatistics,
                        queue: queued, evaluation: ContinuousClock.now - start) : nil
            }
            return answer.keepsOnlyItself()
        }
    }

    /// The answer that a result is, with its statistics where there are timings.
    private func write(
        _ result: consuming QueryResult, _ limit: Int, _ timings: () -> QueryService.Timings?
    ) throws(QueryError) -> Answer {
        let result = result
        let timings = timings()
        let steps = timings?.showsSteps == true ? result.samples.steps.count : 0
        return try Answer(
            estimate: JSONSize.of(result.value) + steps * JSONSize.point,
            result.memory ?? service.reservation()
        ) { APIEnvelope.query(result, limit: limit, timings: timings) }
    }

    private func checkPoints(_ points: Int64) throws(APIError) {
        let maximum = service.engine.options.maximumPoints
        if points <= Int64(maximum) { return }
        let (thousands, rest) = maximum.quotientAndRemainder(dividingBy: 1000)
        let digits = String(rest)
        let shown =
            thousands == 0
            ? digits
            : "\(thousands)," + String(repeating: "0", count: 3 - digits.utf8.count) + digits
        throw APIError(
            .badData,
            "exceeded maximum resolution of \(shown) points per timeseries. "
                + "Try decreasing the query resolution (?step=XX) "
                + "(limit query.max_points: \(maximum))")
    }

    /// What both kinds of query have.
    private struct Options: Sendable {
        let timeout: Milliseconds?
        let lookback: Milliseconds?
        let showsStatistics: Bool
        let showsSteps: Bool

        init(_ parameters: Parameters) throws(APIError) {
            timeout = try parameters.duration("timeout")
            let text = parameters["lookback_delta"] ?? ""
            let delta = text.isEmpty ? nil : Parameters.duration(text)
            if delta == nil, !text.isEmpty {
                throw APIError(
                    .badData,
                    "error parsing lookback delta duration: " + Parameters.durationProblem(text))
            }
            // As in Prometheus, nothing and less mean the default.
            lookback = delta.flatMap { $0 > .zero ? $0 : nil }
            let statistics = parameters["stats"] ?? ""
            showsStatistics = !statistics.isEmpty
            showsSteps = statistics == "all"
        }
    }
}
