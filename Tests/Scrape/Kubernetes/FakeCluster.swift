import Foundation
import Model
import Synchronization
import Transport

/// A Kubernetes API server without a network: lists, pages, watches and forgets as a real one does.
final class FakeCluster: Transporting {
    private struct Change {
        var version: Int
        var path: String
        var namespace: String
        var type: String
        var json: String
    }

    private struct State {
        var version = 100
        /// What there is, by path and key.
        var objects: [String: [String: String]] = [:]
        var changes: [Change] = []
        /// What a watch may go on from at the earliest.
        var oldest = 0
        var watches: [Int: AsyncStream<[UInt8]>.Continuation] = [:]
        var watched: [Int: (path: String, namespace: String?)] = [:]
        var nextWatch = 0
        /// Lists as they were when their first page was asked for.
        var snapshots: [String: (version: Int, rest: [String])] = [:]
        var requests: [HTTPRequest] = []
        var answer: (@Sendable (HTTPRequest) -> HTTPResponse?)?
        var afterPage: (@Sendable (_ page: Int) -> Void)?
    }

    private let state = Mutex(State())

    /// The paths and queries that were asked for, `/api/v1/pods?watch=true&…`.
    var asked: [String] {
        state.withLock { $0.requests }.map { request in
            String(request.url.drop { $0 != ":" }.dropFirst(3).drop { $0 != "/" })
        }
    }

    var requests: [HTTPRequest] { state.withLock { $0.requests } }
    var lists: [String] { asked.filter { !$0.contains("watch=true") } }
    var watches: [String] { asked.filter { $0.contains("watch=true") } }
    var openWatches: Int { state.withLock { $0.watches.count } }

    /// Has requests answered by somebody else, where that gives an answer.
    func answer(_ answer: (@Sendable (HTTPRequest) -> HTTPResponse?)?) {
        state.withLock { $0.answer = answer }
    }

    /// Has something done after each page of a list.
    func afterPage(_ body: @escaping @Sendable (_ page: Int) -> Void) {
        state.withLock { $0.afterPage = body }
    }

