import Model
import Synchronization

/// Writes rows one transaction at a time, and keeps what could not be written for the next try: a
/// broken disk stops no page.
actor RowWriter {
    private let commit: NotificationPipeline.Commit
    private let unwritten = Mutex(ChangeList())
    private var last: Task<Void, Never>?
    private(set) var problem: String?

    init(_ commit: @escaping NotificationPipeline.Commit) { self.commit = commit }

    /// Takes rows in. Whoever computes them calls this before anything else can be computed: an actor
    /// may take messages in another order than they were sent, and the newer of two rows must stay.
    nonisolated func add(_ changes: [StateChange]) {
        if changes.isEmpty { return }
        unwritten.locked { $0.add(changes) }
    }

    /// Returns when every row that was taken in before is written, or could not be: then `problem`
    /// says why.
    ///
    /// The transaction runs in a task of its own: cancelling the caller must not roll it back.
    func write() async {
        // Nothing to do, unless it is being written just now.
        if last == nil, unwritten.locked({ $0.isEmpty }) { return }
        let previous = last
        let task = Task {
            await previous?.value
            await self.writeAll()
        }
        last = task
        await task.value
        if last == task { last = nil }
    }

    private func writeAll() async {
        // What came while the previous transaction ran is part of this one; a later call may then
        // find nothing left to do.
        let batch = unwritten.locked { unwritten in
            defer { unwritten = ChangeList() }
            return unwritten
        }
        if batch.isEmpty { return }
        do {
            try await commit(batch.list)
            problem = nil
        } catch {
            problem = "alert state could not be written, going on from memory: \(error)"
            unwritten.locked { newer in
                var kept = batch
                kept.add(newer.list)
                newer = kept
            }
        }
    }
}
