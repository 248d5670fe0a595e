import Foundation
import GRDB
import Journal
import Model

/// The alert state that must survive: rows in transactions, each one that is on the disk when
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
            let tables = [
                "rule_alerts", "alerts", "groups", "outbox", "notification_log", "silences", "meta",
            ]
            for table in tables { try makeTable(table, db) }
        },
        { db in try makeTable("pushed_groups", db) },
    ]

    private static func makeTable(_ name: String, _ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE "\(name)" (key TEXT PRIMARY KEY, value BLOB NOT NULL)
                STRICT, WITHOUT ROWID
                """)
    }

    /// The key of the newest row's number in `meta`.
    static let sequenceKey = "journal_sequence"

    /// Writes the rows with their newest number, all or none.
    public func commit(_ rows: [JournalRow]) throws {
        guard let last = rows.map(\.sequence).max() else { return }
        let mark = StateChange(
            .meta, key: StateDatabase.sequenceKey, value: Array(String(last).utf8))
        do {
            try queue.writeWithoutTransaction { db in
                try db.inTransaction(.immediate) {
                    for row in rows { try StateDatabase.write(row.change, db) }
                    try StateDatabase.write(mark, db)
                    return .commit
                }
            }
        } catch {
            throw StorageFailure(path, "\(rows.count) rows were not written: \(error)")
        }
    }

    /// The number of the newest row that was written; 0 where none was.
    public func lastSequence() throws -> UInt64 {
        do {
            return try queue.read { db in
                let row = try Row.fetchOne(
                    db, sql: "SELECT value FROM meta WHERE key = ?",
                    arguments: [StateDatabase.sequenceKey])
                let text = row.flatMap { bytes($0, 0) }.map { String(decoding: $0, as: UTF8.self) }
                return text.flatMap { UInt64($0) } ?? 0
            }
        } catch {
            throw StorageFailure(path, "cannot be read: \(error)")
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

    /// All rows that are there.
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
                tables[.meta]?[StateDatabase.sequenceKey] = nil
                return tables
            }
        } catch {
            throw StorageFailure(path, "cannot be read: \(error)")
        }
    }
}
