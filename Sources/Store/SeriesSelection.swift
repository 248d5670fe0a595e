import Model

/// What a refresh did to a selection.
public enum SelectionChange: Sendable, Equatable {
    /// Nothing.
    case none
    /// Entries came after those that were there.
    case appended(from: Int)
    /// All may be different.
    case rebuilt
}

/// The series that satisfy some matchers, in the order in which they were first seen, with where their
/// samples lie. Made once, refreshed cheaply, read in place. Not thread-safe: one evaluation owns it.
public final class SeriesSelection {
    /// What it selects.
    public let matchers: [Matcher]
    /// The label sets of the entries.
    public private(set) var labels: [Labels] = []
    private let index: SeriesIndex
    private let nameHash: Int?
    private var memo: MatcherMemo
    /// The state of the index that this is; nil where it is none.
    private var seen: UInt64?
    private var ids: [Int] = []
    /// The axes that the entries lie on, and the one that was added last.
    private var axes: Set<Int> = []
    private var lastAxis: Int?
    /// The entries' segments: nearly always one each.
    private(set) var segments: [[Segment]] = []
    var plans = ReadPlans()
    var scratch = SampleBuffer()
    var lanes: LaneScratch?

    init(_ matchers: [Matcher], index: SeriesIndex) {
        self.matchers = matchers
        self.index = index
        nameHash = matchers.metricName?.hashValue
        memo = MatcherMemo(matchers)
    }

    /// How many entries there are.
    public var count: Int { labels.count }

    /// Takes up what happened since. Costs nothing where nothing did, and otherwise in proportion to
    /// the changes of series.
    public func refresh() -> SelectionChange { refresh { (_: Int) in } }

    /// The same. `reserve` is told how many entries come before they do; where it throws, the next refresh
    /// begins anew.
    public func refresh<Failure: Error>(
        _ reserve: (_ count: Int) throws(Failure) -> Void
    ) throws(Failure) -> SelectionChange {
        guard let known = seen else {
            try rebuild(reserve)
            return .rebuilt
        }
        if index.version == known { return .none }
        seen = nil
        let before = ids.count
        let followed = try index.state.withLock { state throws(Failure) in
            try follow(state, after: known, reserve)
        }
        guard let followed else {
            try rebuild(reserve)
            return .rebuilt
        }
        seen = followed.version
        if followed.isExtended { plans.invalidate() }
        return ids.count > before ? .appended(from: before) : .none
    }

    /// Takes up the events after a version; nil where they do not say everything.
    private func follow<Failure: Error>(
        _ state: borrowing IndexState, after known: UInt64,
        _ reserve: (_ count: Int) throws(Failure) -> Void
    ) throws(Failure) -> (version: UInt64, isExtended: Bool)? {
        guard let events = state.events(after: known) else { return nil }
        var isExtended = false
        for event in events where nameHash == nil || event.nameHash == nameHash {
            switch event.kind {
            case .added:
                guard let series = state.series[event.id], memo.matches(series.labels) else {
                    continue
                }
                try reserve(1)
                append(event.id, series)
            case .extended:
                guard let entry = entry(of: event.id), let series = state.series[event.id]
                else { continue }
                segments[entry] = series.segments
                note(series.segments)
                isExtended = true
            case .removed:
                if entry(of: event.id) != nil { return nil }
            }
        }
        return (state.version, isExtended)
    }

    private func rebuild<Failure: Error>(
        _ reserve: (_ count: Int) throws(Failure) -> Void
    ) throws(Failure) {
        ids = []
        axes = []
        lastAxis = nil
        labels = []
        segments = []
        plans.invalidate()
        seen = nil
        seen = try index.state.withLock { state throws(Failure) in
            let found = state.ids(matchers)
            try reserve(found.count)
            for id in found {
                if let series = state.series[id] { append(id, series) }
            }
            return state.version
        }
    }

    private func append(_ id: Int, _ series: IndexState.Series) {
        ids.append(id)
        labels.append(series.labels)
        segments.append(series.segments)
        note(series.segments)
    }

    private func note(_ segments: [Segment]) {
        for segment in segments where segment.axis.id != lastAxis {
            axes.insert(segment.axis.id)
            lastAxis = segment.axis.id
        }
    }

    /// A number that moves, among pins of the same time, with what the pin sees of the entries' axes
    /// beyond what was committed when it was taken.
    public func laterCommits(_ pin: Pin) -> UInt64 {
        var sum: UInt64 = 0
        for (axis, sequence) in pin.later where axes.contains(axis) { sum &+= sequence }
        return sum
    }

    /// The times between which all samples of the entries lie; nil where there are none. Others' samples
    /// may count too.
    public var timeSpan: (oldest: Timestamp, newest: Timestamp)? {
        var span: (oldest: Int64, newest: Int64)?
        var last: Int?
        for list in segments {
            for segment in list where segment.axis.id != last {
                last = segment.axis.id
                guard let own = segment.axis.timeSpan else { continue }
                span = (
                    min(span?.oldest ?? .max, own.oldest), max(span?.newest ?? .min, own.newest)
                )
            }
        }
        return span.map {
            (Timestamp(milliseconds: $0.oldest), Timestamp(milliseconds: $0.newest))
        }
    }

    private func entry(of id: Int) -> Int? {
        var (low, high) = (0, ids.count)
        while low < high {
            let middle = (low + high) / 2
            if ids[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low < ids.count && ids[low] == id ? low : nil
    }
}
