import Daemon
import Hummingbird
import Model
import PromQL
import Store

/// `/api/v1/query`, `query_range`, and what a client asks before it queries.
struct QueryRoutes {
    let engine: Engine
    let store: Store
    let clock: any PipelineClock

    func instant(_ parameters: Parameters) throws -> [UInt8] {
        let time = try parameters.time("time") ?? clock.now
        let query = parameters["query"] ?? ""
        let result = try engine.instant(
            query, at: time, lookback: try parameters.duration("lookback_delta"),
            timeout: try parameters.duration("timeout"))
        return APIEnvelope.query(result)
    }

    func range(_ parameters: Parameters) throws -> [UInt8] {
        let start = try parameters.requiredTime("start")
        let end = try parameters.requiredTime("end")
        if end < start {
            throw APIError.invalidParameter("end", "end timestamp must not be before start time")
        }
        guard let step = try parameters.duration("step") else {
            throw APIError.invalidParameter("step", "cannot parse \"\" to a valid duration")
        }
        if step <= .zero {
            throw APIError.invalidParameter(
                "step",
                "zero or negative query resolution step widths are not accepted. "
                    + "Try a positive integer")
        }
        if (end - start).value / step.value > Int64(engine.options.maximumPoints) {
            throw APIError(
                .badData,
                "exceeded maximum resolution of 11,000 points per timeseries. "
                    + "Try decreasing the query resolution (?step=XX)")
        }
        let result = try engine.range(
            parameters["query"] ?? "", from: start, through: end, step: step,
            lookback: try parameters.duration("lookback_delta"),
            timeout: try parameters.duration("timeout"))
        return APIEnvelope.query(result)
    }

    func series(_ parameters: Parameters) throws -> [UInt8] {
        let selectors = try QueryRoutes.matchers(parameters)
        if selectors.isEmpty { throw APIError(.badData, "no match[] parameter provided") }
        let (start, end) = try window(parameters)
        let found = store.series(matching: selectors, start: start, end: end)
        let limit = try parameters.limit()
        let shown = limit > 0 ? found.prefix(limit) : found[...]
        let warnings = shown.count < found.count ? ["results truncated due to limit"] : []
        return APIEnvelope.success(warnings: warnings) { json in
            json.array { json in
                for labels in shown { json.labels(labels) }
            }
        }
    }

    func labelNames(_ parameters: Parameters) throws -> [UInt8] {
        let (start, end) = try window(parameters)
        let names = store.labelNames(
            matching: try QueryRoutes.matchers(parameters), start: start, end: end)
        return try list(names, parameters)
    }

    func labelValues(_ name: String, _ parameters: Parameters) throws -> [UInt8] {
        if name.isEmpty { throw APIError(.badData, "invalid label name: \"\"") }
        let (start, end) = try window(parameters)
        let values = store.labelValues(
            name, matching: try QueryRoutes.matchers(parameters), start: start, end: end)
        return try list(values, parameters)
    }

    private func list(_ names: [String], _ parameters: Parameters) throws -> [UInt8] {
        let limit = try parameters.limit()
        let shown = limit > 0 ? names.prefix(limit) : names[...]
        let warnings = shown.count < names.count ? ["results truncated due to limit"] : []
        return APIEnvelope.success(warnings: warnings) { $0.strings(shown) }
    }

    private func window(_ parameters: Parameters) throws(APIError) -> (Timestamp, Timestamp) {
        (
            try parameters.time("start") ?? .distantPast,
            try parameters.time("end") ?? .distantFuture
        )
    }

    static func matchers(_ parameters: Parameters) throws -> [[Matcher]] {
        try parameters.all("match[]").map { text in
            do {
                return try Parser.parseMetricSelector(text)
            } catch {
                throw APIError.invalidParameter("match[]", "\(error)")
            }
        }
    }
}
