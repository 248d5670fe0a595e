import Model
import PromQL

/// What is asked about expressions without evaluating them: `/api/v1/format_query`, `parse_query` and
/// `query_exemplars` (of which there are none: exemplars are not kept).
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

    func exemplars(_ parameters: Parameters) throws -> [UInt8]? {
        let (start, end) = try parameters.interval()
        if end < start {
            throw APIError(.badData, "end timestamp must not be before start timestamp")
        }
        let expr: Expr
        do throws(ParseErrors) { expr = try parse(parameters) } catch {
            throw APIError(.badData, error.description)
        }
        var selectors = 0
        expr.forEachSelector { _ in selectors += 1 }
        if selectors == 0 { return nil }
        return APIEnvelope.success { $0.array { _ in } }
    }

    private func parse(_ parameters: Parameters) throws(ParseErrors) -> Expr {
        try Parser.parse(parameters["query"] ?? "", options: service.engine.options.parser)
    }
}
