import Foundation
import Model
import Persistence

extension ChaosSnapshot {
    private struct Row: Decodable {
        struct Key: Decodable {
            var groupKey: String
            var receiver: String
        }

        var key: Key
        var inFlight: Bool?
        var mayHaveArrived: Bool?
        var firing: [UInt64]?
        var resolved: [UInt64]?

        var chaosKey: ChaosKey { ChaosKey(receiver: key.receiver, group: key.groupKey) }
    }

    /// What the database in the folder holds. A copy is read: the next run must find the files, a hot
    /// journal included, as the kill left them.
    init(storage: String, scratch: String) throws {
        let files = FileManager.default
        try? files.removeItem(atPath: scratch)
        try files.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        for name in ["state.db", "state.db-wal"]
        where files.fileExists(atPath: storage + "/" + name) {
            try files.copyItem(atPath: storage + "/" + name, toPath: scratch + "/" + name)
        }
        let database = try StateDatabase(directory: scratch)
        if let moved = database.movedAside { throw Damaged(description: "\(moved)") }
        let tables = try database.load()
        for bytes in (tables[.outbox] ?? [:]).values {
            let row = try JSONDecoder().decode(Row.self, from: Data(bytes))
            owed[row.chaosKey] = Slot(
                inFlight: row.inFlight ?? false, mayHaveArrived: row.mayHaveArrived ?? false)
        }
        for bytes in (tables[.notificationLog] ?? [:]).values {
            let row = try JSONDecoder().decode(Row.self, from: Data(bytes))
            acknowledged[row.chaosKey] = Entry(
                firing: Set(row.firing ?? []), resolved: Set(row.resolved ?? []))
        }
    }

    /// A kill must never damage the database.
    struct Damaged: Error, CustomStringConvertible {
        let description: String
    }
}
