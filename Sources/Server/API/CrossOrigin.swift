import Hummingbird
import Model

/// Lets pages of other origins ask under `/api/v1`, as Prometheus's `--web.cors.origin` does.
struct CrossOrigin: RouterMiddleware {
    typealias Context = APIContext

    private let origins: @Sendable () -> LinearRegex?

    /// `origins` is the expression that an allowed origin matches as a whole, as it is at present.
    init(origins: @escaping @Sendable () -> LinearRegex?) { self.origins = origins }

    func handle(
        _ request: Request, context: APIContext,
        next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        guard request.uri.path.hasPrefix("/api/v1/") else {
            return try await next(request, context)
        }
        guard let origin = request.headers[.origin] else {
            return try await answer(request, context, next)
        }
        var response: Response
        do {
            response = try await answer(request, context, next)
        } catch let error as any HTTPResponseError {
            response = try error.response(from: request, context: context)
        }
        response.headers[.accessControlAllowHeaders] =
            "Accept, Authorization, Content-Type, Origin"
        response.headers[.accessControlAllowMethods] = "GET, POST, OPTIONS"
        response.headers[.accessControlExposeHeaders] = "Date"
        response.headers[values: .vary].append("Origin")
        let origins = origins()
        if origins?.pattern == ".*" {
            response.headers[.accessControlAllowOrigin] = "*"
        } else if origins?.matchesWhole(origin) ?? false {
            response.headers[.accessControlAllowOrigin] = origin
        }
        return response
    }

    /// What a browser asks before it asks is answered for every path.
    private func answer(
        _ request: Request, _ context: APIContext,
        _ next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        if request.method == .options { return Response(status: .noContent) }
        return try await next(request, context)
    }
}
