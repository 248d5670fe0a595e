import Model

/// Writes rows in the order they were given, one transaction at a time, and keeps what could not be
/// written for the next try: a broken disk stops no page.
actor RowWriter {
    private let commit: NotificationPipeline.Commit
    private var unwritten = ChangeList()
    private var last: Task<Void, Never>?
    private(set) var problem: String?

    init(_ commit: @escaping NotificationPipeline.Commit) { self.commit = commit }

    /// Returns when the rows are written, or could not be: then `problem` says why.
    ///
    /// The transaction runs in a task of its own: cancelling the caller must not roll it back.
    func write(_ changes: [StateChange]) async {
        unwritten.add(changes)
        if unwritten.isEmpty { return }
        let previous = last
        let task = Task {
            await previous?.value
            await self.writeAll()
        }
        last = task
        await task.value
    }

    private func writeAll() async {
        // What came while the previous transaction ran is part of this one; a later call may then
        // find nothing left to do.
        if unwritten.isEmpty { return }
        let batch = unwritten
        unwritten = ChangeList()
        do {
            try await commit(batch.list)
            problem = nil
        } catch {
            problem = "alert state could not be written, going on from memory: \(error)"
            var kept = batch
            kept.add(unwritten.list)
            unwritten = kept
        }
    }
}
