import Foundation
import GRDB
import Model

/// The alert state that must survive: every step's changes in one transaction that is on the disk when
/// `commit` returns. A transaction that fails changes nothing and throws; the next may succeed.
public final class StateDatabase: Sendable {
    /// Set where the file was damaged and an empty one took its place: said loudly by the owner.
    public let movedAside: MovedAside?
    /// The file.
    public let path: String
    private let queue: DatabaseQueue
    private let lock: DirectoryLock

    /// Opens, or makes, `state.db` in the directory, and keeps other daemons out of the directory as
    /// long as the object lives.
    public init(directory: String) throws {
        try DatabaseFile.makeDirectory(directory)
        lock = try DirectoryLock(directory: directory)
        path = directory + "/state.db"
        (queue, movedAside) = try DatabaseFile.open(
            path, DatabaseFile.Options(migrations: StateDatabase.migrations, isDurable: true))
    }

    private static let migrations: DatabaseFile.Migrations = [
        { db in
            for table in [
                "rule_alerts", "alerts", "groups", "outbox", "notification_log", "silences", "meta",
            ] {
                try db.execute(
                    sql: """
                        CREATE TABLE "\(table)" (key TEXT PRIMARY KEY, value BLOB NOT NULL)
                        STRICT, WITHOUT ROWID
                        """)
            }
        }
    ]

    /// Writes the changes, all or none.
    public func commit(_ changes: [StateChange]) throws {
        if changes.isEmpty { return }
        do {
            try queue.writeWithoutTransaction { db in
                try db.inTransaction(.immediate) {
                    for change in changes { try StateDatabase.write(change, db) }
                    return .commit
                }
            }
        } catch {
            throw StorageFailure(path, "\(changes.count) changes were not written: \(error)")
        }
    }

    // Keys are bound as blobs: as text they would end at a NUL byte.
    private static func write(_ change: StateChange, _ db: Database) throws {
        let key = Data(change.key.utf8)
        guard let value = change.value else {
            try db.cachedStatement(
                sql: "DELETE FROM \"\(change.table.rawValue)\" WHERE key = CAST(? AS TEXT)"
            ).execute(arguments: [key])
            return
        }
        try db.cachedStatement(
            sql: """
                INSERT INTO "\(change.table.rawValue)" (key, value) VALUES (CAST(? AS TEXT), ?)
                ON CONFLICT (key) DO UPDATE SET value = excluded.value
                """
        ).execute(arguments: [key, value.isEmpty ? Data() : Data(value)])
    }

    /// Everything that is there.
    public func load() throws -> [StateChange.Table: [String: [UInt8]]] {
        do {
            return try queue.read { db in
                var tables: [StateChange.Table: [String: [UInt8]]] = [:]
                for table in StateChange.Table.allCases {
                    let rows = try Row.fetchCursor(
                        db, sql: "SELECT CAST(key AS BLOB), value FROM \"\(table.rawValue)\"")
                    var content: [String: [UInt8]] = [:]
                    while let row = try rows.next() {
                        // An empty blob is nil to the converter where SQLite has no bytes for it.
                        content[String(decoding: bytes(row, 0) ?? [], as: UTF8.self)] =
                            bytes(row, 1) ?? []
                    }
                    tables[table] = content
                }
                return tables
            }
        } catch {
            throw StorageFailure(path, "cannot be read: \(error)")
        }
    }
}
