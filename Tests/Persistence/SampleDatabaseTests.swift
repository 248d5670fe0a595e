import Foundation
import GRDB
import Model
import Persistence
import Store
import TestSupport
import Testing

@Suite struct SampleDatabaseTests {
    private func labels(_ number: Int) -> Labels { Labels(["__name__": "m", "n": "\(number)"]) }

    private func store(_ sink: SampleDatabase?) -> Store {
        var options = StoreOptions()
        options.retention = .minutes(10)
        options.sink = sink
        return Store(options)
    }

    /// Every series with the samples of its window, as text so that bits are compared.
    private func windows(_ store: Store, from: Int64, through: Int64) -> [String: [String]] {
        var windows: [String: [String]] = [:]
        let selection = store.select([])
        selection.forEachWindow(
            from: Timestamp(milliseconds: from), through: Timestamp(milliseconds: through),
            pin: store.pin()
        ) { (entry: Int, samples: borrowing WindowSamples) in
            var texts: [String] = []
            for index in 0..<samples.count {
                var histogram = samples.histogram(at: index)
                // The first one that comes back has none before it to be compared with.
                if histogram?.resetHint == .notReset { histogram?.resetHint = .unknown }
                texts.append(
                    "\(samples.timestamps[index])=\(samples.values[index].bitPattern)"
                        + "\(histogram?.testExpression ?? "")@\(samples.startTime(at: index))")
            }
            windows[selection.labels[entry].description] = texts
        }
        return windows
    }

