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
    /// The time-out of a request where Prometheus sets none.
    static let longTimeout = Duration.seconds(120)

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

    /// The answer, whose status must be one of `statuses`.
    func get(
        _ request: HTTPRequest, statuses: Range<Int> = 200..<201
    ) async throws(APIError) -> HTTPResponse {
        try APIClient.require(try await send(request), of: request, statuses: statuses)
    }

    /// The answer itself, where its status is one of `statuses`.
    static func require(
        _ response: HTTPResponse, of request: HTTPRequest, statuses: Range<Int> = 200..<201
    ) throws(APIError) -> HTTPResponse {
        if statuses.contains(response.status) { return response }
        throw APIError(
            "\(place(request)): server returned HTTP status \(response.status)\(response.excerpt)")
    }

    /// Refuses an answer that does not say that it is JSON, in UTF-8 where it names an encoding.
    static func requireJSON(_ response: HTTPResponse, of request: HTTPRequest) throws(APIError) {
        let type = response.header("Content-Type") ?? ""
        if json?.matchesWhole(type) != true {
            throw APIError("\(place(request)): unsupported content type \(type.goQuoted)")
        }
    }

    private static let json = try? LinearRegex(
        #"(?i)\s*application/json(;\s*charset=("utf-8"|utf-8))?\s*"#)

    /// What `read` makes of an answer in JSON, with the answer itself.
    func json<Value>(
        _ request: HTTPRequest, statuses: Range<Int> = 200..<201,
        read: (JSONNode) throws(JSONError) -> Value
    ) async throws(APIError) -> (value: Value, response: HTTPResponse) {
        let response = try await get(request, statuses: statuses)
        return (try APIClient.parse(response, of: request, read), response)
    }

    /// What `read` makes of an answer in JSON, whose status must be 200.
    static func read<Value>(
        _ response: HTTPResponse, of request: HTTPRequest,
        _ read: (JSONNode) throws(JSONError) -> Value
    ) throws(APIError) -> Value {
        try parse(try require(response, of: request), of: request, read)
    }

    /// What `read` makes of an answer in JSON.
    static func parse<Value>(
        _ response: HTTPResponse, of request: HTTPRequest,
        _ read: (JSONNode) throws(JSONError) -> Value
    ) throws(APIError) -> Value {
        do throws(JSONError) {
            return try read(try JSONNode.parse(response.body))
        } catch {
            let (line, column) = error.place(in: response.body)
            throw APIError("\(place(request)): \(line):\(column): \(error.description)")
        }
    }

    /// The root of an answer in XML.
    static func xml(
        _ response: HTTPResponse, of request: HTTPRequest
    ) throws(APIError) -> XMLElement {
        do throws(XMLError) {
            return try XMLElement.parse(response.body)
        } catch {
            throw APIError("\(place(request)): byte \(error.offset): \(error.description)")
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
