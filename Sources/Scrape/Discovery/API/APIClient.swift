import Configuration
import HTTPClient
import Model
import Transport

/// Why an API did not tell what was asked: with its endpoint, without secrets.
struct APIError: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Asks the API of a mechanism of discovery, with secrets read for each request.
struct APIClient: Sendable {
    /// What an answer may be, in bytes.
    static let maximumAnswer = 256 << 20

    private let client: ConfiguredClient
    private let transport: any Transporting

    init(_ configuration: HTTPClientConfiguration, _ environment: SourceEnvironment) {
        self.init(ConfiguredClient(configuration), environment)
    }

    init(_ client: ConfiguredClient, _ environment: SourceEnvironment) {
        self.client = client
        transport = environment.transport
    }

    /// The answer, whatever its status.
    func send(_ request: HTTPRequest) async throws(APIError) -> HTTPResponse {
        var request = request
        request.maximumBodyBytes = APIClient.maximumAnswer
        do throws(ClientError) {
            return try await client.send(request, over: transport)
        } catch {
            throw APIError("\(APIClient.place(request)): \(error)\(limit(error))")
        }
    }

    /// The answer, whose status must be 200.
    func get(_ request: HTTPRequest) async throws(APIError) -> HTTPResponse {
        try APIClient.require(try await send(request), of: request)
    }

    /// The answer itself, where its status is 200.
    static func require(
        _ response: HTTPResponse, of request: HTTPRequest
    ) throws(APIError) -> HTTPResponse {
        if response.status == 200 { return response }
        throw APIError(
            "\(place(request)): server returned HTTP status \(response.status)\(response.excerpt)")
    }

    /// What `read` makes of an answer in JSON, with the answer itself.
    func json<Value>(
        _ request: HTTPRequest, read: (JSONNode) throws(JSONError) -> Value
    ) async throws(APIError) -> (value: Value, response: HTTPResponse) {
        let response = try await send(request)
        return (try APIClient.read(response, of: request, read), response)
    }

    /// What `read` makes of an answer in JSON, whose status must be 200.
    static func read<Value>(
        _ response: HTTPResponse, of request: HTTPRequest,
        _ read: (JSONNode) throws(JSONError) -> Value
    ) throws(APIError) -> Value {
        let body = try require(response, of: request).body
        do throws(JSONError) {
            return try read(try JSONNode.parse(body))
        } catch {
            let (line, column) = error.place(in: body)
            throw APIError("\(place(request)): \(line):\(column): \(error.description)")
        }
    }

    /// How an error names a request: as Go does, without what may be a secret.
    static func place(_ request: HTTPRequest) -> String {
        let socket = request.unixSocket.map { " at \($0)" } ?? ""
        let method = request.method.prefix(1) + request.method.dropFirst().lowercased()
        return "\(method) \(URLRedaction.hidingCredentials(request.url).goQuoted)\(socket)"
    }

    private func limit(_ error: ClientError) -> String {
        if case .transport(let error) = error, error.kind == .tooLarge(limit: Self.maximumAnswer) {
            return " (APIClient.maximumAnswer)"
        }
        return ""
    }
}