    /// Targets whose series come, go, and are given up for others.
    private func write(
        to store: Store, frames: Int, from start: Int64, seed: UInt64,
        flushing database: SampleDatabase
    ) throws -> Int64 {
        var random = SeededRandom(seed: seed)
        var time = start
        for step in 0..<frames {
            for target in 0..<3 {
                time += Int64.random(in: 1...9000, using: &random)
                let axis = store.openAxis("target \(target)")
                var values: [Double] = []
                var histograms: [SlotHistogram] = []
                var starts: [SlotStartTime] = []
                for number in (step / 20)..<(step / 20 + 30)
                where Int.random(in: 0..<10, using: &random) > 0 {
                    let slot = axis.slot(for: labels(number * 3 + target))
                    while values.count <= slot { values.append(SampleValue.stale) }
                    values[slot] = Double(step) * Double.random(in: 0..<2, using: &random)
                    if number % 5 == 0 {
                        let histogram = SideCodecTests.histogram(&random)
                        histograms.append(SlotHistogram(slot: slot, histogram: histogram))
                    }
                    if number % 7 == 0 {
                        let start = Timestamp(milliseconds: time - Int64(step % 3))
                        starts.append(SlotStartTime(slot: slot, start: start))
                    }
                }
                #expect(
                    axis.commit(
                        at: Timestamp(milliseconds: time), values: values, histograms: histograms,
                        startTimes: starts))
                if step % 20 == 19 {
                    axis.release(slot: axis.slot(for: labels(step / 20 * 3 + target)))
                }
            }
            store.append(
                labels(-1), at: Timestamp(milliseconds: time), value: step == 7 ? .nan : 1)
            commitPartial(to: store, at: time, step: step, &random)
            let batch = batch(before: time, step: step, &random)
            _ = store.write(batch, from: "peer", outOfOrderWindow: .minutes(2))
            if step % 5 == 0 { try database.flush() }
            if step % 30 == 0 { store.sweep(at: Timestamp(milliseconds: time)) }
        }
        try database.flush()
        return time
    }

    /// A target whose samples have times of their own, of which a scrape brings some.
    private func commitPartial(
        to store: Store, at time: Int64, step: Int, _ random: inout SeededRandom
    ) {
        let axis = store.openAxis("cadvisor")
        var values: [Double] = []
        var ownTimes: [SlotTime] = []
        for number in 0..<20 {
            let slot = axis.slot(for: labels(2000 + number))
            while values.count <= slot { values.append(SampleValue.absent) }
            if Int.random(in: 0..<3, using: &random) == 0 { continue }
            values[slot] = number == step % 40 ? SampleValue.stale : Double(step + number)
            if number % 4 > 0 {
                let own = Timestamp(milliseconds: time - Int64(number / 7) * 1000 - 500)
                ownTimes.append(SlotTime(slot: slot, time: own))
            }
        }
        axis.commit(
            at: Timestamp(milliseconds: time), values: values, ownTimes: ownTimes, isPartial: true)
    }

    /// What a peer writes: of some series, with numbers and histograms, now and then late.
    private func batch(before time: Int64, step: Int, _ random: inout SeededRandom) -> SampleBatch {
        var batch = SampleBatch()
        for number in 0..<12 where Int.random(in: 0..<4, using: &random) > 0 {
            let series = labels(3000 + number + step / 25).setting("job", "\(number % 3)")
            batch.series.append(series)
            for back in [Int64(8000), 2000] {
                let late: Int64 = Int.random(in: 0..<9, using: &random) == 0 ? 50_000 : 0
                let sampled = Timestamp(milliseconds: time - back - late - Int64(number / 6))
                let histogram = number == 5 ? SideCodecTests.histogram(&random) : nil
                batch.samples.append(
                    .init(
                        series: batch.series.count - 1, time: sampled,
                        value: Double(step) * 1.25 + Double(number), histogram: histogram,
                        startTime: number % 4 == 0 ? sampled - .minutes(1) : nil))
            }
        }
        return batch
    }

    @Test(arguments: 1...4) func windowsAreTheSameAfterARestart(seed: UInt64) throws {
        let directory = TemporaryDirectory()
        var time: Int64 = 1_000_000
        var expected: [String: [String]] = [:]
        for run in 0..<3 {
            let database = try SampleDatabase(directory: directory.path)
            let store = store(database)
            let restored = try database.restore(
                into: store, since: Timestamp(milliseconds: time - 540_000))
            #expect(restored.damagedFrames == 0)
            #expect((run == 0) == (restored.frames == 0))
            let found = windows(store, from: time - 540_000, through: time)
            let differing = expected.filter { found[$0.key] != $0.value }
            #expect(differing.isEmpty && found.count == expected.count, "\(differing.keys)")
            time = try write(
                to: store, frames: 100, from: time, seed: seed &* 10 &+ UInt64(run),
                flushing: database)
            try database.trim(before: Timestamp(milliseconds: time - 600_000))
            expected = windows(store, from: time - 540_000, through: time)
            #expect(expected.count > 90)
            #expect(database.statistics.pendingFrames == 0)
        }
    }

    /// What a sender writes after a restart may be older than what others of its target wrote before.
    @Test func samplesThatLagBehindOverARestartTakeNothingAway() throws {
        let directory = TemporaryDirectory()
        var expected: [String: [String]] = [:]
        for run in 0..<3 {
            let database = try SampleDatabase(directory: directory.path)
            let store = store(database)
            _ = try database.restore(into: store, since: .distantPast)
            #expect(windows(store, from: 0, through: 200_000) == expected)
            var batch = SampleBatch()
            batch.series = [labels(run), labels(9)]
            for (series, time) in [(0, 100_000 - run * 20_000), (1, 100_000 + run)] {
                batch.samples.append(
                    .init(
                        series: series, time: Timestamp(milliseconds: Int64(time)),
                        value: Double(run)))
            }
            #expect(store.write(batch, from: "peer") == [.stored, .stored])
            try database.flush()
            expected = windows(store, from: 0, through: 200_000)
        }
        #expect(expected.count == 4)
    }

    @Test func framesWaitWhileTheDiskFails() throws {
        let directory = TemporaryDirectory()
        let database = try SampleDatabase(directory: directory.path)
        let other = try DatabaseQueue(path: directory.path + "/samples.db")
        let store = store(database)
        let axis = store.openAxis("a")
        _ = axis.slot(for: labels(1))
        axis.commit(at: Timestamp(milliseconds: 1000), values: [1])
        try database.flush()
        try other.writeWithoutTransaction {
            try $0.execute(
                sql: """
                    CREATE TRIGGER full BEFORE INSERT ON frames
                    BEGIN SELECT RAISE(ABORT, 'disk full'); END
                    """)
        }
        for time in 2...4 {
            _ = axis.slot(for: labels(time))
            axis.commit(at: Timestamp(milliseconds: Int64(time) * 1000), values: [1, 2, 3, 4])
            #expect(throws: StorageFailure.self) { try database.flush() }
        }
        #expect(database.statistics.pendingFrames == 3)
        #expect(database.statistics.failure?.contains("disk full") == true)
        try other.writeWithoutTransaction { try $0.execute(sql: "DROP TRIGGER full") }
        try database.flush()
        #expect(database.statistics.pendingFrames == 0)
        #expect(database.statistics.failure == nil)
        let again = self.store(nil)
        let restored = try database.restore(into: again, since: .distantPast)
        #expect(restored.frames == 4)
        #expect(restored.newest == Timestamp(milliseconds: 4000))
        #expect(windows(again, from: 0, through: 9000) == windows(store, from: 0, through: 9000))
    }

    @Test func whatDoesNotFitWhileTheDiskFailsIsCountedAndItsSeriesAreKept() throws {
        let directory = TemporaryDirectory()
        let database = try SampleDatabase(directory: directory.path)
        func frame(_ time: Int64, _ slots: [CommittedFrame.NewSlot], _ values: [Double]) {
            database.committed(
                CommittedFrame(
                    axis: "a", newSlots: slots, timestamp: Timestamp(milliseconds: time),
                    values: values))
        }
        let large = [Double](repeating: 1, count: SampleDatabase.maximumPendingValues)
        frame(1, [CommittedFrame.NewSlot(slot: 0, labels: labels(0))], [0])
        frame(2, [CommittedFrame.NewSlot(slot: 1, labels: labels(1))], large)
        #expect(database.statistics.droppedFrames == 1)
        frame(3, [], [5, 6])
        try database.flush()
        let store = store(nil)
        let restored = try database.restore(into: store, since: .distantPast)
        #expect(restored.frames == 2)
        #expect(windows(store, from: 0, through: 9).count == 2)
    }

    @Test func aDamagedFileIsMovedAsideAndADamagedFrameLeftOut() throws {
        let directory = TemporaryDirectory()
        do {
            let database = try SampleDatabase(directory: directory.path)
            let axis = store(database).openAxis("a")
            _ = axis.slot(for: labels(1))
            for time in 1...200 {
                axis.commit(at: Timestamp(milliseconds: Int64(time)), values: [Double(time)])
            }
            try database.flush()
        }
        try DatabaseQueue(path: directory.path + "/samples.db").writeWithoutTransaction {
            try $0.execute(sql: "UPDATE frames SET data = x'ffffff' WHERE time = 70")
        }
        do {
            let database = try SampleDatabase(directory: directory.path)
            let restored = try database.restore(into: store(nil), since: .distantPast)
            // The rest of the chain, up to the next key frame at 121.
            #expect(restored.damagedFrames == 51)
            #expect(restored.frames == 149)
        }
        try directory.overwrite("samples.db", with: String(repeating: "garbage ", count: 4000))
        let database = try SampleDatabase(directory: directory.path)
        #expect(database.movedAside?.asidePath == directory.path + "/samples.db.damaged-1")
        let restored = try database.restore(into: store(nil), since: .distantPast)
        #expect(restored == SampleRestoration())
    }
}
