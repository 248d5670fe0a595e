import Model
import Store
import Testing

@Suite struct StoreTests {
    private func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1000) }

    private func instant(
        _ store: Store, _ selection: SeriesSelection, at t: Timestamp, pin: Pin? = nil
    )
        -> [Double]
    {
        var (values, timestamps) = ([Double](), [Int64]())
        selection.instant(
            at: t, lookback: .minutes(5), pin: pin ?? store.pin(), values: &values,
            timestamps: &timestamps)
        return values
    }

    @Test func aFrameIsReadBackAndAnOlderOneRefused() {
        let store = Store()
        let axis = store.openAxis("a")
        let labels = Labels(["__name__": "up", "job": "api"])
        #expect(axis.slot(for: labels) == 0)
        #expect(axis.slot(for: labels) == 0)
        #expect(axis.commit(at: at(1), values: [1]))
        #expect(!axis.commit(at: at(1), values: [2]))
        #expect(axis.lastTimestamp == at(1))
        let selection = store.select([.equal("__name__", "up")])
        #expect(selection.labels == [labels])
        #expect(instant(store, selection, at: at(2)) == [1])
        #expect(instant(store, selection, at: at(300)) == [1])
        // (t - 5m, t]: a sample exactly five minutes old is too old.
        #expect(SampleValue.isStale(instant(store, selection, at: at(301))[0]))
        store.closeAxis(axis)
        #expect(!axis.commit(at: at(2), values: [2]))
        #expect(store.openAxis("a") === axis)
        #expect(axis.commit(at: at(2), values: [2]))
    }

    @Test func aPinSeesNothingNewerExceptWhatItIncludes() {
        let store = Store()
        let axes = ["a", "b"].map { store.openAxis($0) }
        for (index, axis) in axes.enumerated() {
            _ = axis.slot(for: Labels(["n": "\(index)"]))
            axis.commit(at: at(1), values: [1])
        }
        let selection = store.select([])
        var pin = store.pin()
        for axis in axes { axis.commit(at: at(2), values: [2]) }
        #expect(instant(store, selection, at: at(9), pin: pin) == [1, 1])
        pin.include(axes[1])
        #expect(instant(store, selection, at: at(9), pin: pin) == [1, 2])
        #expect(instant(store, selection, at: at(9)) == [2, 2])
        #expect(instant(store, selection, at: at(9), pin: .latest) == [2, 2])
        var counts: [Double] = []
        selection.reduce(
            .countOverTime, from: at(0), through: at(9), pin: pin, into: &counts)
        #expect(counts == [1, 2])
    }

    @Test func ratesHaveKnownAnswers() {
        let store = Store()
        let axis = store.openAxis("a")
        // A counter of 10 per 15 s; one with a reset; one of which half is there.
        for slot in 0..<3 { _ = axis.slot(for: Labels(["n": "\(slot)"])) }
        for step in 0..<21 {
            let value = Double(step) * 10 + 1000
            axis.commit(
                at: at(Int64(step) * 15),
                values: [
                    value, step < 10 ? value : value - 1100, step < 10 ? SampleValue.stale : value,
                ])
        }
        let selection = store.select([])
        var results: [Double] = []
        selection.reduce(.increase, from: at(0), through: at(300), pin: .latest, into: &results)
        // 19 intervals of 15 s within 300 s, and as much again as is missing to the start.
        let whole: Double = 300.0 / 285
        #expect(results[0] == 190 * whole)
        // 990 - 1010 + 1090 (before the reset), stretched alike.
        let change: Double = 100.0 - 1010 + 1090
        #expect(results[1] == change * whole)
        // Ten intervals, half an interval more where it began.
        let half: Double = (150 + 7.5) / 150
        #expect(results[2] == 100 * half)
        selection.reduce(.rate, from: at(0), through: at(300), pin: .latest, into: &results)
        #expect(results[0] == 190 * (whole / 300))
        selection.reduce(.delta, from: at(0), through: at(10), pin: .latest, into: &results)
        #expect(results.allSatisfy { SampleValue.isStale($0) })
    }

    @Test func onlyWhatIsClaimedIsKeptLonger() {
        let store = Store()
        let axis = store.openAxis("a")
        for slot in 0..<1200 {
            _ = axis.slot(for: Labels(["__name__": "m\(slot % 2)", "n": "\(slot)"]))
        }
        let claim = store.require(.minutes(60), of: [[.equal("__name__", "m1"), .equal("n", "7")]])
        let selections = ["7", "8", "9"].map { store.select([.equal("n", $0)]) }
        var time: Int64 = 0
        func run(minutes: Int64) {
            let end = time + minutes * 60
            while time < end {
                time += 15
                axis.commit(
                    at: at(time), values: [Double](repeating: Double(time), count: 1200))
            }
            for selection in selections { _ = selection.refresh() }
        }
        func counts() -> [Double] {
            selections.flatMap { selection -> [Double] in
                var counts: [Double] = []
                selection.reduce(
                    .countOverTime, from: at(time - 3600), through: at(time), pin: .latest,
                    into: &counts)
                return counts
            }
        }
        run(minutes: 90)
        #expect(counts()[0] == 240)
        #expect(counts()[1] < 40 && counts()[2] < 40)
        // 1,200 series of an hour would be 2.3 MB.
        #expect(store.statistics.sampleBytes < 1_200_000)
        // A claim on what is there takes the history along that there is, and deepens from there.
        let second = store.require(.minutes(60), of: [[.equal("n", "9")]])
        #expect(counts()[2] > 20)
        run(minutes: 60)
        #expect(counts()[2] == 240)
        claim.release()
        second.release()
        run(minutes: 10)
        #expect(counts().allSatisfy { $0 > 20 && $0 < 40 })
    }

    @Test func whatHasAgedOutLeavesTheIndexAndComesBack() {
        let store = Store()
        let axis = store.openAxis("a")
        let other = store.openAxis("b")
        let (stays, leaves) = (Labels(["n": "stays"]), Labels(["n": "leaves"]))
        let slots = (axis.slot(for: stays), axis.slot(for: leaves))
        #expect(slots == (0, 1))
        axis.commit(at: at(0), values: [1, 2])
        _ = other.slot(for: Labels(["n": "closed"]))
        other.commit(at: at(0), values: [3])
        store.closeAxis(other)
        store.append(Labels(["n": "pushed"]), at: at(0), value: 4)
        #expect(!store.append(Labels(["n": "pushed"]), at: at(0), value: 4))
        let selection = store.select([])
        #expect(selection.count == 4)
        let version = store.indexVersion
        for minute in 1...20 { axis.commit(at: at(Int64(minute) * 60), values: [1]) }
        store.sweep(at: at(1200))
        #expect(store.indexVersion != version)
        #expect(selection.refresh() == .rebuilt)
        #expect(selection.labels == [stays])
        #expect(store.seriesCount == 1)
        #expect(store.statistics.axes == 1)
        // Its writer still has the slot.
        axis.commit(at: at(1300), values: [1, 5])
        store.append(Labels(["n": "pushed"]), at: at(1300), value: 6)
        #expect(selection.refresh() == .appended(from: 1))
        #expect(selection.labels == [stays, leaves, Labels(["n": "pushed"])])
        #expect(instant(store, selection, at: at(1300)) == [1, 5, 6])
        // A slot that was given up serves another series.
        axis.release(slot: 1)
        for minute in 30...50 { axis.commit(at: at(Int64(minute) * 60), values: [1]) }
        store.sweep(at: at(3000))
        #expect(axis.slot(for: Labels(["n": "new"])) == 1)
    }

    @Test func restoredFramesComeBeforeLiveOnes() {
        let store = Store()
        let series = [Labels(["n": "0"]), Labels(["n": "1"])]
        let frames = (1...3).map { RestoredFrame(timestamp: at($0), values: [1, Double($0)]) }
        #expect(store.restore("a", slots: series, frames: frames) == 3)
        let axis = store.openAxis("a")
        #expect(axis.slot(for: series[1]) == 1)
        #expect(!axis.commit(at: at(3), values: [0, 0]))
        #expect(axis.commit(at: at(4), values: [1, 4]))
        #expect(instant(store, store.select([.equal("n", "1")]), at: at(3)) == [3])
        #expect(instant(store, store.select([.equal("n", "1")]), at: at(4)) == [4])
        #expect(
            store.series(matching: [[]], start: at(4), end: at(9)) == series)
        #expect(store.series(matching: [[]], start: at(5), end: at(9)) == [])
    }
}
