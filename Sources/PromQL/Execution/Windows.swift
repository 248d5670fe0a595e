import Model
import Store

/// A range vector: per series the samples of a window of time, (from, through].
class WindowInput {
    /// The series.
    final var labels: [Labels] = []
    /// As `Operator.dropsName`.
    final var dropsName: [Bool] = []
    /// Moves whenever `labels` does.
    final var version = 0
    /// As `Operator.rebuilds`.
    final var rebuilds = 0

    /// Becomes the series of another range vector where these have changed.
    final func takeSeries(_ other: WindowInput) {
        if version == other.version { return }
        labels.follow(other.labels, rebuilt: rebuilds != other.rebuilds)
        dropsName.follow(other.dropsName, rebuilt: rebuilds != other.rebuilds)
        version = other.version
        rebuilds = other.rebuilds
    }

    /// The window at an evaluation time.
    func bounds(_ time: Int64, _ run: Run) -> (from: Int64, through: Int64) {
        preconditionFailure("abstract")
    }

    /// When there can be a window with samples.
    func activeTimes(_ run: Run) -> ActiveTimes { .always }

    /// Has to be called before a step's windows are read: binds, and evaluates what is below.
    func load(at time: Int64, _ run: Run) throws(QueryError) { preconditionFailure("abstract") }

    /// A kernel over every series' window, the stale marker where it has no result. A series with
    /// native histograms in its window, or with start timestamps where the kernel counts them, gets
    /// `SampleValue.histogram`: it is to be read with `withWindow`. True where there is one.
    func reduce(
        _ kernel: WindowKernel, at time: Int64, _ run: Run, into results: inout [Double]
    ) throws(QueryError) -> Bool {
        preconditionFailure("abstract")
    }

    /// Calls `body` for every series that has samples in its window.
    func forEachWindow(
        at time: Int64, _ run: Run,
        _ body: (Int, borrowing WindowSamples) throws(QueryError) -> Void
    ) throws(QueryError) {
        preconditionFailure("abstract")
    }

    /// Calls `body` with the window of one series, if it has samples.
    func withWindow(
        _ slot: Int, at time: Int64, _ run: Run,
        _ body: (borrowing WindowSamples) throws(QueryError) -> Void
    ) throws(QueryError) {
        preconditionFailure("abstract")
    }
}

/// `selector[range]`.
final class SelectorWindows: WindowInput {
    private let series: SelectedSeries
    private let look: LookTime
    private let range: Int64
    private let readsStats: Bool
    private var seenVersion = -1
    private var seenRebuilds = -1

    /// `readsStats`: the buckets of histograms are left out.
    init(_ series: SelectedSeries, look: LookTime, range: Int64, readsStats: Bool = false) {
        self.series = series
        self.look = look
        self.range = range
        self.readsStats = readsStats
    }

    override func bounds(_ time: Int64, _ run: Run) -> (from: Int64, through: Int64) {
        let through = look.time(time, run)
        return (through.addingSaturating(0 &- range), through)
    }

    override func activeTimes(_ run: Run) -> ActiveTimes {
        look.sees(series.activeTimes(run), back: range)
    }

    override func load(at time: Int64, _ run: Run) throws(QueryError) {
        if series.version == seenVersion { return }
        seenVersion = series.version
        version += 1
        if series.rebuilds != seenRebuilds {
            seenRebuilds = series.rebuilds
            labels = []
            dropsName = []
            rebuilds += 1
        }
        labels.append(contentsOf: series.selection.labels.dropFirst(labels.count))
        dropsName.append(contentsOf: repeatElement(false, count: labels.count - dropsName.count))
    }

    override func reduce(
        _ kernel: WindowKernel, at time: Int64, _ run: Run, into results: inout [Double]
    ) throws(QueryError) -> Bool {
        let (from, through) = bounds(time, run)
        if run.countsSamples { countSamples(from, through, run) }
        return series.selection.reduce(
            kernel, from: Timestamp(milliseconds: from),
            through: Timestamp(milliseconds: through), pin: run.pin,
            countingStartTimes: run.usesStartTimes && kernel.countsStartTimes, into: &results)
    }

    /// Kernels do not tell how much they read; whoever asks pays for another look.
    private func countSamples(_ from: Int64, _ through: Int64, _ run: Run) {
        var counts: [Double] = []
        _ = series.selection.reduce(
            .countOverTime, from: Timestamp(milliseconds: from),
            through: Timestamp(milliseconds: through), pin: run.pin, countingStartTimes: false,
            into: &counts)
        for count in counts where count.isFinite { run.read(Int(clamping: Int64(clamping: count))) }
    }

    override func withWindow(
        _ slot: Int, at time: Int64, _ run: Run,
        _ body: (borrowing WindowSamples) throws(QueryError) -> Void
    ) throws(QueryError) {
        let (from, through) = bounds(time, run)
        let (start, end) = (Timestamp(milliseconds: from), Timestamp(milliseconds: through))
        var samples = SampleBuffer()
        series.selection.read(slot, from: start, through: end, pin: run.pin, into: &samples)
        if samples.values.isEmpty { return }
        if readsStats { samples.keepStats() }
        run.read(samples.values.count)
        try run.hold(samples.values.count)
        try samples.withWindow(from: start, through: end, body)
        run.drop(samples.values.count)
    }

    override func forEachWindow(
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
        do {
            try series.selection.forEachWindow(
                from: Timestamp(milliseconds: from), through: Timestamp(milliseconds: through),
                pin: run.pin
            ) { (entry: Int, samples: borrowing WindowSamples) in
                run.read(samples.count)
                try run.checkTime()
                try run.hold(samples.count)
                try body(entry, samples)
                run.drop(samples.count)
            }
        } catch let error as QueryError {
            throw error
        } catch {
            throw .execution("\(error)")
        }
    }
}
