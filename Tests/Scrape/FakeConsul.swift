import Model
import Synchronization
import Transport

/// A Consul agent that answers blocking queries by its documented rules: one with the present index waits
/// until that changes.
final class FakeConsul: Transporting {
    private struct State {
        var index: UInt64 = 7
        var hasIndex = true
        var services: [String: (tags: [String], instances: String)] = [:]
        var failing: Set<String> = []
        var held: Set<String> = []
        var requests: [(request: HTTPRequest, time: Timestamp)] = []
    }

    private let state = Mutex(State())
    private let clock: any PipelineClock

    init(_ clock: any PipelineClock) { self.clock = clock }

    /// What was asked, and when.
    var requests: [(request: HTTPRequest, time: Timestamp)] { state.withLock { $0.requests } }

    /// The requests for a path.
    func requests(_ path: String) -> [(request: HTTPRequest, time: Timestamp)] {
        requests.filter { FakeConsul.parts($0.request).path == path }
    }

    /// Registers a service's instances, in the form of the health API.
    func register(_ name: String, tags: [String] = [], _ instances: String) {
        state.withLock { state in
            state.services[name] = (tags, instances)
            state.index += 1
        }
    }

    /// The same of one instance on a node of its own.
    func register(_ name: String, tags: [String] = [], port: Int) {
        register(
            name, tags: tags,
            #"[{"Node": {"Address": "10.0.0.1"}, "Service": {"Port": \#(port)}}]"#)
    }

    func deregister(_ name: String) {
        state.withLock { state in
            state.services[name] = nil
            state.index += 1
        }
    }

    /// Goes on with what a backup holds, whose index is lower.
    func restore(_ index: UInt64?) {
        state.withLock { state in
            state.hasIndex = index != nil
            state.index = index ?? state.index
        }
    }

    func fail(_ paths: Set<String>) {
        state.withLock { state in
            state.failing = paths
            state.index += 1
        }
    }

    /// Answers to these paths wait until they are not held any more.
    func hold(_ paths: Set<String>) { state.withLock { $0.held = paths } }

    static func parts(_ request: HTTPRequest) -> (path: String, query: [Substring]) {
        let target = (try? ParsedURL(request.url))?.afterOrigin ?? ""
        let parts = target.split(separator: "?", maxSplits: 1)
        return (
            parts.first.map(String.init) ?? "", parts.dropFirst().first?.split(separator: "&") ?? []
        )
    }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let (path, query) = FakeConsul.parts(request)
        let asked = query.first { $0.hasPrefix("index=") }.flatMap { UInt64($0.dropFirst(6)) }
        state.withLock { $0.requests.append((request, clock.now)) }
        while state.withLock({ $0.held.contains(path) || $0.index == asked }) {
            if Task.isCancelled { throw TransportError(.cancelled, "cancelled") }
            await Task.yield()
        }
        return state.withLock { FakeConsul.answer(path, $0) }
    }

    private static func answer(_ path: String, _ state: State) -> HTTPResponse {
        if state.failing.contains(path) {
            return HTTPResponse(status: 500, body: Array("No cluster leader".utf8))
        }
        let body: String
        switch path {
        case "/v1/agent/self": body = #"{"Config": {"Datacenter": "dc1"}}"#
        case "/v1/catalog/services":
            let members = state.services.map { name, service in
                "\"\(name)\": [\(service.tags.map { "\"\($0)\"" }.joined(separator: ","))]"
            }
            body = "{\(members.joined(separator: ","))}"
        default:
            let name = String(path.dropFirst("/v1/health/service/".count))
            body = state.services[name]?.instances ?? "[]"
        }
        let index = HTTPRequest.Header("X-Consul-Index", "\(state.index)")
        return HTTPResponse(
            status: 200, headers: state.hasIndex ? [index] : [], body: Array(body.utf8))
    }

    func send(_ mail: MailMessage) async throws(TransportError) -> MailReceipt {
        throw TransportError(.invalidRequest, "no mail here")
    }
}
