import Configuration
import HTTPClient
import Model
import Transport

/// As whom an API is asked, where a file or another server says so.
protocol APIIdentity: Sendable {
    /// The settings of the client to ask with now.
    func client() async throws(APIError) -> HTTPClientConfiguration

    /// The API refused the token that was got last: it is used no more. False where there is none.
    func forget() -> Bool
}

/// Asks an API as somebody, and once more with a new token where the API refuses the one it knows (401).
final class AuthorizedAPI: Sendable {
    private let identity: any APIIdentity
    private let environment: SourceEnvironment
    private let clients = ClientPool()

    init(_ identity: any APIIdentity, _ environment: SourceEnvironment) {
        self.identity = identity
        self.environment = environment
    }

    /// What `read` makes of an answer in JSON, whose status must be 200.
    func json<Value>(
        _ request: HTTPRequest, read: (JSONNode) throws(JSONError) -> Value
    ) async throws(APIError) -> Value {
        try APIClient.read(try await send(request), of: request, read)
    }

    /// The answer, whatever its status.
    func send(_ request: HTTPRequest) async throws(APIError) -> HTTPResponse {
        let response = try await attempt(request)
        return response.status == 401 && identity.forget() ? try await attempt(request) : response
    }

    private func attempt(_ request: HTTPRequest) async throws(APIError) -> HTTPResponse {
        let configuration = try await identity.client()
        clients.keep(only: [configuration])
        return try await APIClient(clients.client(configuration), environment).send(request)
    }
}

/// A token that the answer to one request is, kept until shortly before it expires.
final class FetchedToken: Sendable {
    private static let name = "token"
    private let store = TokenStore()

    /// The token; `request` is sent where none is known.
    func text(
        _ client: APIClient, _ request: () async throws(APIError) -> HTTPRequest
    ) async throws(APIError) -> String {
        if let known = store.token(FetchedToken.name) { return known }
        let request = try await request()
        let (text, seconds) = try await client.json(request) { (root) throws(JSONError) in
            (try root.string("access_token"), root.seconds("expires_in"))
        }.value
        if text.isEmpty {
            throw APIError("\(APIClient.place(request)): the answer has no access_token")
        }
        store.keep(FetchedToken.name, text, forSeconds: seconds)
        return text
    }

    /// The token is used no more. False where there was none.
    func forget() -> Bool {
        let isKnown = store.token(FetchedToken.name) != nil
        store.forget(FetchedToken.name)
        return isKnown
    }
}

extension JSONNode {
    /// A number of seconds; some endpoints write it as a text.
    fileprivate func seconds(_ name: String) -> Double? {
        switch (try? field(name))??.content {
        case .number(let text), .string(let text): Double(text)
        default: nil
        }
    }
}
