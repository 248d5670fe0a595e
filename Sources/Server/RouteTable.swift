import Hummingbird

/// Routes that know which methods their paths have, so that others are refused as Prometheus does.
final class RouteTable {
    typealias Handler = @Sendable (Request, APIContext) async throws -> Response

    private let router: Router<APIContext>
    private let prefix: String
    private let methods: Methods

    /// Those of each path, shared by all groups.
    private final class Methods {
        var ofPath: [String: [HTTPRequest.Method]] = [:]
    }

    init(_ router: Router<APIContext>) {
        self.router = router
        prefix = ""
        methods = Methods()
    }

    private init(_ other: RouteTable, prefix: String) {
        router = other.router
        self.prefix = prefix
        methods = other.methods
    }

    /// A table of the same routes whose paths all begin with `prefix`.
    func group(_ prefix: String) -> RouteTable {
        RouteTable(self, prefix: self.prefix + prefix)
    }

    func on(_ path: String, _ list: HTTPRequest.Method..., handler: @escaping Handler) {
        for method in list { router.on(RouterPath(prefix + path), method: method, use: handler) }
        methods.ofPath[prefix + path, default: []] += list
    }

    /// Every path's other methods are answered by 405, with the list of those that it has.
    func refuseOtherMethods() {
        let all: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete]
        for (path, known) in methods.ofPath {
            let list = (known + [.options]).map(\.rawValue).sorted().joined(separator: ", ")
            for method in all where !known.contains(method) {
                router.on(RouterPath(path), method: method) { _, _ in
                    var response = APIResponse.text(.methodNotAllowed, "Method Not Allowed\n")
                    response.headers[.allow] = list
                    response.headers[.xContentTypeOptions] = "nosniff"
                    return response
                }
            }
        }
    }
}

/// Answers where there is no route, in the words of Go's server.
struct UnknownPaths: RouterMiddleware {
    typealias Context = APIContext

    func handle(
        _ request: Request, context: APIContext,
        next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            var response = APIResponse.text(.notFound, "404 page not found\n")
            response.headers[.xContentTypeOptions] = "nosniff"
            return response
        }
    }
}
