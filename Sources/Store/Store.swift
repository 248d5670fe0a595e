import Model
import Synchronization

/// How a store keeps its samples.
public struct StoreOptions: Sendable {
    /// How far an instant selector looks back.
    public var lookback = Milliseconds.minutes(5)
    /// How long every series is kept at least, whether a rule needs it or not.
    public var retention = Milliseconds.zero
    /// Whether nothing is ever forgotten: a replay whose history can be looked at afterwards.
    public var keepsEverything = false
    /// How many series there may be; values of more are dropped and counted.
    public var maximumSeries = 10_000_000
    /// Is told of every commit.
    public var sink: (any CommitSink)?

    /// The defaults.
    public init() {}

    /// How much longer than a window its samples stay, for evaluations that are under way.
    public static let slack = Milliseconds.minutes(1)

    /// How long a series is kept that no claim is on.
    var baseDepth: Int64 { depth(lookback) }

    /// How long a series is kept of which `window` is needed: rounded up, so that there are few
    /// different depths (eight per doubling).
    func depth(_ window: Milliseconds) -> Int64 {
        if keepsEverything { return .max }
        let needed = max(retention, window, lookback) + StoreOptions.slack
        let value = max(1, min(needed.value, Int64.max / 4))
        let step = max(1, (Int64(1) << Int64(63 - value.leadingZeroBitCount)) >> 3)
        return (value + step - 1) / step * step
    }
}

/// The series and their recent samples, in memory.
///
/// Writers open an axis per target (or per rule) and commit frames to it; readers select series once,
/// follow changes cheaply, and compute over windows in place. Thread-safe; an axis is locked only
/// while one of its frames is written or one of its windows is read.
public final class Store: Sendable {
    /// The options it was made with.
    public let options: StoreOptions
    /// The exemplars of its series.
    public let exemplars = ExemplarRing()
    let index: SeriesIndex
    private let clock = CommitClock()
    private let axes = Mutex(AxisTable())

    /// An empty store.
    public init(_ options: StoreOptions = StoreOptions()) {
        self.options = options
        index = SeriesIndex(options)
    }

    // MARK: Writing

    /// The axis called `key`: the same one until it has been closed and has aged out.
    public func openAxis(_ key: String) -> Axis {
        let axis = axis(key, isClosed: false)
        axis.columns.withLock { $0.isClosed = false }
        return axis
    }

    /// The axis called `key`; where it is not there, a new one that is open or closed.
    private func axis(_ key: String, isClosed: Bool) -> Axis {
        axes.withLock { table in
            if let known = table.byKey[key] { return known }
            table.nextID += 1
            let axis = Axis(
                key: key, id: table.nextID, clock: clock, sink: options.sink, index: index)
            axis.columns.withLock { $0.isClosed = isClosed }
            table.byKey[key] = axis
            return axis
        }
    }

    /// No more frames come. What is there stays readable until it is too old.
    public func closeAxis(_ axis: Axis) {
        axis.columns.withLock { $0.isClosed = true }
    }

    /// A sample with a time of its own: the histogram where there is one, else the number. False where
    /// it is not newer than the series' last one.
    @discardableResult
    public func append(
        _ labels: Labels, at time: Timestamp, value: Double, histogram: FloatHistogram? = nil,
        startTime: Timestamp? = nil
    ) -> Bool {
        let axis = sampleAxis(labels)
        let values = [SampleValue.foreign(value)]
        let histograms = histogram.map { [SlotHistogram(slot: 0, histogram: $0)] } ?? []
        let startTimes = startTime.map { [SlotStartTime(slot: 0, start: $0)] } ?? []
        func commit(_ axis: Axis) -> Bool {
            axis.commit(at: time, values: values, histograms: histograms, startTimes: startTimes)
        }
        if commit(axis) { return true }
        // A sweep may have ended the axis, which had aged out.
        if !axis.columns.withLock({ $0.isClosed }) { return false }
        drop([axis])
        return commit(sampleAxis(labels))
    }