    static func refusal(_ status: Int, _ message: String) -> HTTPResponse {
        HTTPResponse(
            status: status,
            body: Array(#"{"kind":"Status","code":\#(status),"message":"\#(message)"}"#.utf8))
    }

    // MARK: Objects

    /// Makes or changes an object. `json` is an object's text up to its version: `{"metadata":{…`.
    func put(_ path: String, _ object: FakeObject) {
        state.withLock { state in
            state.version += 1
            let json = object.json(version: state.version)
            let isThere = state.objects[path]?[object.key] != nil
            state.objects[path, default: [:]][object.key] = json
            tell(
                Change(
                    version: state.version, path: path, namespace: object.namespace,
                    type: isThere ? "MODIFIED" : "ADDED", json: json), &state)
        }
    }

    func remove(_ path: String, _ object: FakeObject) {
        state.withLock { state in
            state.version += 1
            state.objects[path]?[object.key] = nil
            tell(
                Change(
                    version: state.version, path: path, namespace: object.namespace,
                    type: "DELETED", json: object.json(version: state.version)), &state)
        }
    }

    /// Tells watches how far they are.
    func bookmark() {
        state.withLock { state in
            state.version += 1
            let line =
                #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"\#(state.version)"}}}"#
                + "\n"
            for watch in state.watches.values { watch.yield(Array(line.utf8)) }
        }
    }

    /// Sends bytes to all watches.
    func say(_ text: String) {
        state.withLock { state in
            for watch in state.watches.values { watch.yield(Array(text.utf8)) }
        }
    }

    /// Ends all watches; what happens afterwards is only told to new ones.
    func dropWatches() {
        let watches = state.withLock { state in
            defer { state.watches = [:] }
            return state.watches.values.map { $0 }
        }
        for watch in watches { watch.finish() }
    }

    /// Forgets all changes so far: watches that were dropped cannot go on.
    func compact() {
        state.withLock { state in
            state.version += 1
            state.oldest = state.version
            state.changes = []
        }
    }

    private func tell(_ change: Change, _ state: inout State) {
        state.changes.append(change)
        for (number, watched) in state.watched where watched.path == change.path {
            if let namespace = watched.namespace, namespace != change.namespace { continue }
            state.watches[number]?.yield(FakeCluster.line(change))
        }
    }

    private static func line(_ change: Change) -> [UInt8] {
        Array((#"{"type":"\#(change.type)","object":\#(change.json)}"# + "\n").utf8)
    }

    // MARK: Requests

    private struct Question {
        var path: String
        var namespace: String?
        var query: [String: String]

        init(_ request: HTTPRequest) {
            let url = URLComponents(string: request.url)
            var parts = (url?.path ?? "").split(separator: "/").map(String.init)
            if let place = parts.firstIndex(of: "namespaces"), place + 2 < parts.count {
                namespace = parts[place + 1]
                parts.removeSubrange(place...(place + 1))
            }
            path = parts.last ?? ""
            query = Dictionary(
                (url?.queryItems ?? []).map { ($0.name, $0.value ?? "") },
                uniquingKeysWith: { $1 })
        }
    }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let other = state.withLock { state in
            state.requests.append(request)
            return state.answer
        }
        if let answer = other?(request) {
            if answer.status == 0 { throw TransportError(.connect, "connection refused") }
            return answer
        }
        let question = Question(request)
        let (response, page, hook) = state.withLock { state in
            let (response, page) = list(question, &state)
            return (response, page, state.afterPage)
        }
        hook?(page)
        return response
    }

    private func list(_ question: Question, _ state: inout State) -> (HTTPResponse, page: Int) {
        let limit = Int(question.query["limit"] ?? "") ?? .max
        var snapshot: (version: Int, rest: [String])
        var page = 0
        if let token = question.query["continue"] {
            guard let known = state.snapshots[token], known.version >= state.oldest else {
                return (FakeCluster.refusal(410, "The provided continue parameter is too old"), 0)
            }
            snapshot = known
            page = Int(token.split(separator: "-").last ?? "") ?? 0
        } else {
            let prefix = question.namespace.map { $0 + "/" } ?? ""
            let objects = state.objects[question.path, default: [:]]
            snapshot = (
                state.version,
                objects.sorted { $0.key < $1.key }.filter { $0.key.hasPrefix(prefix) }.map(\.value)
            )
        }
        let items = snapshot.rest.prefix(limit).joined(separator: ",")
        snapshot.rest = Array(snapshot.rest.dropFirst(limit))
        let token = snapshot.rest.isEmpty ? "" : "\(question.path)-\(snapshot.version)-\(page + 1)"
        state.snapshots[token] = snapshot
        let text = """
            {"kind":"List","metadata":{"resourceVersion":"\(snapshot.version)",\
            "continue":"\(token)"},"items":[\(items)]}
            """
        return (HTTPResponse(status: 200, body: Array(text.utf8)), page)
    }

    func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStream {
        let other = state.withLock { state in
            state.requests.append(request)
            return state.answer
        }
        if let answer = other?(request) {
            if answer.status == 0 { throw TransportError(.connect, "connection refused") }
            return HTTPStream(answer)
        }
        let question = Question(request)
        let stream = state.withLock { watch(question, &$0) }
        let iterator = Mutex<AsyncStream<[UInt8]>>(stream)
        return HTTPStream(status: 200) { () throws(TransportError) in
            let stream = iterator.withLock { $0 }
            for await piece in stream { return piece }
            if Task.isCancelled { throw TransportError(.cancelled, "cancelled") }
            return nil
        }
    }

    private func watch(_ question: Question, _ state: inout State) -> AsyncStream<[UInt8]> {
        let (stream, sink) = AsyncStream<[UInt8]>.makeStream()
        let version = Int(question.query["resourceVersion"] ?? "") ?? 0
        if version < state.oldest {
            let line =
                #"{"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old resource version"}}"#
            sink.yield(Array((line + "\n").utf8))
            sink.finish()
            return stream
        }
        for change in state.changes
        where change.version > version && change.path == question.path
            && (question.namespace ?? change.namespace) == change.namespace
        {
            sink.yield(FakeCluster.line(change))
        }
        state.watches[state.nextWatch] = sink
        state.watched[state.nextWatch] = (question.path, question.namespace)
        state.nextWatch += 1
        return stream
    }

    func send(_ mail: MailMessage) async throws(TransportError) -> MailReceipt {
        throw TransportError(.invalidRequest, "no mail here")
    }
}

/// An object of the cluster: its metadata, and the rest as JSON.
struct FakeObject: Sendable {
    var namespace = ""
    var name: String
    /// Members of `metadata`, e.g. `"labels":{"a":"b"}`.
    var metadata = ""
    /// Members of the object, e.g. `"spec":{}`.
    var rest = ""

    var key: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    func json(version: Int) -> String {
        let place = namespace.isEmpty ? "" : #""namespace":"\#(namespace)","#
        let more = metadata.isEmpty ? "" : "," + metadata
        // Half of a real object is what nobody needs here.
        return """
            {"kind":"X","metadata":{"name":"\(name)",\(place)"resourceVersion":"\(version)",\
            "managedFields":[{"manager":"kube-\\"}{","fieldsV1":{"f:metadata":{"x":[1.5e3,null,true]}}}]\
            \(more)}\(rest.isEmpty ? "" : "," + rest)}
            """
    }

    /// A pod that runs with a container on a port.
    static func pod(
        _ name: String, in namespace: String = "default", ip: String = "10.0.0.1",
        metadata: String = #""uid":"u1""#, node: String = "n1", phase: String = "Running",
        port: Int = 80
    ) -> FakeObject {
        FakeObject(
            namespace: namespace, name: name, metadata: metadata,
            rest: """
                "spec":{"nodeName":"\(node)","containers":[{"name":"c","image":"i:1",\
                "ports":[{"name":"web","containerPort":\(port),"protocol":"TCP"}]}]},\
                "status":{"podIP":"\(ip)","hostIP":"192.168.0.1","phase":"\(phase)",\
                "conditions":[{"type":"Ready","status":"True"}],\
                "containerStatuses":[{"name":"c","containerID":"containerd://abc"}]}
                """)
    }
}
