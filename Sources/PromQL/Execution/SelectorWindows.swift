import Model
import Store

/// `selector[range]`.
final class SelectorWindows: WindowSeries, PlainWindows {
    private let series: SelectedSeries
    private let look: LookTime
    private let range: Int64
    private let readsStats: Bool

    /// `readsStats`: the buckets of histograms are left out.
    init(_ series: SelectedSeries, look: LookTime, range: Int64, readsStats: Bool = false) {
        self.series = series
        self.look = look
        self.range = range
        self.readsStats = readsStats
    }

    func bounds(_ time: Int64, _ run: Run) -> (from: Int64, through: Int64) {
        let through = look.time(time, run)
        return (through.addingSaturating(0 &- range), through)
    }

    func activeTimes(_ run: Run) -> ActiveTimes {
        look.sees(series.activeTimes(run), back: range)
    }

    func load(at time: Int64, _ run: Run) throws(QueryError) {
        try takeSeries(series.reader.labels, series.version, run)
    }

    func reduce(
        _ kernel: WindowKernel, at time: Int64, _ run: Run, into results: inout [Double]
    ) throws(QueryError) -> Bool {
        let (from, through) = bounds(time, run)
        if run.countsSamples { countSamples(from, through, run) }
        return series.reader.reduce(
            kernel, from: Timestamp(milliseconds: from),
            through: Timestamp(milliseconds: through), pin: run.pin,
            countingStartTimes: run.usesStartTimes && kernel.countsStartTimes, into: &results)
    }

    /// Kernels do not tell how much they read; whoever asks pays for another look.
    private func countSamples(_ from: Int64, _ through: Int64, _ run: Run) {
        var counts: [Double] = []
        _ = series.reader.reduce(
            .countOverTime, from: Timestamp(milliseconds: from),
            through: Timestamp(milliseconds: through), pin: run.pin, countingStartTimes: false,
            into: &counts)
        for count in counts where count.isFinite { run.read(Int(clamping: Int64(clamping: count))) }
    }

    func withWindow(
        _ slot: Int, at time: Int64, _ run: Run,
        _ body: (borrowing WindowSamples) throws(QueryError) -> Void
    ) throws(QueryError) {
        let (from, through) = bounds(time, run)
        let (start, end) = (Timestamp(milliseconds: from), Timestamp(milliseconds: through))
        var samples = SampleBuffer()
        series.reader.read(slot, from: start, through: end, pin: run.pin, into: &samples)
        if samples.values.isEmpty { return }
        if readsStats { samples.keepStats() }
        run.read(samples.values.count)
        try run.hold(samples.values.count)
        try samples.withWindow(from: start, through: end, body)
        run.drop(samples.values.count)
    }

    func forEachWindow(
        at time: Int64, _ run: Run,
        _ body: (Int, borrowing WindowSamples) throws(QueryError) -> Void
    ) throws(QueryError) {
        if readsStats {
            for slot in labels.indices {
                try withWindow(slot, at: time, run) { samples throws(QueryError) in
                    try body(slot, samples)
                }
            }
            return
        }
        let (from, through) = bounds(time, run)
        try series.reader.forEachWindow(
            from: Timestamp(milliseconds: from), through: Timestamp(milliseconds: through),
            pin: run.pin
        ) { (entry: Int, samples: borrowing WindowSamples) throws(QueryError) in
            run.read(samples.count)
            try run.checkTime()
            try run.hold(samples.count)
            try body(entry, samples)
            run.drop(samples.count)
        }
    }
}
