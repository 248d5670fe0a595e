import Model
import Store

/// When a selector or subquery looks: at the evaluation time or a fixed one, and an offset before it.
struct LookTime {
    var at: AtModifier?
    var offset: Int64

    func time(_ time: Int64, _ run: Run) -> Int64 {
        let base: Int64 =
            switch at {
            case nil: time
            case .timestamp(let fixed): fixed.milliseconds
            case .start: run.start
            case .end: run.end
            }
        return base.addingSaturating(0 &- offset)
    }
}

/// The series that a selector selects, shared by the instant and the range form.
final class SelectedSeries {
    let selection: Selection
    private(set) var version = 0
    /// As `Operator.rebuilds`.
    private(set) var rebuilds = 0

    /// What a run sees of the series, beside what was committed when its pin was taken.
    struct Stamp: Equatable {
        var version = 0
        var commits: UInt64 = 0
    }

    private(set) var stamp = Stamp()

    init(_ matchers: [Matcher], in store: Store) { selection = store.select(matchers) }

    private var active: ActiveTimes?

    /// When its samples were taken, of which a run may see fewer.
    func activeTimes(_ run: Run) -> ActiveTimes {
        if let active { return active }
        var times = ActiveTimes.never
        if let span = selection.timeSpan {
            // Whoever sees everything sees what comes meanwhile.
            times = ActiveTimes(
                from: span.oldest.milliseconds,
                through: run.pin.isOpen ? .max : span.newest.milliseconds)
        } else if run.pin.isOpen {
            times = .always
        }
        active = times
        return times
    }

    /// Follows the store. Called between runs only.
    func refresh(_ pin: Pin) {
        active = nil
        switch selection.refresh() {
        case .none: break
        case .appended: version += 1
        case .rebuilt:
            version += 1
            rebuilds += 1
        }
        stamp = Stamp(version: version, commits: selection.laterCommits(pin))
    }
}

/// `name{matchers}`: each series' newest sample.
final class InstantSelector: Operator {
    let series: SelectedSeries
    let look: LookTime
    /// The times of the samples in `values`.
    private(set) var timestamps: [Int64] = []
    /// What the samples have beside their numbers, histograms left out: those are in `histograms`.
    private(set) var sides = SideColumns()
    /// Whether `sides` is to have start timestamps.
    var wantsStartTimes: Bool {
        get { sides.wantsStartTimes }
        set { sides.wantsStartTimes = newValue }
    }
    private let readsStats: Bool
    private var seenVersion = -1
    private var seenRebuilds = -1

    /// `readsStats`: the buckets of histograms are left out.
    init(_ series: SelectedSeries, look: LookTime, readsStats: Bool = false) {
        self.series = series
        self.look = look
        self.readsStats = readsStats
    }

    override func activeTimes(_ run: Run) -> ActiveTimes {
        look.sees(series.activeTimes(run), back: run.lookback.value)
    }

    override func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        if series.version != seenVersion {
            bind()
        }
        series.selection.instant(
            at: Timestamp(milliseconds: look.time(time, run)), lookback: run.lookback,
            pin: run.pin, values: &values, timestamps: &timestamps, sides: &sides)
        hasHistograms = sides.hasHistograms
        if hasHistograms || !histograms.isEmpty { swap(&histograms, &sides.histograms) }
        if readsStats, hasHistograms { keepStats(at: look.time(time, run), run) }
        let count = presentCount
        run.read(count)
        try run.hold(count)
        run.drop(count)
    }

    private func bind() {
        seenVersion = series.version
        if series.rebuilds != seenRebuilds {
            seenRebuilds = series.rebuilds
            labels = []
            dropsName = []
            rebuilt()
        } else {
            grew()
        }
        // The list is kept apart from the selection's, which then grows without being copied.
        labels.append(contentsOf: series.selection.labels.dropFirst(labels.count))
        dropsName.append(contentsOf: repeatElement(false, count: labels.count - dropsName.count))
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
            series.selection.read(
                slot, from: Timestamp(milliseconds: start),
                through: Timestamp(milliseconds: moment), pin: run.pin, into: &before)
            before.keepStats()
            histograms[slot] = before.histograms.last ?? current.stats(after: nil)
        }
    }
}

/// A node whose value does not depend on the evaluation time: evaluated once per run.
final class StepInvariant: Operator {
    /// What is evaluated.
    let input: Operator
    private var seenVersion = -1
    private var seenRebuilds = -1
    private var seenRun = -1
    /// The samples that its evaluation read, which count at every step.
    private var samples = 0

    init(_ input: Operator) { self.input = input }

    override func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        if seenRun == run.id {
            run.read(samples)
            return
        }
        let before = run.counts.total
        try input.step(at: time, run)
        samples = run.counts.total - before
        seenRun = run.id
        if input.version != seenVersion {
            takeSeries(
                input.labels, input.dropsName, rebuilt: input.rebuilds != seenRebuilds)
            seenVersion = input.version
            seenRebuilds = input.rebuilds
        }
        values = input.values
        histograms = input.histograms
        hasHistograms = input.hasHistograms
        order = input.order
    }
}

/// Removes the names that were marked for removal, at the root of a plan.
final class DelayedNameRemoval: Relabelling {
    override func activeTimes(_ run: Run) -> ActiveTimes { input.activeTimes(run) }

    override func output(_ labels: Labels, dropsName: Bool) -> (Labels, Bool) {
        (dropsName ? NameRemoval.final(labels) : labels, false)
    }

    override func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try stepInput(at: time, run)
        try fillUnchanged()
    }
}
