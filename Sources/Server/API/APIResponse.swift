import Hummingbird
import Model
import PromQL

/// Turns what an API handler returns or throws into HTTP.
enum APIResponse {
    /// The largest form that is read.
    static let maximumFormBytes = 1 << 20

    /// Runs `body` with the request's parameters and answers with the bytes that it returns.
    static func answer(
        _ request: Request, _ body: (Parameters) async throws -> [UInt8]
    ) async throws -> Response {
        do {
            return json(.ok, try await body(parameters(request)))
        } catch let error as APIError {
            return failure(error)
        } catch let error as QueryError where error.kind == .badData {
            return failure(.invalidParameter("query", error.message))
        } catch let error as QueryError {
            return failure(APIError(error))
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

    private static func parameters(_ request: Request) async throws -> Parameters {
        var form = ""
        let isForm =
            request.headers[.contentType]?.lowercased()
            .hasPrefix("application/x-www-form-urlencoded") ?? false
        if request.method == .post, isForm {
            do {
                let buffer = try await request.body.collect(upTo: maximumFormBytes)
                form = String(buffer: buffer)
            } catch {
                throw APIError(
                    .badData, "the form is larger than the limit maximumFormBytes (1 MiB)")
            }
        }
        return try Parameters(query: request.uri.query ?? "", form: form)
    }
}
