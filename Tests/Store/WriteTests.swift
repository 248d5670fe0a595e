import Model
import Store
import Synchronization
import TestSupport
import Testing

/// Samples that come one by one: out of step, late, with times of their own, and after a restart.
@Suite struct WriteTests {
    /// What a store must say of a sample, from the rules alone.
    private struct Oracle {
        var naive = NaiveStore()
        private var newest: [Labels: NaiveStore.Sample] = [:]
        private var newestTime = Int64.min

        private var late: [Labels: Set<Int64>] = [:]

        /// First all that is in order, then what is late.
        mutating func verdicts(
            _ samples: [(labels: Labels, time: Int64, value: Double)], window: Int64
        ) -> [SampleVerdict] {
            var verdicts = samples.map { inOrder($0.labels, $0.time, $0.value) }
            for (index, sample) in samples.enumerated() where verdicts[index] == .outOfOrder {
                if window == 0 { continue }
                verdicts[index] =
                    sample.time < newestTime - window
                    ? .tooOld : insert(sample.labels, sample.time, sample.value)
            }
            return verdicts
        }

        private mutating func inOrder(
            _ labels: Labels, _ time: Int64, _ value: Double
        ) -> SampleVerdict {
            let sample = NaiveStore.Sample(time: time, value: value)
            guard let last = newest[labels] else {
                // A marker of a series that is not there ends nothing.
                if !sample.isMarker { store(sample, labels) }
                return .stored
            }
            if time < last.time { return .outOfOrder }
            if time == last.time {
                return value.bitPattern == last.value.bitPattern ? .repeated : .duplicate
            }
            store(sample, labels)
            return .stored
        }

        private mutating func store(_ sample: NaiveStore.Sample, _ labels: Labels) {
            newest[labels] = sample
            newestTime = max(newestTime, sample.time)
            naive.add(sample, to: labels)
        }

        private mutating func insert(
            _ labels: Labels, _ time: Int64, _ value: Double
        ) -> SampleVerdict {
            if !late[labels, default: []].insert(time).inserted { return .repeated }
            naive.add(NaiveStore.Sample(time: time, value: value), to: labels)
            return .stored
        }
    }

    /// What the sink was told, as it comes back.
    private final class Memory: CommitSink {
        struct Told {
            var slots: [Labels] = []
            var frames: [RestoredFrame] = []
            var column: [Int: Int] = [:]
        }
        let axes = Mutex<[String: Told]>([:])

        func committed(_ frame: CommittedFrame) {
            axes.withLock { axes in
                var told = axes[frame.axis] ?? Told()
                for new in frame.newSlots {
                    told.column[new.slot] = told.slots.count
                    told.slots.append(new.labels)
                }
                let slots = frame.slots ?? Array(frame.values.indices)
                told.frames.append(
                    RestoredFrame(
                        timestamp: frame.timestamp, slots: slots.map { told.column[$0] ?? -1 },
                        values: frame.values, isPartial: frame.isPartial,
                        histograms: frame.histograms.map {
                            SlotHistogram(slot: told.column[$0.slot] ?? -1, histogram: $0.histogram)
                        },
                        startTimes: frame.startTimes.map {
                            SlotStartTime(slot: told.column[$0.slot] ?? -1, start: $0.start)
                        },
                        ownTimes: frame.ownTimes.map {
                            SlotTime(slot: told.column[$0.slot] ?? -1, time: $0.time)
                        }))
                axes[frame.axis] = told
            }
        }

        func restore(into store: Store) {
            axes.withLock { axes in
                for (key, told) in axes.sorted(by: { $0.key < $1.key }) {
                    store.restore(key, slots: told.slots, frames: told.frames)
                }
            }
        }
    }

    private struct Source {
        let series: [Labels]
        let interval: Int64
        /// How far each series' samples are from the others', at most.
        let spread: Int64
        var next: Int64
    }

