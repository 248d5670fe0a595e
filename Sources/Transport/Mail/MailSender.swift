import Model
import Synchronization

/// Sends mail, each message on a thread of its own: libcurl waits for the answer to the message's end,
/// and to QUIT, so that a server which says nothing would hold up whatever shares its thread.
///
/// A server that hangs holds `Limits.threadsPerServer` threads until its messages time out. The others
/// are there for other servers.
final class MailSender: Sendable {
    typealias Outcome = Result<Received, TransportError>

    /// How much happens at once. Going over `waiting` is an error that names it.
    struct Limits: Sendable {
        /// Messages under way.
        var threads = 64
        /// Messages under way to one server.
        var threadsPerServer = 4
        /// Messages that wait for a thread.
        var waiting = 10_000
    }

    private struct Job {
        var id: UInt64
        var mail: MailMessage
    }

    private struct State {
        var nextID: UInt64 = 0
        var queue: [Job] = []
        var underWay: [MailServer: Int] = [:]
        var threads = 0
        var continuations: [UInt64: CheckedContinuation<Outcome, Never>] = [:]
        var isClosed = false
    }

    private let limits: Limits
    private let state = Mutex(State())
    private let servers = MailServerMemory()

    init(_ limits: Limits = Limits()) { self.limits = limits }

    /// Returns with the server's answer to the message; QUIT comes later, and nobody waits for it.
    func send(_ mail: MailMessage) async -> Outcome {
        let id = state.locked { state in
            state.nextID &+= 1
            return state.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if let refusal = enqueue(Job(id: id, mail: mail), continuation) {
                    continuation.resume(returning: .failure(refusal))
                } else {
                    startThread()
                }
            }
        } onCancel: {
            finish(id, .failure(TransportError(.cancelled, "cancelled")))
        }
    }

    /// Ends what waits and what is under way with `cancelled`.
    func shutdown() {
        let continuations = state.locked { state in
            state.isClosed = true
            state.queue = []
            defer { state.continuations = [:] }
            return state.continuations
        }
        for continuation in continuations.values {
            continuation.resume(
                returning: .failure(TransportError(.cancelled, "the transport is shut down")))
        }
    }

    private func enqueue(
        _ job: Job, _ continuation: CheckedContinuation<Outcome, Never>
    ) -> TransportError? {
        state.locked { state in
            if Task.isCancelled { return TransportError(.cancelled, "cancelled") }
            if state.isClosed {
                return TransportError(.cancelled, "the transport is shut down")
            }
            if state.queue.count >= limits.waiting {
                return TransportError(
                    .timeout,
                    "\(limits.waiting) mails wait to be sent (limit MailSender.Limits.waiting)")
            }
            state.queue.append(job)
            state.continuations[job.id] = continuation
            return nil
        }
    }

    // MARK: Threads

    /// Starts a thread for the next message that may go, if there is one.
    private func startThread() {
        guard let job = takeJob(countingThread: true) else { return }
        let started = DetachedThread.start { [self] in
            var next: Job? = job
            while let job = next {
                run(job.id, job.mail)
                next = takeJob(after: job)
            }
        }
        if !started {
            release(job)
            state.locked { $0.threads -= 1 }
            finish(
                job.id, .failure(TransportError(.connect, "no thread could be started")))
        }
    }

    /// The first message whose server has not enough under way already.
    private func takeJob(countingThread: Bool = false) -> Job? {
        state.locked { state in
            if countingThread, state.threads >= limits.threads { return nil }
            let index = state.queue.firstIndex {
                state.underWay[MailServer($0.mail), default: 0] < limits.threadsPerServer
            }
            guard let index else { return nil }
            let job = state.queue.remove(at: index)
            state.underWay[MailServer(job.mail), default: 0] += 1
            if countingThread { state.threads += 1 }
            return job
        }
    }

    /// What a thread does after `job`; nil ends it.
    private func takeJob(after job: Job) -> Job? {
        release(job)
        if let next = takeJob() { return next }
        state.locked { $0.threads -= 1 }
        return nil
    }

    private func release(_ job: Job) {
        state.locked { state in
            let server = MailServer(job.mail)
            let left = state.underWay[server, default: 1] - 1
            state.underWay[server] = left > 0 ? left : nil
        }
    }

    private func run(_ id: UInt64, _ mail: MailMessage) {
        // Whoever waited may have gone while it stood in the queue.
        guard state.locked({ $0.continuations[id] != nil }) else { return }
        let delivery = MailDelivery(mail, servers)
        finish(id, delivery.send())
        delivery.hangUp()
    }

    private func finish(_ id: UInt64, _ outcome: Outcome) {
        let continuation = state.locked { $0.continuations.removeValue(forKey: id) }
        continuation?.resume(returning: outcome)
    }
}

/// A server, and how it is spoken to.
struct MailServer: Hashable, Sendable {
    var host: String
    var port: Int
    var encryption: MailMessage.Encryption
    var helloName: String?

    init(_ mail: MailMessage) {
        host = mail.host
        port = mail.port
        encryption = mail.encryption
        helloName = mail.helloName
    }
}

/// Which mechanisms servers offer, so that they are not asked for each message.
final class MailServerMemory: Sendable {
    /// How many servers are remembered; one more, and all are forgotten.
    static let servers = 256

    private let known = Mutex<[MailServer: [String]?]>([:])

    /// The mechanisms; `.some(nil)` for a server that has no `AUTH`, nil for one that is not known.
    func mechanisms(of server: MailServer) -> [String]?? { known.locked { $0[server] } }

    func remember(_ mechanisms: [String]?, of server: MailServer) {
        known.locked { known in
            if known.count >= MailServerMemory.servers { known = [:] }
            known[server] = .some(mechanisms)
        }
    }

    func forget(_ server: MailServer) { known.locked { $0[server] = nil } }
}
