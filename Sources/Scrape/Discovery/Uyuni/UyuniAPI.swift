import Configuration
import Model
import Transport

/// Uyuni's API, which is called by XML-RPC.
struct UyuniAPI {
    /// How long the server may remember a session. A new one is begun after half of that.
    private static let sessionDuration = Milliseconds.minutes(10)

    struct Session: Sendable {
        var token: String
        /// When to begin another one.
        var end: Timestamp
    }

    private let settings: UyuniDiscovery
    private let client: APIClient
    private let url: String

    init(_ settings: UyuniDiscovery, _ client: APIClient) {
        self.settings = settings
        self.client = client
        url = (try? ParsedURL(settings.server))?.appending(path: "rpc/api") ?? settings.server
    }

    func logIn(_ now: Timestamp) async throws(APIError) -> Session {
        let seconds = Int(UyuniAPI.sessionDuration.value / 1000)
        let password = try await settings.password.text()
        let token = try await call(
            "auth.login", [.string(settings.username), .string(password), .int(seconds)]
        ) { (value) throws(XMLRPCError) in try value.text }
        return Session(token: token, end: now + Milliseconds(UyuniAPI.sessionDuration.value / 2))
    }

    /// What `read` makes of what a method returns. An error names the method.
    func call<Value>(
        _ method: String, _ parameters: [XMLRPCValue],
        read: (XMLRPCValue) throws(XMLRPCError) -> Value
    ) async throws(APIError) -> Value {
        var request = HTTPRequest(
            method: "POST", url: url, headers: [.init("Content-Type", "text/xml")],
            body: XMLRPC.call(method, parameters))
        request.timeout = APIClient.longTimeout
        let response = try await client.get(request, statuses: 200..<300)
        let answer = try APIClient.xml(response, of: request)
        do throws(XMLRPCError) {
            return try read(try XMLRPC.result(answer))
        } catch {
            throw APIError("\(APIClient.place(request)): \(method): \(error.description)")
        }
    }
}
