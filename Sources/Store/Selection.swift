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
public final class Selection {
    /// What it selects.
    public let matchers: [Matcher]
    /// The label sets of the entries.
    public private(set) var labels: [Labels] = []
    private let index: SeriesIndex
    private let nameHash: Int?
    private var memo: MatcherMemo
    private var seen: UInt64 = 0
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
        rebuild()
    }

    /// How many entries there are.
    public var count: Int { labels.count }

    /// Takes up what happened since. Costs nothing where nothing did, and otherwise in proportion to
    /// the changes of series.
    public func refresh() -> SelectionChange {
        if index.version == seen { return .none }
        let before = ids.count
        var isRebuilt = false
        var isExtended = false
        index.state.withLock { state in
            guard let events = state.events(after: seen) else {
                isRebuilt = true
                return
            }
            for event in events where nameHash == nil || event.nameHash == nameHash {
                switch event.kind {
                case .added:
                    guard let series = state.series[event.id], memo.matches(series.labels) else {
                        continue
                    }
                    append(event.id, series)
                case .extended:
                    guard let entry = entry(of: event.id), let series = state.series[event.id]
                    else { continue }
                    segments[entry] = series.segments
                    note(series.segments)
                    isExtended = true
                case .removed:
                    if entry(of: event.id) != nil { isRebuilt = true }
                }
            }
            seen = state.version
        }
        if isRebuilt {
            rebuild()
            return .rebuilt
        }
        if isExtended { plans.invalidate() }
        return ids.count > before ? .appended(from: before) : .none
    }

    private func rebuild() {
        ids = []
        axes = []
        lastAxis = nil
        labels = []
        segments = []
        plans.invalidate()
        index.state.withLock { state in
            for id in state.ids(matchers) {
                if let series = state.series[id] { append(id, series) }
            }
            seen = state.version
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
