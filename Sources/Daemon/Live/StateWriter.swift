import Journal
import Model
import Persistence

/// Writes alert state, one transaction after the other, on a thread of its own: a slow disk holds up
/// nothing that does not wait for it.
actor StateWriter {
    private let executor = ThreadExecutor(name: "state")
    private let database: StateDatabase?

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Without a database nothing can be written, and each commit says so.
    init(_ database: StateDatabase?) { self.database = database }

    func commit(_ rows: [JournalRow]) throws {
        guard let database else { throw Storage.Unavailable(description: "no database is open") }
        try database.commit(rows)
    }
}

/// Writes samples once a second, and forgets old ones.
actor SampleWriter {
    private let executor = ThreadExecutor(name: "samples")
    private let database: SampleDatabase?

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    init(_ database: SampleDatabase?) { self.database = database }

    func flush() throws { try database?.flush() }

    func trim(before oldest: Timestamp) throws { try database?.trim(before: oldest) }
}