    @Test(arguments: 0..<12)
    func whatIsWrittenOneByOneReadsAsTheNaiveStoreDoes(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let window: Int64 = seed % 3 == 0 ? 120_000 : 0
        let memory = Memory()
        var options = StoreOptions()
        options.sink = memory
        let store = Store(options)
        let range = Milliseconds.minutes(6)
        let matchers: [Matcher] = [.equal("__name__", "m")]
        let claim = store.require(range, of: [matchers])
        let selection = store.select(matchers)
        var oracle = Oracle()
        let start: Int64 = 1_700_000_000_000
        var sources = (0..<3).map { source in
            let count = [3, 40, seed % 4 == 1 ? 700 : 12][source]
            return Source(
                series: (0..<count).map {
                    Labels(["__name__": "m", "job": "j\(source)", "n": "\($0)"])
                }, interval: [30_000, 10_000, 15_000][source],
                spread: seed % 2 == 0 ? 0 : 4_000, next: start)
        }
        // Each shard sends some of the series, and lags by some requests.
        var queues = [[(Labels, Int64, Double)]](repeating: [], count: 3)
        var compared = 0
        for step in 0..<80 {
            for source in sources.indices {
                let time = sources[source].next
                if time > start + Int64(step) * 10_000 { continue }
                sources[source].next += sources[source].interval
                for (number, labels) in sources[source].series.enumerated()
                where !random.chance(0.1) {
                    let own =
                        time
                        + (sources[source].spread > 0 && number % 2 == 0
                            ? Int64.random(in: 0...sources[source].spread, using: &random) : 0)
                    let value =
                        random.chance(0.03)
                        ? SampleValue.stale : Double(Int.random(in: 0..<50, using: &random) + step)
                    queues[number % 3].append((labels, own, value))
                }
            }
            for shard in queues.indices where !random.chance(0.3) {
                let count = random.chance(0.2) ? queues[shard].count : queues[shard].count / 2
                var sent = Array(queues[shard].prefix(count))
                queues[shard].removeFirst(count)
                if random.chance(0.1), sent.count > 2 { sent.swapAt(0, sent.count - 1) }
                if random.chance(0.1) { sent += sent.suffix(2) }
                send(sent, to: store, window: window, &oracle)
            }
            let now = start + Int64(step) * 10_000
            if step % 12 == 5 { store.sweep(at: Timestamp(milliseconds: now)) }
            if step % 8 == 7 {
                _ = selection.refresh()
                compared += compareReads(
                    selection, oracle.naive,
                    at: now - Int64.random(in: 0...30_000, using: &random),
                    range: 300_000, pin: store.pin())
            }
        }
        #expect(compared > 50)
        let restored = Store()
        let again = restored.require(range, of: [matchers])
        memory.restore(into: restored)
        let reread = restored.select(matchers)
        let now = start + 790_000
        for at in [now, now - 45_000] {
            #expect(
                compareReads(reread, oracle.naive, at: at, range: 240_000, pin: restored.pin()) > 5)
        }
        withExtendedLifetime((claim, again)) {}
    }

    private func send(
        _ samples: [(labels: Labels, time: Int64, value: Double)], to store: Store, window: Int64,
        _ oracle: inout Oracle
    ) {
        var batch = SampleBatch()
        var numbers: [Labels: Int] = [:]
        for sample in samples {
            let number = numbers[sample.labels] ?? batch.series.count
            if number == batch.series.count { batch.series.append(sample.labels) }
            numbers[sample.labels] = number
            batch.samples.append(
                .init(
                    series: number, time: Timestamp(milliseconds: sample.time),
                    value: sample.value))
        }
        let verdicts = store.write(
            batch, from: "test", outOfOrderWindow: Milliseconds(window))
        // In order first, as the store does it: what is late is looked at when the rest is stored.
        let expected = oracle.verdicts(samples, window: window)
        #expect(verdicts == expected)
    }
}
