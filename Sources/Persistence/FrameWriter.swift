import Foundation
import GRDB
import Model
import Store

/// Writes frames as chains: a key frame, and after it what changed.
struct FrameWriter {
    /// How many frames a chain has: what a reader decodes more than it needs, at most.
    static let chainLength = 60

    private struct Chain {
        let axis: Int64
        var previous: [Double] = []
        var length = 0

        mutating func encode(_ frame: CommittedFrame) -> [UInt8] {
            if !frame.isPartial {
                defer { previous = frame.values }
                return FrameCodec.encode(frame.values, after: previous)
            }
            if let slots = frame.slots {
                return FrameCodec.encode(frame.values, of: slots, after: &previous)
            }
            let slots = frame.values.indices.filter { !SampleValue.isAbsent(frame.values[$0]) }
            return FrameCodec.encode(
                slots.map { frame.values[$0] }, of: slots, after: &previous)
        }
    }

    private var chains: [String: Chain] = [:]

    /// Starts new chains: what was written last is not, or no longer, there.
    mutating func forget() { chains = [:] }

    /// As `forget`, for some axes.
    mutating func forget(axes: [Int64]) {
        if !axes.isEmpty { chains = chains.filter { !axes.contains($0.value.axis) } }
    }

    mutating func write(_ frames: [CommittedFrame], _ db: Database) throws {
        let insert = try db.cachedStatement(
            sql:
                "INSERT OR REPLACE INTO frames (axis, time, is_key, data, sides) VALUES (?, ?, ?, ?, ?)"
        )
        for frame in frames {
            var chain = try chains[frame.axis] ?? begin(frame, db)
            try writeSeries(frame, chain.axis, db)
            var form: FrameForm = frame.isPartial ? .partial : []
            if chain.length % FrameWriter.chainLength == 0 {
                form.insert(.key)
                chain.previous = []
            }
            let data = chain.encode(frame)
            try insert.execute(
                arguments: [
                    chain.axis, frame.timestamp.milliseconds, form.rawValue, Data(data),
                    SideCodec.encode(
                        frame.histograms, frame.startTimes, frame.ownTimes, at: frame.timestamp
                    ).map { Data($0) },
                ])
            chain.length += 1
            chains[frame.axis] = chain
        }
    }

    /// Frames that are not older than a chain's first belong to no chain any more.
    private func begin(_ frame: CommittedFrame, _ db: Database) throws -> Chain {
        let axis = try SampleSchema.axis(frame.axis, db)
        try db.execute(
            sql: "DELETE FROM frames WHERE axis = ? AND time >= ?",
            arguments: [axis, frame.timestamp.milliseconds])
        return Chain(axis: axis)
    }

    private func writeSeries(_ frame: CommittedFrame, _ axis: Int64, _ db: Database) throws {
        if frame.newSlots.isEmpty { return }
        let known = try db.cachedStatement(
            sql: """
                SELECT labels FROM series WHERE axis = ? AND slot = ?
                ORDER BY since DESC LIMIT 1
                """)
        let insert = try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO series (axis, slot, since, labels) VALUES (?, ?, ?, ?)")
        for new in frame.newSlots {
            let labels = new.labels.encoded
            let row = try Row.fetchOne(known, arguments: [axis, new.slot])
            if let row, bytes(row, 0) == labels { continue }
            try insert.execute(
                arguments: [axis, new.slot, frame.timestamp.milliseconds, Data(labels)])
        }
    }
}

/// How a frame is written: the column `is_key` of its row.
struct FrameForm: OptionSet {
    let rawValue: Int
    /// It is the difference from nothing.
    static let key = FrameForm(rawValue: 1)
    /// It says something of some slots only.
    static let partial = FrameForm(rawValue: 2)
}
