import Model
import Synchronization

/// One result that several tasks wait for, each for as long as it likes.
final class SharedFetch<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var waiters: [Int: CheckedContinuation<Value?, Never>] = [:]
        /// Those that gave up before they waited.
        var impatient: Set<Int> = []
        var count = 0
    }

    private let state = Mutex(State())

    func finish(_ value: Value) {
        let waiters = state.locked { state in
            state.value = value
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(returning: value) }
    }

    /// The result; nil where it is not there in time, or the task is cancelled.
    func value(until end: ContinuousClock.Instant) async -> Value? {
        let id = state.locked { state in
            state.count += 1
            return state.count
        }
        let timer = Task {
            try? await Task.sleep(until: end, clock: .continuous)
            if !Task.isCancelled { giveUp(id) }
        }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { wait(id, $0) }
        } onCancel: {
            giveUp(id)
        }
    }

    private func wait(_ id: Int, _ continuation: CheckedContinuation<Value?, Never>) {
        let (isOver, value) = state.locked { state -> (Bool, Value?) in
            let isImpatient = state.impatient.remove(id) != nil
            if state.value != nil || isImpatient { return (true, state.value) }
            state.waiters[id] = continuation
            return (false, nil)
        }
        if isOver { continuation.resume(returning: value) }
    }

    private func giveUp(_ id: Int) {
        let waiter = state.locked { state in
            let waiter = state.waiters.removeValue(forKey: id)
            if waiter == nil, state.value == nil { state.impatient.insert(id) }
            return waiter
        }
        waiter?.resume(returning: nil)
    }
}
