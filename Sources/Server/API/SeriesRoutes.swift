import Model
import PromQL
import Store

/// What a client asks before it queries: `/api/v1/series`, `labels`, `label/NAME/values`.
struct SeriesRoutes: Sendable {
    let service: QueryService
    private var store: Store { service.engine.store }

    init(service: QueryService) { self.service = service }

    func series(_ parameters: Parameters) async throws -> Answer {
        if parameters.all("match[]").isEmpty {
            throw APIError(.badData, "no match[] parameter provided")
        }
        let limit = try parameters.limit()
        let (start, end) = try parameters.interval()
        let selectors: [[Matcher]]
        do throws(APIError) { selectors = try parameters.matchers() } catch {
            throw APIError.invalidParameter("match[]", error.message)
        }
        let (store, memory) = (store, service.reservation())
        return try await service.work {
            let found = try store.series(matching: selectors, start: start, end: end) {
                count throws(QueryError) in try memory.take(count * Self.seriesBytes)
            }
            let (shown, warnings) = truncated(found, limit)
            let size = shown.reduce(JSONSize.envelope) { $0 + JSONSize.of($1) + 1 }
            return try Answer(estimate: size, memory) {
                APIEnvelope.success(warnings: warnings) { json in
                    json.array { json in
                        for labels in shown { json.labels(labels) }
                    }
                }
            }
        }
    }

    /// What a series takes while it is looked for and sorted.
    private static let seriesBytes = 192

    func labelNames(_ parameters: Parameters) async throws -> Answer {
        let limit = try parameters.limit()
        let (start, end) = try parameters.interval()
        let selectors = try parameters.matchers()
        let (store, memory) = (store, service.reservation())
        return try await service.work {
            let names = try store.labelNames(matching: selectors, start: start, end: end) {
                count throws(QueryError) in try memory.take(count * Self.seriesBytes)
            }
            return try list(names, limit, memory)
        }
    }

    func labelValues(_ escaped: String, _ parameters: Parameters) async throws -> Answer {
        let name = EscapedName.unescape(escaped)
        if name.isEmpty { throw APIError(.badData, "invalid label name: \(name.goQuoted)") }
        let limit = try parameters.limit()
        let (start, end) = try parameters.interval()
        let selectors = try parameters.matchers()
        let (store, memory) = (store, service.reservation())
        return try await service.work {
            let values = try store.labelValues(
                name, matching: selectors, start: start, end: end
            ) { count throws(QueryError) in try memory.take(count * Self.seriesBytes) }
            return try list(values, limit, memory)
        }
    }

    private func list(
        _ names: [String], _ limit: Int, _ memory: MemoryReservation
    ) throws(QueryError) -> Answer {
        let (shown, warnings) = truncated(names, limit)
        let size = shown.reduce(JSONSize.envelope) { $0 + JSONSize.of($1) + 1 }
        return try Answer(estimate: size, memory) {
            APIEnvelope.success(warnings: warnings) { $0.strings(shown) }
        }
    }

    private func truncated<Element>(
        _ list: [Element], _ limit: Int
    ) -> (ArraySlice<Element>, [String]) {
        if limit == 0 || list.count <= limit { return (list[...], []) }
        return (list.prefix(limit), [APIEnvelope.truncationWarning])
    }
}
