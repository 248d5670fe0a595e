import CCurl
import Glibc
import Model
import Synchronization

/// The mailbox of one loop thread, and the continuations of those who wait for it.
///
/// A continuation is registered under the lock, where cancellation is checked too, and resumed
/// outside of lock and callback: whoever takes it out of `waiting` resumes it, exactly once.
final class CurlLoop: Sendable {
    typealias Outcome = Result<Received, TransportError>

    enum Command: Sendable {
        case start(UInt64, TransferTask, BodyMailbox?)
        case resume(UInt64)
        case cancel(UInt64)
    }

    private struct State {
        var nextID: UInt64 = 0
        var commands: [Command] = []
        var waiting: [UInt64: CheckedContinuation<Outcome, Never>] = [:]
        var streams: [UInt64: BodyMailbox] = [:]
        var isRunning = false
        var isClosed = false
    }

    private let state = Mutex(State())
    let wakeDescriptor: Int32
    let idleConnections: Int?

    init(idleConnections: Int?) {
        self.idleConnections = idleConnections
        wakeDescriptor = tocsin_epoll_wakeup()
    }

    deinit { close(wakeDescriptor) }

    /// Hands the task to the thread and waits for its outcome.
    func perform(_ task: TransferTask) async -> Outcome {
        let id = state.locked { state in
            state.nextID &+= 1
            return state.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let refusal: TransportError? = state.locked { state in
                    if Task.isCancelled { return CurlLoop.cancelled }
                    if let refusal = prepare(&state) { return refusal }
                    state.waiting[id] = continuation
                    state.commands.append(.start(id, task, nil))
                    return nil
                }
                if let refusal {
                    continuation.resume(returning: .failure(refusal))
                } else {
                    wake()
                }
            }
        } onCancel: {
            let continuation = state.locked { state in
                guard let waiting = state.waiting.removeValue(forKey: id) else {
                    return nil as CheckedContinuation<Outcome, Never>?
                }
                state.commands.append(.cancel(id))
                return waiting
            }
            guard let continuation else { return }
            wake()
            continuation.resume(returning: .failure(CurlLoop.cancelled))
        }
    }

    /// Hands the task to the thread; the response arrives in the handle's mailbox.
    func open(_ task: TransferTask) throws(TransportError) -> StreamHandle {
        let mailbox = BodyMailbox()
        let (id, refusal) = state.locked { state -> (UInt64, TransportError?) in
            state.nextID &+= 1
            if let refusal = prepare(&state) { return (state.nextID, refusal) }
            state.streams[state.nextID] = mailbox
            state.commands.append(.start(state.nextID, task, mailbox))
            return (state.nextID, nil)
        }
        if let refusal { throw refusal }
        mailbox.whenThereIsRoom { [weak self] in self?.tell(.resume(id)) }
        wake()
        return StreamHandle(mailbox) { [weak self] in
            guard let self, state.locked({ $0.streams.removeValue(forKey: id) }) != nil else {
                return
            }
            tell(.cancel(id))
        }
    }

    private func tell(_ command: Command) {
        state.locked { $0.commands.append(command) }
        wake()
    }

    /// Why no transfer can be started, or nil.
    private func prepare(_ state: inout State) -> TransportError? {
        if state.isClosed || wakeDescriptor < 0 { return CurlLoop.closed }
        if !state.isRunning {
            guard startThread() else { return CurlLoop.noThread }
            state.isRunning = true
        }
        return nil
    }

    /// Called by the thread when a transfer is done.
    func finish(_ id: UInt64, _ outcome: Outcome) {
        let (continuation, mailbox) = state.locked { state in
            (state.waiting.removeValue(forKey: id), state.streams.removeValue(forKey: id))
        }
        continuation?.resume(returning: outcome)
        mailbox?.finish(outcome.map { _ in })
    }

    /// What has been asked for since the last call; nil when the thread should end.
    func takeCommands() -> [Command]? {
        state.locked { state in
            defer { state.commands.removeAll() }
            return state.isClosed ? nil : state.commands
        }
    }

    func shutdown() {
        let (waiting, streams) = state.locked { state in
            state.isClosed = true
            defer {
                state.waiting.removeAll()
                state.streams.removeAll()
            }
            return (state.waiting, state.streams)
        }
        wake()
        for continuation in waiting.values {
            continuation.resume(returning: .failure(CurlLoop.closed))
        }
        for mailbox in streams.values { mailbox.finish(.failure(CurlLoop.closed)) }
    }

    private func wake() {
        var one: UInt64 = 1
        _ = unsafe write(wakeDescriptor, &one, 8)
    }

    private func startThread() -> Bool {
        DetachedThread.start { [self] in CurlDriver(self).run() }
    }

    private static let cancelled = TransportError(.cancelled, "cancelled")
    private static let closed = TransportError(.cancelled, "the transport is shut down")
    private static let noThread = TransportError(.cancelled, "no thread could be started")
}
