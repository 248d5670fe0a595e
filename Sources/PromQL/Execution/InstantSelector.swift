import Model
import Store

/// `name{matchers}`: each series' newest sample.
final class InstantSelector: OperatorOutput, Operator {
    let series: SelectedSeries
    let look: LookTime
    /// The times of the samples in `values`.
    private(set) var timestamps: [Int64] = []
    /// What the samples have beside their numbers, histograms left out: those are in `histograms`.
    private(set) var extras = ExtraColumns()
    /// Whether `extras` is to have start timestamps.
    var wantsStartTimes: Bool {
        get { extras.wantsStartTimes }
        set { extras.wantsStartTimes = newValue }
    }
    private let readsStats: Bool
    private var follower = SeriesFollower()

    /// `readsStats`: the buckets of histograms are left out.
    init(_ series: SelectedSeries, look: LookTime, readsStats: Bool = false) {
        self.series = series
        self.look = look
        self.readsStats = readsStats
    }

    func activeTimes(_ run: Run) -> ActiveTimes {
        look.sees(series.activeTimes(run), back: run.lookback.value)
    }

    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        let change = follower.change(to: series.version)
        if change != .none {
            // The list is kept apart from the selection's, which then grows without being copied.
            try takeSeries(series.reader.labels, change, run)
            follower.follow(series.version)
        }
        series.reader.instant(
            at: Timestamp(milliseconds: look.time(time, run)), lookback: run.lookback,
            pin: run.pin, values: &values, timestamps: &timestamps, extras: &extras)
        hasHistograms = extras.hasHistograms
        if hasHistograms || !histograms.isEmpty { swap(&histograms, &extras.histograms) }
        if readsStats, hasHistograms { keepStats(at: look.time(time, run), run) }
        let count = presentCount
        run.read(count)
        try run.hold(count)
        run.drop(count)
    }

    private func keepStats(at moment: Int64, _ run: Run) {
        var before = SampleBuffer()
        for slot in values.indices {
            guard let current = histogram(slot) else { continue }
            guard current.resetHint == .unknown else {
                histograms[slot] = current.stats(after: nil)
                continue
            }
            let start = moment.addingSaturating(0 &- run.lookback.value)
            series.reader.read(
                slot, from: Timestamp(milliseconds: start),
                through: Timestamp(milliseconds: moment), pin: run.pin, into: &before)
            before.keepStats()
            histograms[slot] = before.histograms.last ?? current.stats(after: nil)
        }
    }
}
