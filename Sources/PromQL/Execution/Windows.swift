import Model
import Store

/// A range vector: per series the samples of a window of time, (from, through].
protocol SampleWindows: WindowSeries {
    /// The window at an evaluation time.
    func bounds(_ time: Int64, _ run: Run) -> (from: Int64, through: Int64)

    /// When there can be a window with samples.
    func activeTimes(_ run: Run) -> ActiveTimes

    /// Has to be called before a step's windows are read: binds, and evaluates what is below.
    func load(at time: Int64, _ run: Run) throws(QueryError)

    /// Calls `body` for every series that has samples in its window.
    func forEachWindow(
        at time: Int64, _ run: Run,
        _ body: (Int, borrowing WindowSamples) throws(QueryError) -> Void
    ) throws(QueryError)
}

/// A range vector whose windows are what was written, so that kernels can reduce them in place.
protocol PlainWindows: SampleWindows {
    /// A kernel over every series' window, the stale marker where it has no result. A series with
    /// native histograms in its window, or with start timestamps where the kernel counts them, gets
    /// `SampleValue.histogram`: it is to be read with `withWindow`. True where there is one.
    func reduce(
        _ kernel: WindowKernel, at time: Int64, _ run: Run, into results: inout [Double]
    ) throws(QueryError) -> Bool

    /// Calls `body` with the window of one series, if it has samples.
    func withWindow(
        _ slot: Int, at time: Int64, _ run: Run,
        _ body: (borrowing WindowSamples) throws(QueryError) -> Void
    ) throws(QueryError)
}

/// The series of a range vector.
class WindowSeries {
    /// The series.
    final private(set) var labels: [Labels] = []
    /// As `OperatorOutput.dropsName`.
    final private(set) var dropsName: [Bool] = []
    /// Moves whenever `labels` does.
    final private(set) var version = SeriesVersion()
    private var follower = SeriesFollower()

    /// Takes over the series of another list where that has changed. The lists stay apart: neither has to
    /// be copied to grow.
    final func takeSeries(
        _ others: [Labels], dropsName drops: [Bool]? = nil, _ otherVersion: SeriesVersion,
        _ run: Run
    ) throws(QueryError) {
        let change = follower.change(to: otherVersion)
        if change == .none { return }
        if change == .rebuilt {
            labels = []
            dropsName = []
        }
        try run.memory.take(max(0, others.count - labels.count) * MemoryCost.sharedSlot)
        labels.append(contentsOf: others.dropFirst(labels.count))
        let start = dropsName.count
        if let drops {
            dropsName.append(contentsOf: drops.dropFirst(start))
        } else {
            dropsName.append(contentsOf: repeatElement(false, count: labels.count - start))
        }
        if change == .rebuilt { version.rebuilt() } else { version.grew() }
        follower.follow(otherVersion)
    }
}
