import Foundation
import GRDB
import Journal
import Model
import Persistence
import Testing

@Suite struct StateDatabaseTests {
    @Test func whatWasCommittedIsThereAfterReopening() throws {
        let directory = TemporaryDirectory()
        do {
            let database = try StateDatabase(directory: directory.path)
            #expect(database.movedAside == nil)
            try database.commit(
                StateChange.Table.allCases.map {
                    StateChange($0, key: "a", value: Array($0.rawValue.utf8))
                })
            try database.commit([
                StateChange(.alerts, key: "a", value: [1, 2]),
                StateChange(.alerts, key: "nul\0byte", value: []),
                StateChange(.alerts, key: "nul\0other", value: [0]),
                StateChange(.silences, key: "a", value: nil),
                StateChange(.silences, key: "never there", value: nil),
            ])
        }
        let tables = try StateDatabase(directory: directory.path).load()
        #expect(tables[.alerts] == ["a": [1, 2], "nul\0byte": [], "nul\0other": [0]])
        #expect(tables[.silences] == [:])
        for table in StateChange.Table.allCases where table != .alerts && table != .silences {
            #expect(tables[table] == ["a": Array(table.rawValue.utf8)])
        }
    }

    /// Numbers go on over a restart, and a transaction that fails leaves none.
    @Test func theNewestNumberIsKnownAfterReopening() throws {
        let directory = TemporaryDirectory()
        do {
            let database = try StateDatabase(directory: directory.path)
            #expect(try database.lastSequence() == 0)
            try database.commit([
                JournalRow(
                    sequence: 1 << 40, time: Timestamp(milliseconds: 5),
                    change: StateChange(.alerts, key: "a", value: [1]))
            ])
        }
        let database = try StateDatabase(directory: directory.path)
        #expect(try database.lastSequence() == 1 << 40)
        #expect(try database.load()[.meta] == [:])
    }

    @Test func aSecondDaemonIsRefusedUntilTheFirstIsGone() throws {
        let directory = TemporaryDirectory()
        var first: StateDatabase? = try StateDatabase(directory: directory.path)
        let error = #expect(throws: StorageFailure.self) {
            try StateDatabase(directory: directory.path)
        }
        #expect(error?.description.contains(directory.path) == true)
        #expect(error?.description.contains("another tocsin is running") == true)
        #expect(first?.movedAside == nil)
        first = nil
        _ = try StateDatabase(directory: directory.path)
    }

    @Test func aDamagedFileIsMovedAside() throws {
        let directory = TemporaryDirectory()
        do { _ = try StateDatabase(directory: directory.path) }
        try directory.overwrite("state.db", with: String(repeating: "not a database ", count: 1000))
        do {
            let database = try StateDatabase(directory: directory.path)
            #expect(database.movedAside?.asidePath == directory.path + "/state.db.damaged-1")
            #expect(directory.exists("state.db.damaged-1"))
            try database.commit([StateChange(.meta, key: "k", value: [1])])
        }
        let database = try StateDatabase(directory: directory.path)
        #expect(database.movedAside == nil)
        #expect(try database.load()[.meta] == ["k": [1]])
    }

    @Test func aFileOfANewerVersionIsLeftAlone() throws {
        let directory = TemporaryDirectory()
        do { _ = try StateDatabase(directory: directory.path) }
        try DatabaseQueue(path: directory.path + "/state.db").writeWithoutTransaction {
            try $0.execute(sql: "PRAGMA user_version = 99")
        }
        let error = #expect(throws: StorageFailure.self) {
            try StateDatabase(directory: directory.path)
        }
        #expect(error?.reason.contains("99") == true)
        #expect(!directory.exists("state.db.damaged-1"))
    }

    @Test func aCommitThatFailsChangesNothingAndALaterOneWorks() throws {
        let directory = TemporaryDirectory()
        let database = try StateDatabase(directory: directory.path)
        let other = try DatabaseQueue(path: directory.path + "/state.db")
        try other.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    CREATE TRIGGER full BEFORE INSERT ON meta WHEN NEW.key = 'bad'
                    BEGIN SELECT RAISE(ABORT, 'disk full'); END
                    """)
        }
        let changes = [
            StateChange(.alerts, key: "a", value: [1]), StateChange(.meta, key: "bad", value: [1]),
        ]
        let error = #expect(throws: StorageFailure.self) { try database.commit(changes) }
        #expect(error?.description.contains("disk full") == true)
        #expect(try database.load()[.alerts] == [:])
        try other.writeWithoutTransaction { try $0.execute(sql: "DROP TRIGGER full") }
        try database.commit(changes)
        #expect(try database.load()[.alerts] == ["a": [1]])
    }

    @Test func whatAnAbandonedTransactionWroteIsNotThere() throws {
        let directory = TemporaryDirectory()
        do {
            let database = try StateDatabase(directory: directory.path)
            try database.commit([StateChange(.alerts, key: "kept", value: [1])])
        }
        let copy = TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: copy.path, withIntermediateDirectories: true)
        // A copy of the files while a transaction is open is what a kill leaves behind.
        try DatabaseQueue(path: directory.path + "/state.db").writeWithoutTransaction { db in
            try db.inTransaction(.immediate) {
                try db.execute(sql: "INSERT INTO alerts VALUES ('lost', x'02')")
                for name in ["state.db", "state.db-wal"] where directory.exists(name) {
                    try FileManager.default.copyItem(
                        atPath: directory.path + "/" + name, toPath: copy.path + "/" + name)
                }
                return .rollback
            }
        }
        let database = try StateDatabase(directory: copy.path)
        #expect(try database.load()[.alerts] == ["kept": [1]])
    }
}

extension StateDatabase {
    /// Writes changes as rows that are numbered from 1.
    fileprivate func commit(_ changes: [StateChange]) throws {
        try commit(
            changes.enumerated().map { number, change in
                JournalRow(
                    sequence: UInt64(number) + 1, time: Timestamp(milliseconds: 0), change: change)
            })
    }
}