    private func sampleAxis(_ labels: Labels) -> Axis {
        if let known = axes.withLock({ $0.bySeries[labels] }) { return known }
        let axis = openAxis("\(Store.sampleAxisPrefix)\(labels.description)")
        if axis.slot(for: labels) == 0 { axes.withLock { $0.bySeries[labels] = axis } }
        return axis
    }

    /// How the keys of the axes start that `append` makes.
    public static let sampleAxisPrefix = "sample:"

    /// Feeds frames of an earlier run into an axis, before its live ones; `slots` says what the
    /// values are of. Returns how many frames were taken. The axis counts as closed until it is opened.
    @discardableResult
    public func restore(_ key: String, slots: [Labels], frames: [RestoredFrame]) -> Int {
        let axis = axis(key, isClosed: true)
        let targets = slots.map { axis.slot(for: $0) }
        var taken = 0
        for frame in frames where axis.restore(frame.moved(to: targets)) { taken += 1 }
        return taken
    }

    /// Holds the series that any of the matcher lists selects, now or later, for `window` before the
    /// present. An offset and an outer range count as part of the window.
    public func require(_ window: Milliseconds, of matchers: [[Matcher]]) -> WindowClaim {
        WindowClaim(id: index.claim(options.depth(window), of: matchers), index: index)
    }

    /// How far back any series may be kept: what a sample database must hold for a restart.
    public var longestDepth: Milliseconds {
        Milliseconds(max(options.baseDepth, index.state.withLock { $0.claims.deepest }))
    }

    /// Forgets samples that are too old at `now` and series that have none left. To be called now and
    /// then (once a minute) by whoever owns the clock; nothing depends on when.
    public func sweep(at now: Timestamp) {
        if options.keepsEverything { return }
        var finished: [Axis] = []
        for axis in allAxes {
            index.sweep(axis, now: now.milliseconds)
            let isFinished = axis.columns.withLock { columns in
                if Store.isOfSamples(axis) && columns.isEmpty {
                    columns.isClosed = true
                    columns.isEnded = true
                }
                return columns.isClosed && columns.isEmpty
            }
            if isFinished { finished.append(axis) }
        }
        drop(finished)
    }

    private static func isSampleAxis(_ axis: Axis) -> Bool {
        axis.key.hasPrefix(Store.sampleAxisPrefix)
    }

    /// Whether nobody closes the axis, whose samples are written one by one.
    private static func isOfSamples(_ axis: Axis) -> Bool {
        isSampleAxis(axis) || axis.kind != .frames
    }

    /// The newest time of all that was committed.
    var newestTime: Timestamp { Timestamp(milliseconds: clock.newestTime) }

    func drop(_ finished: [Axis]) {
        if finished.isEmpty { return }
        axes.withLock { table in
            for axis in finished where table.byKey[axis.key] === axis {
                table.byKey[axis.key] = nil
            }
            if finished.contains(where: Store.isSampleAxis) {
                let ids = Set(finished.map(\.id))
                table.bySeries = table.bySeries.filter { !ids.contains($0.value.id) }
            }
        }
    }

    var allAxes: [Axis] { axes.withLock { Array($0.byKey.values) } }

    // MARK: Reading

    /// The series that satisfy all matchers, to be read again and again. Where it is not bound, it finds
    /// them at its first refresh.
    public func select(_ matchers: [Matcher], isBound: Bool = true) -> SeriesSelection {
        let selection = SeriesSelection(matchers, index: index)
        if isBound { _ = selection.refresh() }
        return selection
    }

    /// What is committed now.
    public func pin() -> Pin { Pin(sequence: clock.now) }

    /// Moves when a series, or a place where its samples lie, appears or disappears.
    public var indexVersion: UInt64 { index.version }
}

/// The axes by what they are found by.
private struct AxisTable: ~Copyable {
    var byKey: [String: Axis] = [:]
    var bySeries: [Labels: Axis] = [:]
    var nextID = 0
}
