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
        case start(UInt64, TransferTask)
        case cancel(UInt64)
    }

    private struct State {
        var nextID: UInt64 = 0
        var commands: [Command] = []
        var waiting: [UInt64: CheckedContinuation<Outcome, Never>] = [:]
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
                    if state.isClosed || wakeDescriptor < 0 { return CurlLoop.closed }
                    if !state.isRunning {
                        guard startThread() else { return CurlLoop.noThread }
                        state.isRunning = true
                    }
                    state.waiting[id] = continuation
                    state.commands.append(.start(id, task))
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

    /// Called by the thread when a transfer is done.
    func finish(_ id: UInt64, _ outcome: Outcome) {
        let continuation = state.locked { $0.waiting.removeValue(forKey: id) }
        continuation?.resume(returning: outcome)
    }

    /// What has been asked for since the last call; nil when the thread should end.
    func takeCommands() -> [Command]? {
        state.locked { state in
            defer { state.commands.removeAll() }
            return state.isClosed ? nil : state.commands
        }
    }

    func shutdown() {
        let waiting = state.locked { state in
            state.isClosed = true
            defer { state.waiting.removeAll() }
            return state.waiting
        }
        wake()
        for continuation in waiting.values {
            continuation.resume(returning: .failure(CurlLoop.closed))
        }
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
