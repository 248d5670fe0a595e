import Foundation
import Journal
import Logging
import Model
import Notify
import Synchronization
import Transport

/// Answers requests as the test says, by the path's first part; no socket is opened.
final class FakeTransport: Transporting {
    /// What a receiver does with a request.
    enum Behaviour: Sendable {
        case status(Int, retryAfter: String? = nil)
        /// Never answers; ends only when the task is cancelled.
        case hangs
        /// Takes the request and hangs up.
        case closes
    }

    private let behaviours = Mutex<[String: Behaviour]>([:])
    private let log = Mutex<[String]>([])
    private let arrivals: AsyncStream<String>
    private let arrive: AsyncStream<String>.Continuation

    init(_ behaviours: [String: Behaviour]) {
        (arrivals, arrive) = AsyncStream.makeStream()
        self.behaviours.withLock { $0 = behaviours }
    }

    /// Every request so far: `HOST BODY`.
    var requests: [String] { log.withLock { $0 } }

    func set(_ host: String, _ behaviour: Behaviour) {
        behaviours.withLock { $0[host] = behaviour }
    }

    /// Waits for so many requests.
    func waitFor(_ count: Int) async {
        if count == 0 { return }
        var seen = 0
        for await _ in arrivals {
            seen += 1
            if seen == count { return }
        }
    }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let host = String(request.url.dropFirst("http://".count))
        let body = String(decoding: request.body ?? [], as: UTF8.self)
        log.withLock { $0.append("\(host) \(body)") }
        arrive.yield(host)
        switch behaviours.withLock({ $0[host] }) ?? .status(200) {
        case .status(let status, let retryAfter):
            let headers = retryAfter.map { [HTTPRequest.Header("Retry-After", $0)] } ?? []
            return HTTPResponse(status: status, headers: headers)
        case .closes: throw TransportError(.protocolError, "connection closed")
        case .hangs:
            let (stream, continuation) = AsyncStream<Void>.makeStream()
            for await _ in stream { break }
            continuation.finish()
            throw TransportError(.cancelled, "cancelled")
        }
    }

    func send(_ mail: MailMessage) async throws(TransportError) -> MailReceipt {
        throw TransportError(.invalidRequest, "no mail here")
    }
}

/// The smallest integration over HTTP, with the usual reading of statuses.
struct FakeIntegration: Integration {
    var name = "webhook"
    var host: String
    var sendResolved = true
    var trouble: String?
    /// Why it cannot make its message.
    var lacks: String?

    func deliver(
        _ data: NotificationData, transport: any Transporting
    ) async -> DeliveryOutcome {
        if let lacks { return .unmade(reason: lacks) }
        let words = data.firing.map { "+" + $0.name } + data.resolved.map { "-" + $0.name }
        var request = HTTPRequest(method: "POST", url: "http://" + host)
        request.body = Array(words.joined(separator: " ").utf8)
        do {
            let response = try await transport.send(request)
            switch response.status {
            case 200..<300: return .delivered(detail: "\(response.status)")
            case 429, 500...:
                let wait = response.header("Retry-After").flatMap { Int64($0) }
                return .retry(after: wait.map { .seconds($0) }, reason: "\(response.status)")
            default: return .failed(reason: "\(response.status)")
            }
        } catch {
            return .retry(reason: error.message, mayHaveArrived: true)
        }
    }

    func render(_ data: NotificationData) throws -> RenderedNotification {
        if let trouble { throw TransportError(.invalidRequest, trouble) }
        return RenderedNotification(
            integration: name, destination: host, text: data.firing.map(\.name).joined(),
            request: "")
    }

    func problem() async -> String? { trouble }
}

/// A clock that stands where the test puts it.
final class TestClock: PipelineClock {
    private let time = Mutex(Bench.start)

    var now: Timestamp {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }

    func sleep(until moment: Timestamp) async throws {
        throw CancellationError()
    }
}

/// A disk: rows, how often it was written to, and whether it works.
final class FakeDisk: Sendable {
    struct Broken: Error {}

    private let state = Mutex<
        (
            rows: [StateChange.Table: [String: [UInt8]]], commits: [Set<StateChange.Table>],
            broken: Bool
        )
    >(([:], [], false))

    var rows: [StateChange.Table: [String: [UInt8]]] { state.withLock { $0.rows } }
    /// The tables that each transaction wrote to.
    var commits: [Set<StateChange.Table>] { state.withLock { $0.commits } }

    func setBroken(_ broken: Bool) { state.withLock { $0.broken = broken } }

    /// A journal that writes to it.
    func journal() -> Journal {
        Journal(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) {
            try self.commit($0)
        }
    }

    /// Returns once the rows are such.
    func until(_ condition: ([StateChange.Table: [String: [UInt8]]]) -> Bool) async {
        let (writes, write) = AsyncStream<Void>.makeStream()
        listeners.withLock { $0.append(write) }
        if condition(rows) { return }
        for await _ in writes where condition(rows) { return }
    }

    private let listeners = Mutex<[AsyncStream<Void>.Continuation]>([])

    private func commit(_ rows: [JournalRow]) throws {
        try state.withLock { state in
            if state.broken { throw Broken() }
            state.commits.append(Set(rows.map(\.kind)))
            for row in rows {
                state.rows[row.kind, default: [:]][row.change.key] = row.payload
            }
        }
        for listener in listeners.withLock({ $0 }) { listener.yield() }
    }
}
