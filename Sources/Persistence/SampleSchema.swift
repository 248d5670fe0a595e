import Foundation
import GRDB

/// The tables of a sample database and what is asked of them.
///
/// `series` says what a slot of an axis holds from a time on; `frames` holds chains of a key frame and
/// its followers.
enum SampleSchema {
    static let migrations: DatabaseFile.Migrations = [
        { db in
            try db.execute(
                sql: """
                    CREATE TABLE axes (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE) STRICT;
                    CREATE TABLE series (
                        axis INTEGER NOT NULL, slot INTEGER NOT NULL, since INTEGER NOT NULL,
                        labels BLOB NOT NULL, PRIMARY KEY (axis, slot, since)
                    ) STRICT, WITHOUT ROWID;
                    CREATE TABLE frames (
                        axis INTEGER NOT NULL, time INTEGER NOT NULL, is_key INTEGER NOT NULL,
                        data BLOB NOT NULL, PRIMARY KEY (axis, time)
                    ) STRICT, WITHOUT ROWID;
                    """)
        },
        // Native histograms and start timestamps of a frame; mostly NULL.
        { db in try db.execute(sql: "ALTER TABLE frames ADD COLUMN sides BLOB") },
    ]

    static func axes(_ db: Database) throws -> [(id: Int64, key: String)] {
        try Row.fetchAll(db, sql: "SELECT id, key FROM axes ORDER BY id").compactMap { row in
            guard let id = integer(row, 0), let key = bytes(row, 1) else { return nil }
            return (id, String(decoding: key, as: UTF8.self))
        }
    }

    /// The axis' id, a new one where there is none.
    static func axis(_ key: String, _ db: Database) throws -> Int64 {
        let data = Data(key.utf8)
        if let row = try Row.fetchOne(
            db, sql: "SELECT id FROM axes WHERE key = ?", arguments: [data]),
            let id = integer(row, 0)
        {
            return id
        }
        try db.execute(sql: "INSERT INTO axes (key) VALUES (?)", arguments: [data])
        return db.lastInsertedRowID
    }

    /// The time of the newest key frame that is not newer than `time`.
    static func keyFrame(of axis: Int64, upTo time: Int64, _ db: Database) throws -> Int64? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT time FROM frames WHERE axis = ? AND time <= ? AND is_key & 1
                ORDER BY time DESC LIMIT 1
                """, arguments: [axis, time]
        ).flatMap { integer($0, 0) }
    }

    /// Deletes what is too old; returns the axes of which nothing is left.
    static func trim(before oldest: Int64, _ db: Database) throws -> [Int64] {
        var ended: [Int64] = []
        for (axis, _) in try axes(db) {
            let newest = try Row.fetchOne(
                db, sql: "SELECT time FROM frames WHERE axis = ? ORDER BY time DESC LIMIT 1",
                arguments: [axis]
            ).flatMap { integer($0, 0) }
            guard let newest, newest >= oldest else {
                for table in ["frames", "series"] {
                    try db.execute(
                        sql: "DELETE FROM \(table) WHERE axis = ?", arguments: [axis])
                }
                try db.execute(sql: "DELETE FROM axes WHERE id = ?", arguments: [axis])
                ended.append(axis)
                continue
            }
            guard let first = try keyFrame(of: axis, upTo: oldest, db) else { continue }
            try db.execute(
                sql: "DELETE FROM frames WHERE axis = ? AND time < ?", arguments: [axis, first])
            try db.execute(
                sql: """
                    DELETE FROM series WHERE axis = ?1 AND EXISTS (
                        SELECT 1 FROM series AS later WHERE later.axis = ?1
                        AND later.slot = series.slot AND later.since > series.since
                        AND later.since <= ?2)
                    """, arguments: [axis, first])
        }
        return ended
    }
}
