import Foundation
import GRDB

#if canImport(Glibc)
    import Glibc
#endif

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
            throw StorageFailure(path, opening: error)
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
                path, "it has schema version \(version), and this tocsin knows \(migrations.count)",
                .mistake)
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

    /// Makes the directory, and those above it, where they are not there.
    static func makeDirectory(_ path: String) throws(StorageFailure) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += part + "/"
            if unsafe mkdir(made, 0o755) == 0 { continue }
            let code = errno
            // What is there already is looked at by whoever opens a file in it.
            if code == EEXIST || isDirectory(made) { continue }
            throw StorageFailure(path, "cannot be created", systemError: code)
        }
        if !isDirectory(path) {
            throw StorageFailure(path, "cannot be created", systemError: ENOTDIR)
        }
    }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}

extension StorageFailure {
    /// What kept SQLite from opening a file. SQLite says that it cannot; the system says why.
    fileprivate init(_ path: String, opening error: any Error) {
        let directory = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/")
        if unsafe access(directory.isEmpty ? "." : directory, W_OK | X_OK) != 0 {
            self.init(directory, "cannot be written", systemError: errno)
            return
        }
        let descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        if descriptor < 0 {
            self.init(path, "cannot be opened", systemError: errno)
            return
        }
        close(descriptor)
        self.init(path, "cannot be opened: \(error)")
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
