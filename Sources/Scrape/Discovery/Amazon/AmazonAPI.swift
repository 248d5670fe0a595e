import Configuration
import HTTPClient
import Model
import Synchronization
import Transport

/// As whom Amazon is asked, and where: what the services of one entry share.
final class AmazonAccount: Sendable {
    let world: AWSEnvironment
    let credentials: AWSCredentialSource
    let client: APIClient
    let timeout: Duration

    private let knownRegion = Mutex<String?>(nil)

    init(_ settings: AmazonDiscovery, _ environment: SourceEnvironment) {
        var world = environment.amazon()
        let clock = environment.clock
        world.pause = { try await clock.sleep(until: clock.now + $0) }
        self.world = world
        var environment = environment
        environment.transport = AWSRetry(over: environment.transport, in: world)
        let configured = ConfiguredClient(settings.client)
        client = APIClient(configured, environment)
        credentials = AWSCredentialSource(
            settings.identity, client: configured, in: world, over: environment.transport)
        timeout = settings.refreshInterval.duration
    }

    /// The configured region, or that of the environment, or that of the machine, once it is known.
    func region() async throws(APIError) -> String {
        if let known = knownRegion.withLock({ $0 }) { return known }
        let region = try await findRegion()
        knownRegion.withLock { $0 = region }
        return region
    }

    private func findRegion() async throws(APIError) -> String {
        if let region = try? credentials.region() { return region }
        do throws(AWSCredentialError) {
            return try await credentials.machineRegion()
        } catch {
            throw APIError(
                "could not determine AWS region: set `region`; the machine names none: \(error)")
        }
    }
}

/// A service of Amazon's, asked with signed requests.
struct AmazonAPI: Sendable {
    /// How many pages of a list are asked for in one look.
    static let maximumPages = APIPages.maximum

    /// What the service is called in addresses and signatures, e.g. `ec2`.
    let service: String
    let account: AmazonAccount
    /// In place of Amazon's own; "" for that.
    var endpoint = ""

    /// Asks with a form, and reads XML: the query protocol.
    func query(
        _ action: String, version: String, _ form: [(String, String)]
    ) async throws(APIError) -> XMLElement {
        let fields = [("Action", action), ("Version", version)] + form
        var request = HTTPRequest(
            method: "POST", url: try await base() + "/",
            headers: [
                .init("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
            ])
        request.body = Array(PercentEncoding.form(fields).utf8)
        let response = try await send(request, asking: action)
        do throws(XMLError) {
            return try XMLElement.parse(response.body)
        } catch {
            throw APIError("\(place(request, action)): byte \(error.offset): \(error)")
        }
    }

    /// Asks with JSON, and reads JSON. `target` is the API's version and the action.
    func json<Value>(
        _ target: String, _ body: [UInt8], read: (JSONNode) throws(JSONError) -> Value
    ) async throws(APIError) -> Value {
        var request = HTTPRequest(
            method: "POST", url: try await base() + "/",
            headers: [
                .init("Content-Type", "application/x-amz-json-1.1"), .init("X-Amz-Target", target),
            ])
        request.body = body
        let action = target.split(separator: ".").last.map(String.init) ?? target
        return try await json(request, asking: action, read)
    }

    /// Gets a path, which is escaped already, and reads JSON.
    func get<Value>(
        _ path: String, _ query: [(String, String)], read: (JSONNode) throws(JSONError) -> Value
    ) async throws(APIError) -> Value {
        // As it is signed, a space is `%20`.
        let written = query.map { name, value in
            "\(PercentEncoding.component(name))=\(PercentEncoding.component(value))"
        }.joined(separator: "&")
        let url = try await base() + path + (written.isEmpty ? "" : "?" + written)
        return try await json(HTTPRequest(url: url), asking: "", read)
    }

    /// All pages of a list. `page` is asked with the token of the page, "" first, and returns the next.
    func pages<Item>(
        of list: String,
        _ page: (_ token: String) async throws(APIError) -> (items: [Item], next: String)
    ) async throws(APIError) -> [Item] {
        try await APIPages.all(of: list, limit: "AmazonAPI.maximumPages") {
            (token) throws(APIError) in
            let (items, next) = try await page(token)
            return (values: items, next: next)
        }
    }

    // MARK: One request

    private func base() async throws(APIError) -> String {
        let region = try await account.region()
        let standard = "https://\(service).\(region).\(AWSPartition.domain(of: region))"
        let places = [endpoint, account.world.endpoint(of: service) ?? "", standard]
        return APIEndpoint(base: places.first { !$0.isEmpty } ?? standard).base
    }

    private func json<Value>(
        _ request: HTTPRequest, asking action: String,
        _ read: (JSONNode) throws(JSONError) -> Value
    ) async throws(APIError) -> Value {
        let response = try await send(request, asking: action)
        do throws(JSONError) {
            return try read(try JSONNode.parse(response.body))
        } catch {
            let (line, column) = error.place(in: response.body)
            throw APIError("\(place(request, action)): \(line):\(column): \(error.description)")
        }
    }

    /// Signs a request and sends it; the answer's status is 200.
    private func send(
        _ request: HTTPRequest, asking action: String
    ) async throws(APIError) -> HTTPResponse {
        var request = request
        request.timeout = account.timeout
        let region = try await account.region()
        let found: AWSCredentials
        do throws(AWSCredentialError) {
            found = try await account.credentials.credentials(region: region)
        } catch {
            throw APIError("\(place(request, action)): \(error)")
        }
        request.sign(as: found, region: region, service: service, at: account.world.wallClock())
        var response = try await account.client.send(request)
        if response.status == 200 { return response }
        // Credentials that were got may have been withdrawn.
        if [401, 403].contains(response.status) { account.credentials.forget() }
        response.body = Array(found.redact(String(decoding: response.body, as: UTF8.self)).utf8)
        throw APIError(
            "\(place(request, action)): server returned HTTP status \(response.status)\(response.excerpt)"
        )
    }

    private func place(_ request: HTTPRequest, _ action: String) -> String {
        APIClient.place(request) + (action.isEmpty ? "" : " (\(action))")
    }
}
