import Logging
import Model
import Synchronization

/// Writes alert state in the order in which it was computed, one transaction after the other, and tells
/// those who wait when their rows are on the disk.
///
/// Whoever computes rows calls `append` before anything else can be computed; that only takes them in.
/// `settled` waits. A disk that refuses, or that does not answer for `patience`, holds up nobody any
/// longer: alerting goes on from memory, `problem` says so, and all rows are written as soon as that is
/// possible.
public final class Journal: Sendable {
    /// Writes rows in one transaction. It returns when they are on the disk.
    public typealias Commit = @Sendable ([JournalRow]) async throws -> Void
    /// The number of a row.
    public typealias Position = UInt64

    /// How long anything waits for the disk at most.
    public static let patience = Duration.seconds(5)

    /// Whether rows are on the disk.
    public enum Durability: Sendable, Hashable {
        /// They are.
        case durable
        /// They are in memory only, for this reason.
        case inMemory(String)
    }

    /// How writing stands.
    public struct Status: Sendable, Hashable {
        /// The newest row.
        public var last: Position
        /// Rows that wait, of each key the newest; those that are just being written not among them.
        public var waiting = 0
        /// Transactions that failed so far.
        public var failures = 0
        /// How often the disk did not answer in time so far.
        public var delays = 0
        /// Why rows are in memory only at present.
        public var problem: String?
    }

    private struct Waiter {
        let position: Position
        let continuation: CheckedContinuation<Durability, Never>
        var timer: Task<Void, Never>?
    }

    private struct State {
        var backlog = Backlog()
        var durable: Position
        var isWriting = false
        /// The disk did not answer in time what is being written.
        var isStuck = false
        var status: Status
        var waiters: [Int: Waiter] = [:]
        var nextWaiter = 0

        /// Those whose rows are on the disk, or all of them.
        mutating func takeWaiters(all: Bool) -> [Waiter] {
            let ready = waiters.filter { all || $0.value.position <= durable }
            for id in ready.keys { waiters[id] = nil }
            return Array(ready.values)
        }
    }

    private let state: Mutex<State>
    private let commit: Commit?
    private let writeSamples: @Sendable () async throws -> Void
    private let sleep: @Sendable (Duration) async throws -> Void
    private let logger: Logger

    /// A journal that goes on behind `position`, the last number of an earlier run.
    ///
    /// - Parameters:
    ///   - samples: writes the samples that were taken so far. Where it fails, rows that follow from them
    ///     are written all the same.
    ///   - sleep: waits for real time to pass.
    public init(
        after position: Position = 0, logger: Logger = Logger(label: "journal"),
        samples: @escaping @Sendable () async throws -> Void = {},
        sleep: @escaping @Sendable (Duration) async throws -> Void = {
            try await Task.sleep(for: $0)
        },
        commit: @escaping Commit
    ) {
        state = Mutex(State(durable: position, status: Status(last: position)))
        self.commit = commit
        writeSamples = samples
        self.sleep = sleep
        self.logger = logger
    }

    private init() {
        state = Mutex(State(durable: 0, status: Status(last: 0)))
        commit = nil
        writeSamples = {}
        sleep = { _ in }
        logger = Logger(label: "journal")
    }

    /// A journal that keeps nothing: of a replay.
    public static func discarding() -> Journal { Journal() }

    /// How writing stands.
    public var status: Status {
        state.locked { state in
            var status = state.status
            status.waiting = state.backlog.count
            return status
        }
    }

    /// Why alert state is in memory only at present, or nil.
    public var problem: String? { state.locked { $0.status.problem } }

    // MARK: Rows come in

    /// Takes a step in, behind all that was taken in before, and returns its last row's number.
    @discardableResult
    public func append(_ step: JournalStep) -> Position {
        let (position, begins) = state.locked { state in
            let first = state.status.last &+ 1
            state.status.last &+= UInt64(step.changes.count)
            if commit == nil {
                state.durable = state.status.last
                return (state.status.last, false)
            }
            state.backlog.add(step, from: first)
            return (state.status.last, Journal.begins(&state))
        }
        if begins { write() }
        return position
    }

    /// Tries again what could not be written.
    public func retry() {
        if state.locked({ Journal.begins(&$0) }) { write() }
    }

