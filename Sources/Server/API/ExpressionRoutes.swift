import Model
import PromQL
import Store

/// What is asked about expressions without evaluating them: `/api/v1/format_query`, `parse_query` and
/// `query_exemplars`.
struct ExpressionRoutes: Sendable {
    let service: QueryService

    /// What a character of a query becomes in its tree at most.
    private static let treeBytes = 256

    func format(_ parameters: Parameters) async throws -> Answer {
        let expr: Expr
        do throws(ParseErrors) { expr = try parse(parameters) } catch {
            throw APIError.invalidParameter("query", error.description)
        }
        let memory = service.reservation()
        let size = (parameters["query"] ?? "").utf8.count * (8 + 2 * expr.height)
        return try await service.work {
            try Answer(estimate: JSONSize.envelope + size, memory) {
                APIEnvelope.success { $0.string(expr.pretty()) }
            }
        }
    }

    func tree(_ parameters: Parameters) async throws -> Answer {
        let expr: Expr
        do throws(ParseErrors) { expr = try parse(parameters) } catch {
            throw APIError.invalidParameter("query", error.description)
        }
        let memory = service.reservation()
        let size = (parameters["query"] ?? "").utf8.count * Self.treeBytes
        return try await service.work {
            try Answer(estimate: JSONSize.envelope + size, memory) {
                APIEnvelope.success { $0.raw(expr.treeJSON) }
            }
        }
    }

    func exemplars(_ parameters: Parameters) async throws -> Answer? {
        let (start, end) = try parameters.interval()
        if end < start {
            throw APIError(.badData, "end timestamp must not be before start timestamp")
        }
        let expr: Expr
        do throws(ParseErrors) { expr = try parse(parameters) } catch {
            throw APIError(.badData, error.description)
        }
        var selectors: [[Matcher]] = []
        expr.forEachSelector { selectors.append($0.selector.matchers) }
        if selectors.isEmpty { return nil }
        let (sets, ring, memory) = (
            selectors, service.engine.store.exemplars, service.reservation()
        )
        return try await service.work {
            let selected = ring.count * MemoryLayout<Exemplar>.stride
            try memory.take(selected)
            let found = ring.select(sets, from: start, through: end)
            let size = found.reduce(JSONSize.envelope) { $0 + JSONSize.of($1) }
            return try Answer(estimate: size, memory) {
                APIEnvelope.success { json in
                    json.array { json in
                        for series in found { json.exemplars(series) }
                    }
                }
            }
        }
    }

    private func parse(_ parameters: Parameters) throws(ParseErrors) -> Expr {
        try Parser.parse(parameters["query"] ?? "", options: service.engine.options.parser)
    }
}

extension JSONWriter {
    fileprivate mutating func exemplars(_ series: ExemplarRing.Series) {
        object { json in
            json.key("seriesLabels")
            json.labels(series.labels)
            json.key("exemplars")
            json.array { json in
                for exemplar in series.exemplars {
                    json.object { json in
                        json.key("labels")
                        json.labels(exemplar.labels)
                        json.key("value")
                        json.sampleValue(exemplar.value)
                        json.key("timestamp")
                        json.moment(exemplar.time)
                    }
                }
            }
        }
    }
}

extension JSONSize {
    fileprivate static func of(_ series: ExemplarRing.Series) -> Int {
        series.exemplars.reduce(Self.series + of(series.labels)) {
            // Digits of a number without an exponent may be many.
            $0 + 3 * point + of($1.labels)
        }
    }
}
