import Model
import Synchronization

/// Between the loop's thread, which brings a response in pieces, and the one task that takes them.
final class BodyMailbox: Sendable {
    /// What waits to be taken before the other side has to wait, in bytes.
    static let capacity = 256 << 10

    /// What is known once the headers are whole.
    struct Head: Sendable {
        var status: Int
        var reason: String
        var headers: [HTTPRequest.Header]
    }

    private struct State {
        var head: Head?
        var waiting: [UInt8] = []
        var isPaused = false
        var end: Result<Void, TransportError>?
        var waiter: CheckedContinuation<Void, Never>?
        var resume: (@Sendable () -> Void)?

        mutating func takeWaiter() -> CheckedContinuation<Void, Never>? {
            defer { waiter = nil }
            return waiter
        }
    }

    private let state = Mutex(State())

    /// Has `resume` called when there is room again after a pause.
    func whenThereIsRoom(_ resume: @escaping @Sendable () -> Void) {
        state.locked { $0.resume = resume }
    }

    // MARK: The loop's side

    /// The headers are whole; only the first call counts.
    func begin(_ head: Head) {
        change { if $0.head == nil { $0.head = head } }
    }

    var hasBegun: Bool { state.locked { $0.head != nil } }

    /// Whether the transfer has to pause. `resume` is called once it need not any longer.
    func isFull() -> Bool {
        state.locked { state in
            if state.waiting.count >= BodyMailbox.capacity { state.isPaused = true }
            return state.isPaused
        }
    }

    func append(_ bytes: [UInt8]) {
        if !bytes.isEmpty { change { $0.waiting += bytes } }
    }

    /// Nothing follows; only the first call counts.
    func finish(_ end: Result<Void, TransportError>) {
        change { state in
            if state.end == nil { state.end = end }
            state.resume = nil
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let waiter = state.locked { state in
            body(&state)
            return state.takeWaiter()
        }
        waiter?.resume()
    }

    // MARK: The taker's side

    func head() async throws(TransportError) -> Head {
        while true {
            let (head, end) = state.locked { ($0.head, $0.end) }
            if let head { return head }
            try BodyMailbox.check(end)
            if end != nil { throw TransportError(.protocolError, "an answer without a status") }
            await change { $0.head != nil || $0.end != nil }
        }
    }

    func next() async throws(TransportError) -> [UInt8]? {
        while true {
            let (bytes, end, resume) = state.locked { state in
                let bytes = state.waiting
                state.waiting = []
                let resume = state.isPaused ? state.resume : nil
                state.isPaused = false
                return (bytes, state.end, resume)
            }
            resume?()
            if !bytes.isEmpty { return bytes }
            try BodyMailbox.check(end)
            if end != nil { return nil }
            await change { !$0.waiting.isEmpty || $0.end != nil }
        }
    }

    private static func check(
        _ end: Result<Void, TransportError>?
    ) throws(TransportError) {
        if Task.isCancelled { throw TransportError(.cancelled, "cancelled") }
        try end?.get()
    }

    /// Returns when `isThere`, or the task is cancelled.
    private func change(until isThere: @Sendable (borrowing State) -> Bool) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = state.locked { state in
                    if Task.isCancelled || isThere(state) { return true }
                    state.waiter = continuation
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            state.locked { $0.takeWaiter() }?.resume()
        }
    }
}

/// What the taker of a stream holds: letting go of it ends the transfer.
final class StreamHandle: Sendable {
    let mailbox: BodyMailbox
    private let cancel: @Sendable () -> Void

    init(_ mailbox: BodyMailbox, cancel: @escaping @Sendable () -> Void) {
        self.mailbox = mailbox
        self.cancel = cancel
    }

    deinit { cancel() }

    func next() async throws(TransportError) -> [UInt8]? { try await mailbox.next() }
}
