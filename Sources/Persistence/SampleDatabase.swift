import Foundation
import GRDB
import Model
import Store
import Synchronization

/// What a sample database has done so far.
public struct SampleDatabaseStatistics: Sendable, Equatable {
    /// Frames that wait for the next flush.
    public var pendingFrames = 0
    /// Values that wait for the next flush.
    public var pendingValues = 0
    /// Frames that were lost because the disk failed for too long.
    public var droppedFrames = 0
    /// Why the last flush failed, where it did.
    public var failure: String?
}

/// Recent samples on disk, so that windows are there after a restart.
///
/// Takes every commit of a store as it happens and writes what has come when its owner calls
/// `flush()`, once a second. Where the disk fails, frames wait in memory up to
/// `maximumPendingValues`; more are dropped and counted. A damaged file is moved aside: it costs
/// history, never alert state.
public final class SampleDatabase: CommitSink {
    /// How many values may wait while the disk fails (64 MB).
    public static let maximumPendingValues = 8_000_000

    /// Set where the file was damaged and an empty one took its place.
    public let movedAside: MovedAside?
    /// The file.
    public let path: String
    private let queue: DatabaseQueue
    private let waiting = Mutex(Waiting())
    private let writer = Mutex(FrameWriter())

    /// Frames that are not on the disk yet.
    private struct Waiting {
        var frames: [CommittedFrame] = []
        var values = 0
        var dropped = 0
        var failure: String?
        /// The new slots of dropped frames, by axis: later frames make no sense without them.
        var orphans: [String: [CommittedFrame.NewSlot]] = [:]

        mutating func add(_ frame: CommittedFrame) {
            var frame = frame
            if values + frame.weight > SampleDatabase.maximumPendingValues {
                dropped += 1
                if !frame.newSlots.isEmpty {
                    orphans[frame.axis, default: []] += frame.newSlots
                }
                return
            }
            if let orphaned = orphans.removeValue(forKey: frame.axis) {
                frame = frame.with(newSlots: orphaned + frame.newSlots)
            }
            frames.append(frame)
            values += frame.weight
        }
    }

    /// Opens, or makes, `samples.db` in the directory, which the owner's `StateDatabase` has locked.
    public init(directory: String) throws {
        try DatabaseFile.makeDirectory(directory)
        path = directory + "/samples.db"
        (queue, movedAside) = try DatabaseFile.open(
            path, DatabaseFile.Options(migrations: SampleSchema.migrations, isDurable: false))
    }

    public func committed(_ frame: CommittedFrame) {
        waiting.locked { $0.add(frame) }
    }

    /// What it has done so far.
    public var statistics: SampleDatabaseStatistics {
        waiting.locked {
            SampleDatabaseStatistics(
                pendingFrames: $0.frames.count, pendingValues: $0.values,
                droppedFrames: $0.dropped, failure: $0.failure)
        }
    }

    /// Writes what waits, in one transaction. Where that fails it throws, and it all waits on.
    public func flush() throws {
        try writer.locked { writer in
            let frames = waiting.locked { waiting in
                let frames = waiting.frames
                waiting.frames = []
                waiting.values = 0
                return frames
            }
            if frames.isEmpty { return }
            do {
                try transaction { db in try writer.write(frames, db) }
                waiting.locked { $0.failure = nil }
            } catch {
                writer.forget()
                waiting.locked { waiting in
                    let newer = waiting.frames
                    waiting.frames = []
                    waiting.values = 0
                    for frame in frames + newer { waiting.add(frame) }
                    waiting.failure = "\(error)"
                }
                throw StorageFailure(path, "\(frames.count) frames were not written: \(error)")
            }
        }
    }

    /// Deletes what is older than `oldest` and not needed to read what is newer.
    public func trim(before oldest: Timestamp) throws {
        try writer.locked { writer in
            do {
                var ended: [Int64] = []
                try transaction { db in
                    ended = try SampleSchema.trim(before: oldest.milliseconds, db)
                }
                writer.forget(axes: ended)
            } catch {
                throw StorageFailure(path, "old frames were not deleted: \(error)")
            }
        }
    }

    /// Feeds the frames that are newer than `since` into the store, before any live ones: windows are
    /// then what they were. What rules require must be claimed before, or it is forgotten at once.
    /// Frames that cannot be read are left out and counted.
    ///
    /// `progress` is told how many axes are read, and of how many.
    public func restore(
        into store: Store, since: Timestamp,
        progress: (_ read: Int, _ total: Int) -> Void = { _, _ in }
    ) throws -> SampleRestoration {
        do {
            return try queue.read { db in
                var result = SampleRestoration()
                let axes = try SampleSchema.axes(db)
                for (index, (id, key)) in axes.enumerated() {
                    progress(index, axes.count)
                    try SampleReader.restore(
                        id, key, into: store, since: since.milliseconds, db, &result)
                }
                progress(axes.count, axes.count)
                return result
            }
        } catch {
            throw StorageFailure(path, "cannot be read: \(error)")
        }
    }

    private func transaction(_ body: (Database) throws -> Void) throws {
        try queue.writeWithoutTransaction { db in
            try db.inTransaction(.immediate) {
                try body(db)
                return .commit
            }
        }
    }
}

extension CommittedFrame {
    /// What it weighs while it waits, in values.
    fileprivate var weight: Int {
        histograms.reduce(
            values.count + (slots?.count ?? 0) + 2 * (startTimes.count + ownTimes.count)
        ) { sum, sample in
            let histogram = sample.histogram
            return sum + 8 + histogram.positiveBuckets.count + histogram.negativeBuckets.count
        }
    }
}

/// What came back from a sample database.
public struct SampleRestoration: Sendable, Equatable {
    /// Axes with frames.
    public var axes = 0
    /// Frames that the store took.
    public var frames = 0
    /// Frames that could not be read.
    public var damagedFrames = 0
    /// The newest frame's time: when the daemon last saw something.
    public var newest: Timestamp?

    /// Nothing.
    public init() {}
}
