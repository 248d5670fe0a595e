import Foundation
import GRDB

/// Opens SQLite files: checks them, moves damaged ones aside, brings their tables up to date.
enum DatabaseFile {
    /// A schema: what turns version n into n + 1, at index n.
    typealias Migrations = [@Sendable (Database) throws -> Void]

    /// How a file is opened.
    struct Options {
        let migrations: Migrations
        /// Whether every commit waits for the disk (`FULL`), or only checkpoints do (`NORMAL`).
        let isDurable: Bool
    }

    static func open(
        _ path: String, _ options: Options
    ) throws -> (queue: DatabaseQueue, movedAside: MovedAside?) {
        do {
            return (try openSound(path, options), nil)
        } catch let damage as Damage {
            let aside = try moveAside(path)
            let queue = try openAgain(path, options)
            return (queue, MovedAside(path: path, asidePath: aside, reason: damage.reason))
        } catch let error as StorageFailure {
            throw error
        } catch {
            throw StorageFailure(path, "\(error)")
        }
    }

    private struct Damage: Error { let reason: String }

    private static func openAgain(_ path: String, _ options: Options) throws -> DatabaseQueue {
        do {
            return try openSound(path, options)
        } catch let damage as Damage {
            throw StorageFailure(path, damage.reason)
        }
    }

    private static func openSound(_ path: String, _ options: Options) throws -> DatabaseQueue {
        do {
            var configuration = Configuration()
            configuration.journalMode = .wal
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.writeWithoutTransaction { db in
                // Set once it is open: GRDB sets NORMAL when it turns the journal to WAL.
                try db.execute(sql: "PRAGMA synchronous = \(options.isDurable ? "FULL" : "NORMAL")")
                let check = try String.fetchOne(db, sql: "PRAGMA quick_check(1)")
                if check != "ok" { throw Damage(reason: check ?? "the check gave no answer") }
                try migrate(db, path, options.migrations)
            }
            return queue
        } catch let error as DatabaseError
            where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode.primaryResultCode)
        {
            throw Damage(reason: error.message ?? "\(error.resultCode)")
        }
    }

    private static func migrate(_ db: Database, _ path: String, _ migrations: Migrations) throws {
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        if version > migrations.count {
            throw StorageFailure(
                path, "it has schema version \(version), and this tocsin knows \(migrations.count)")
        }
        for number in max(0, version)..<migrations.count {
            try db.inTransaction(.immediate) {
                try migrations[number](db)
                try db.execute(sql: "PRAGMA user_version = \(number + 1)")
                return .commit
            }
        }
    }

    private static func moveAside(_ path: String) throws -> String {
        let files = FileManager.default
        var number = 1
        while files.fileExists(atPath: "\(path).damaged-\(number)") { number += 1 }
        let aside = "\(path).damaged-\(number)"
        do {
            try files.moveItem(atPath: path, toPath: aside)
            // The journal belongs to the damaged file and must not be applied to the new one.
            for suffix in ["-wal", "-shm"] where files.fileExists(atPath: path + suffix) {
                try files.moveItem(atPath: path + suffix, toPath: aside + suffix)
            }
        } catch {
            throw StorageFailure(path, "damaged, and cannot be moved aside: \(error)")
        }
        return aside
    }

    static func makeDirectory(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            throw StorageFailure(path, "cannot be created: \(error)")
        }
    }
}

/// The bytes of a column that holds text or a blob; nil for anything else.
func bytes(_ row: Row, _ column: Int) -> [UInt8]? {
    let value: DatabaseValue = row[column]
    return Data.fromDatabaseValue(value).map { [UInt8]($0) }
}

/// The number in a column; nil for anything else.
func integer(_ row: Row, _ column: Int) -> Int64? {
    let value: DatabaseValue = row[column]
    return Int64.fromDatabaseValue(value)
}
