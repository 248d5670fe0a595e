import Hummingbird
import Model
import PromQL

/// Turns what an API handler returns or throws into HTTP.
enum APIResponse {
    /// The largest form that is read; Go's limit.
    static let maximumFormBytes = 10 << 20
    /// What the forms of all requests that are being answered may take.
    static let maximumFormMemory = 64 << 20
    private static let forms = QueryMemory()
    /// A form is there as it came, as a text, and as values.
    private static let formCopies = 3

    /// Runs `body` with the request's parameters and answers with the bytes that it returns; nil is
    /// an answer without content. It is cancelled when the client goes.
    static func answer(
        _ request: Request, _ context: APIContext,
        _ body: @escaping @Sendable (Parameters) async throws -> [UInt8]?
    ) async -> Response {
        await respond(request, context) { parameters in
            guard let bytes = try await body(parameters) else {
                return Response(status: .noContent)
            }
            return json(.ok, bytes)
        }
    }

    /// The same for an answer whose memory is counted until it is sent.
    static func answer(
        _ request: Request, _ context: APIContext,
        counted body: @escaping @Sendable (Parameters) async throws -> Answer?
    ) async -> Response {
        await respond(request, context) { parameters in
            guard let answer = try await body(parameters) else {
                return Response(status: .noContent)
            }
            return Response(
                status: .ok, headers: [.contentType: "application/json"], body: answer.body)
        }
    }

    private static func respond(
        _ request: Request, _ context: APIContext,
        _ body: @escaping @Sendable (Parameters) async throws -> Response
    ) async -> Response {
        do {
            let parameters = try await parameters(request)
            return try await context.whileConnected({ try await body(parameters) })
        } catch let error as APIError {
            return failure(error)
        } catch let error as QueryError where error.kind == .badData {
            return failure(.invalidParameter("query", error.message))
        } catch let error as QueryError {
            return failure(APIError(error))
        } catch is CancellationError {
            return failure(APIError(.canceled, "the request was canceled"))
        } catch {
            return failure(APIError(.internal, "\(error)"))
        }
    }

    static func failure(_ error: APIError) -> Response {
        json(HTTPResponse.Status(code: error.status), APIEnvelope.failure(error))
    }

    static func json(_ status: HTTPResponse.Status, _ bytes: [UInt8]) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    static func text(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status, headers: [.contentType: "text/plain; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    /// A request's parameters, of its form first.
    static func parameters(_ request: Request) async throws -> Parameters {
        var form = ""
        var memory: MemoryReservation?
        let isForm =
            request.headers[.contentType]?.lowercased()
            .hasPrefix("application/x-www-form-urlencoded") ?? false
        if request.method == .post, isForm {
            do throws(APIError) {
                memory = try formMemory(request.headers[.contentLength].flatMap { Int($0) })
            } catch {
                try? await discard(request)
                throw error
            }
            do {
                let buffer = try await request.body.collect(upTo: maximumFormBytes)
                form = String(buffer: buffer)
            } catch {
                throw APIError(
                    .badData, "the form is larger than the limit maximumFormBytes (10 MiB)")
            }
        }
        return try Parameters(query: request.uri.query ?? "", form: form, memory)
    }

    /// Reads a form away: most clients do not read before they have written.
    private static func discard(_ request: Request) async throws {
        var left = maximumFormBytes
        for try await part in request.body {
            left -= part.readableBytes
            if left < 0 { return }
        }
    }

    /// Memory for a form whose length is known or not.
    private static func formMemory(_ length: Int?) throws(APIError) -> MemoryReservation {
        let limits = MemoryLimits(total: maximumFormMemory, perQuery: maximumFormMemory)
        let memory = MemoryReservation(forms, limits)
        let bytes = min(max(0, length ?? maximumFormBytes), maximumFormBytes)
        do throws(QueryError) {
            try memory.take(formCopies * bytes)
        } catch {
            throw APIError(
                .unavailable,
                "other requests' forms take the memory that there is for forms "
                    + "(limit maximumFormMemory: \(ByteCount(maximumFormMemory)))")
        }
        return memory
    }
}
