import Hummingbird

/// Answers under the external URL's path as well as at the root: a proxy may strip its prefix or not.
struct Mounted<Inner: HTTPResponder>: HTTPResponder where Inner.Context == APIContext {
    private let inner: Inner
    private let externalURL: @Sendable () -> String

    /// `externalURL` is the one of the present configuration.
    init(_ inner: Inner, externalURL: @escaping @Sendable () -> String) {
        self.inner = inner
        self.externalURL = externalURL
    }

    /// `/prefix`, or empty.
    private var prefix: String {
        var path = externalURL().pathOfURL
        while path.last == "/" { path.removeLast() }
        return path
    }

    func respond(to request: Request, context: APIContext) async throws -> Response {
        var response = try await answer(request, context)
        // A length, but no body.
        if request.method == .head { response = response.createHeadResponse() }
        return response
    }

    private func answer(_ request: Request, _ context: APIContext) async throws -> Response {
        let (target, prefix) = (request.head.path ?? "/", prefix)
        guard !prefix.isEmpty, target.hasPrefix(prefix) else {
            return try await inner.respond(to: request, context: context)
        }
        let rest = target.dropFirst(prefix.count)
        if rest.isEmpty || rest.first == "?" {
            return Response(
                status: .permanentRedirect, headers: [.location: prefix + "/" + rest])
        }
        guard rest.first == "/" else {
            return try await inner.respond(to: request, context: context)
        }
        var head = request.head
        head.path = String(rest)
        return try await inner.respond(
            to: Request(head: head, body: request.body), context: context)
    }
}
