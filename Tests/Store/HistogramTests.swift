import Model
import Store
import Synchronization
import Testing

/// Native histograms and start timestamps beside columns of numbers.
@Suite struct HistogramTests {
    private func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1000) }

    private func histogram(_ count: Double) -> FloatHistogram {
        var histogram = FloatHistogram()
        histogram.count = count
        histogram.sum = count * 2
        histogram.positiveSpans = [FloatHistogram.Span(offset: 0, length: 1)]
        histogram.positiveBuckets = [count]
        return histogram
    }

    private func window(
        _ selection: SeriesSelection, _ from: Int64, _ through: Int64
    ) -> [(time: Int64, count: Double?, start: Int64)] {
        var list: [(Int64, Double?, Int64)] = []
        selection.forEachWindow(from: at(from), through: at(through), pin: .latest) {
            (_: Int, samples: borrowing WindowSamples) in
            for index in 0..<samples.count {
                list.append(
                    (
                        samples.timestamps[index] / 1000, samples.histogram(at: index)?.count,
                        samples.startTime(at: index)
                    ))
            }
        }
        return list
    }

    @Test func mixedSamplesComeBack() {
        let store = Store()
        let labels = Labels(["__name__": "h"])
        store.append(labels, at: at(10), value: 7)
        store.append(labels, at: at(20), value: 0, histogram: histogram(1), startTime: at(5))
        store.append(labels, at: at(30), value: 0, histogram: histogram(2), startTime: at(5))
        store.append(labels, at: at(40), value: 8)
        let selection = store.select([.equal("__name__", "h")])
        let samples = window(selection, 0, 100)
        #expect(samples.map(\.time) == [10, 20, 30, 40])
        #expect(samples.map(\.count) == [nil, 1, 2, nil])
        #expect(samples.map(\.start) == [0, 5000, 5000, 0])
        var (values, timestamps) = ([Double](), [Int64]())
        var extras = ExtraColumns(wantsStartTimes: true)
        for (time, count) in [(15, nil), (25, 1.0), (35, 2), (45, nil)] {
            selection.instant(
                at: at(Int64(time)), lookback: .minutes(5), pin: .latest, values: &values,
                timestamps: &timestamps, extras: &extras)
            #expect(extras.hasHistograms == (count != nil))
            #expect(extras.histograms.first.flatMap { $0?.count } == count)
            #expect(SampleValue.isHistogram(values[0]) == (count != nil))
            #expect(extras.startTimes == [count == nil ? 0 : 5000])
        }
    }

    @Test func kernelsLeaveWindowsWithHistogramsToTheCaller() {
        let store = Store()
        for (name, isHistogram) in [("a", false), ("b", true)] {
            for second in 1...9 {
                store.append(
                    Labels(["__name__": "m", "n": name]), at: at(Int64(second)),
                    value: Double(second),
                    histogram: isHistogram && second == 5 ? histogram(3) : nil)
            }
        }
        let selection = store.select([.equal("__name__", "m")])
        var results: [Double] = []
        for kernel in WindowKernel.allCases {
            let found = selection.reduce(
                kernel, from: at(0), through: at(9), pin: .latest, into: &results)
            #expect(found)
            #expect(selection.labels.count == 2)
            for (entry, labels) in selection.labels.enumerated() {
                #expect(SampleValue.isHistogram(results[entry]) == (labels.value("n") == "b"))
            }
            #expect(
                !selection.reduce(
                    kernel, from: at(5), through: at(9), pin: .latest, into: &results))
        }
    }

    @Test func startTimesCountWhereTheyAreAskedFor() {
        let store = Store()
        let labels = Labels(["__name__": "c_total"])
        for second in 1...5 {
            store.append(
                labels, at: at(Int64(second)), value: Double(second), startTime: at(0 + 1))
        }
        let selection = store.select([.equal("__name__", "c_total")])
        var results: [Double] = []
        #expect(
            !selection.reduce(.rate, from: at(0), through: at(9), pin: .latest, into: &results))
        #expect(
            selection.reduce(
                .rate, from: at(0), through: at(9), pin: .latest, countingStartTimes: true,
                into: &results))
        #expect(SampleValue.isHistogram(results[0]))
    }

    @Test func framesKeepTheirHistogramsThroughGrowthAndForgetting() {
        let store = Store()
        let axis = store.openAxis("target")
        let selection = store.select([.equal("__name__", "h")])
        var slots: [Int] = []
        for second in 1...2000 {
            // Ever more series, so that chunks grow wider, and deeper by the number of frames.
            if second % 20 == 1 {
                slots.append(
                    axis.slot(for: Labels(["__name__": "h", "n": "\(slots.count)"])))
            }
            let histograms = slots.filter { ($0 + second) % 3 == 0 }.map {
                SlotHistogram(slot: $0, histogram: histogram(Double($0 * 10_000 + second)))
            }
            axis.commit(
                at: at(Int64(second)), values: [Double](repeating: 1, count: slots.count),
                histograms: histograms)
            if second == 1000 { _ = store.require(.minutes(20), of: [[.equal("n", "3")]]) }
            if second % 500 == 0 { store.sweep(at: at(Int64(second))) }
        }
        _ = selection.refresh()
        #expect(selection.count == 100)
        var compared = 0
        selection.forEachWindow(from: at(1700), through: at(2000), pin: .latest) {
            (entry: Int, samples: borrowing WindowSamples) in
            let slot = Int(selection.labels[entry].value("n")) ?? -1
            for index in 0..<samples.count {
                let second = Int(samples.timestamps[index] / 1000)
                let isHistogram = (slot + second) % 3 == 0
                #expect(
                    samples.histogram(at: index)?.count
                        == (isHistogram ? Double(slot * 10_000 + second) : nil))
                compared += 1
            }
        }
        #expect(compared > 25_000)
    }

    @Test func aStaleSumEndsTheSeries() {
        let store = Store()
        let labels = Labels(["__name__": "h"])
        store.append(labels, at: at(10), value: 0, histogram: histogram(1))
        var stale = FloatHistogram()
        stale.sum = SampleValue.stale
        store.append(labels, at: at(20), value: 0, histogram: stale)
        var (values, timestamps) = ([Double](), [Int64]())
        store.select([.equal("__name__", "h")]).instant(
            at: at(25), lookback: .minutes(5), pin: .latest, values: &values,
            timestamps: &timestamps)
        #expect(SampleValue.isStale(values[0]))
    }

    @Test func numbersNeverPassForHistograms() {
        let store = Store()
        let labels = Labels(["__name__": "h"])
        store.append(labels, at: at(10), value: SampleValue.histogram)
        store.restore(
            "other", slots: [Labels(["__name__": "h", "a": "b"])],
            frames: [
                RestoredFrame(timestamp: at(10), values: [SampleValue.histogram]),
                RestoredFrame(
                    timestamp: at(20), values: [0],
                    histograms: [SlotHistogram(slot: 0, histogram: histogram(4))]),
            ])
        let selection = store.select([.equal("__name__", "h")])
        #expect(window(selection, 0, 15).map(\.count) == [nil])
        #expect(window(selection, 15, 25).map(\.count) == [4])
        var results: [Double] = []
        selection.reduce(.lastOverTime, from: at(0), through: at(15), pin: .latest, into: &results)
        #expect(!results.contains { SampleValue.isHistogram($0) })
    }

    @Test func theSinkIsToldOfHistograms() {
        let sink = RecordingSink()
        var options = StoreOptions()
        options.sink = sink
        let store = Store(options)
        store.append(
            Labels(["__name__": "h"]), at: at(10), value: 0, histogram: histogram(3),
            startTime: at(1))
        let frames = sink.frames.withLock { $0 }
        #expect(frames.count == 1)
        #expect(frames.first?.histograms.map(\.histogram.count) == [3])
        #expect(frames.first?.startTimes.map(\.start) == [at(1)])
        #expect(frames.first.map { SampleValue.isHistogram($0.values[0]) } == true)
    }
}

private final class RecordingSink: CommitSink {
    let frames = Mutex<[CommittedFrame]>([])

    func committed(_ frame: CommittedFrame) { frames.withLock { $0.append(frame) } }
}