    /// Returns when all that was appended so far is on the disk, or is in memory only.
    @discardableResult
    public func settled() async -> Durability { await settled(state.locked { $0.status.last }) }

    /// Returns when the rows up to `position` are on the disk, or are in memory only because the disk
    /// refuses them or has not answered for `patience`.
    @discardableResult
    public func settled(_ position: Position) async -> Durability {
        if let known = state.locked({ Journal.outcome($0, position) }) { return known }
        return await withCheckedContinuation { continuation in
            let (known, id) = state.locked { state -> (Durability?, Int) in
                if let known = Journal.outcome(state, position) { return (known, 0) }
                state.nextWaiter += 1
                state.waiters[state.nextWaiter] = Waiter(
                    position: position, continuation: continuation)
                return (nil, state.nextWaiter)
            }
            if let known { continuation.resume(returning: known) } else { limit(id) }
        }
    }

    /// What is known of rows without waiting for anything.
    private static func outcome(_ state: borrowing State, _ position: Position) -> Durability? {
        if position <= state.durable { return .durable }
        if state.isWriting, !state.isStuck { return nil }
        return .inMemory(state.status.problem ?? "alert state waits to be written")
    }

    /// Lets a waiter wait for `patience` at most.
    private func limit(_ id: Int) {
        let timer = Task { [sleep] in
            do { try await sleep(Journal.patience) } catch { return }
            self.giveUp(id)
        }
        let isLate = state.locked { state in
            guard state.waiters[id] != nil else { return true }
            state.waiters[id]?.timer = timer
            return false
        }
        if isLate { timer.cancel() }
    }

    /// The disk has not answered in time: nobody waits for it until it does.
    private func giveUp(_ id: Int) {
        let problem = """
            alert state was not written within \(Journal.patience) (Journal.patience): the disk does not \
            answer, going on from memory
            """
        let waiters = state.locked { state -> [Waiter] in
            guard state.waiters[id] != nil else { return [] }
            state.isStuck = true
            state.status.problem = problem
            state.status.delays += 1
            return state.takeWaiters(all: true)
        }
        if waiters.isEmpty { return }
        logger.error("\(problem)")
        release(waiters, .inMemory(problem))
    }

    private func release(_ waiters: [Waiter], _ durability: Durability) {
        for waiter in waiters {
            waiter.timer?.cancel()
            waiter.continuation.resume(returning: durability)
        }
    }

    // MARK: Rows go out

    private static func begins(_ state: inout State) -> Bool {
        if state.isWriting || state.backlog.isEmpty { return false }
        state.isWriting = true
        return true
    }

    /// Writes until nothing waits or the disk refuses. In a task of its own: cancelling whoever computed
    /// the rows must not roll them back.
    private func write() {
        Task {
            while let batch = takeBatch() {
                do {
                    if batch.followsSamples { try? await writeSamples() }
                    try await commit?(batch.list)
                    succeeded(batch)
                } catch {
                    failed(batch, error)
                    return
                }
            }
        }
    }

    /// Everything that waits; nil, and an end of writing, where nothing does.
    private func takeBatch() -> Backlog? {
        state.locked { state in
            if state.backlog.isEmpty {
                state.isWriting = false
                return nil
            }
            defer { state.backlog = Backlog() }
            return state.backlog
        }
    }

    private func succeeded(_ batch: Backlog) {
        let (former, waiters) = state.locked { state in
            let former = state.status.problem
            state.durable = max(state.durable, batch.last)
            state.isStuck = false
            state.status.problem = nil
            return (former, state.takeWaiters(all: false))
        }
        if former != nil { logger.notice("alert state is written again") }
        release(waiters, .durable)
    }

    private func failed(_ batch: Backlog, _ error: any Error) {
        let problem = "alert state could not be written, going on from memory: \(error)"
        let (former, waiters) = state.locked { state in
            let former = state.status.problem
            // What came meanwhile is newer.
            var kept = batch
            kept.add(state.backlog)
            state.backlog = kept
            state.isWriting = false
            state.isStuck = false
            state.status.problem = problem
            state.status.failures += 1
            return (former, state.takeWaiters(all: true))
        }
        if former == nil { logger.error("\(problem)") }
        release(waiters, .inMemory(problem))
    }
}
