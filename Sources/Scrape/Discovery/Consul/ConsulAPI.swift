import Configuration
import Model
import Transport

/// The API of a Consul agent.
struct ConsulAPI: Sendable {
    /// How long a blocking query waits for news.
    static let watchTimeout = Milliseconds.minutes(2)
    /// How much longer than that a request may take; Consul adds a sixteenth.
    private static let answerTimeout = Milliseconds.seconds(15)
    /// The pause after an error.
    static let retryInterval = Milliseconds.seconds(15)

    private let settings: ConsulDiscovery
    private let endpoint: APIEndpoint
    private let client: APIClient
    private let clock: any PipelineClock

    init(_ settings: ConsulDiscovery, _ environment: SourceEnvironment) throws(APIError) {
        self.settings = settings
        clock = environment.clock
        endpoint = try APIEndpoint(consul: settings)
        // As in Consul's client, a socket is asked without the settings of an HTTP client.
        client = APIClient(
            endpoint.unixSocket == nil ? settings.client : HTTPClientConfiguration(), environment)
    }

    /// The datacenter of the agent that answers.
    func agentDatacenter() async throws(APIError) -> String {
        try await client.json(request("/v1/agent/self", scope)) {
            (root) throws(JSONError) in
            let name = try root.field("Config")?.string("Datacenter") ?? ""
            if name.isEmpty { throw JSONError("no value for Config.Datacenter", at: root.offset) }
            return name
        }.value
    }

    /// Asks again and again, each time for what is newer than the last answer, until the task is
    /// cancelled. `found` is told of every answer: its value, or nil where it is what it was.
    func follow<Value>(
        _ path: String, _ query: [(String, String)],
        read: (JSONNode) throws(JSONError) -> Value,
        found: (Result<Value?, APIError>) -> Void
    ) async {
        var index = ConsulIndex()
        while !Task.isCancelled {
            var next = clock.now + settings.refreshInterval
            do throws(APIError) {
                let request = request(path, query + blocking(index) + scope)
                let (value, response) = try await client.json(request, read: read)
                let isNew = index.take(response.header("X-Consul-Index").flatMap { UInt64($0) })
                if Task.isCancelled { return }
                found(.success(isNew ? value : nil))
            } catch {
                if Task.isCancelled { return }
                index = ConsulIndex()
                found(.failure(error))
                next = max(next, clock.now + ConsulAPI.retryInterval)
            }
            do { try await clock.sleep(until: next) } catch { return }
        }
    }

    /// Whether time passed, and the task was not cancelled meanwhile.
    func pause(_ time: Milliseconds) async -> Bool {
        do { try await clock.sleep(until: clock.now + time) } catch { return false }
        return true
    }

    private func blocking(_ index: ConsulIndex) -> [(String, String)] {
        var query = [("wait", "\(ConsulAPI.watchTimeout.value)ms")]
        if index.value > 0 { query.append(("index", "\(index.value)")) }
        if settings.allowsStale { query.append(("stale", "")) }
        return query + settings.nodeMeta.map { ("node-meta", "\($0.name):\($0.text)") }
    }

    /// Whose data is asked for.
    private var scope: [(String, String)] {
        [
            ("dc", settings.datacenter), ("ns", settings.namespace),
            ("partition", settings.partition),
        ].filter { !$0.1.isEmpty }
    }

    private func request(
        _ path: String, _ query: [(String, String)]
    ) -> HTTPRequest {
        let timeout = ConsulAPI.watchTimeout + ConsulAPI.answerTimeout
        var request = endpoint.request(path, query, timeout: timeout.duration)
        if let token = settings.token {
            // It stands in the configuration: no file is read.
            let text = token.reveal { (_) throws(Never) in "" }
            request.headers.append(.init("X-Consul-Token", text))
        }
        return request
    }
}

extension APIEndpoint {
    /// A server as Consul's own tools write it: an address, or a URL of http, https or unix.
    fileprivate init(consul settings: ConsulDiscovery) throws(APIError) {
        let scheme = settings.scheme.isEmpty ? "http" : settings.scheme
        let prefix = settings.pathPrefix
        guard let (written, address) = settings.server.schemeAndRest else {
            self.init(base: "\(scheme)://\(settings.server)\(prefix)")
            return
        }
        switch written {
        case "unix": self.init(base: "http://localhost\(prefix)", unixSocket: address)
        case "http", "https":
            // TLS that is asked for in one place stays, and a path here takes the place of the prefix.
            let scheme = written == "https" ? written : scheme
            let hasPath = address.utf8.contains(UInt8(ascii: "/"))
            self.init(base: "\(scheme)://\(address)\(hasPath ? "" : prefix)")
        default: throw APIError("unknown protocol scheme of the Consul server: \(written.goQuoted)")
        }
    }
}
