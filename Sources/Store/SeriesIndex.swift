import Model
import Synchronization

/// Where a part of a series' samples lies.
struct Segment: Sendable {
    let axis: Axis
    let slot: Int
    let generation: UInt32
}

/// Which series there are, where their samples lie, and how long they are kept.
///
/// Locks are taken in one order: the index, then an axis.
final class SeriesIndex: Sendable {
    let state: Mutex<IndexState>
    private let options: StoreOptions
    private let versionNumber = Atomic<UInt64>(0)

    /// Moves with every change that a selection could see.
    var version: UInt64 { versionNumber.load(ordering: .acquiring) }

    init(_ options: StoreOptions) {
        self.options = options
        state = Mutex(IndexState())
    }

    /// Puts slots of an axis into the index, and their values where they are kept. False where the
    /// limit on the number of series kept one out.
    func wake(_ slots: [Int], on axis: Axis) -> Bool {
        state.withLock { state in
            axis.columns.withLock { columns in
                var isComplete = true
                for slot in slots where columns.isDormant(slot) {
                    let labels = columns.slots[slot].labels
                    let segment = Segment(
                        axis: axis, slot: slot, generation: columns.slots[slot].generation)
                    if let depth = state.add(segment, of: labels, options: options) {
                        columns.place(slot, depth: depth)
                    } else {
                        isComplete = false
                    }
                }
                versionNumber.store(state.version, ordering: .releasing)
                return isComplete
            }
        }
    }

    /// Forgets the axis' samples that are too old at `now`, and the series that have none left.
    func sweep(_ axis: Axis, now: Int64) {
        state.withLock { state in
            let gone = axis.columns.withLock { columns in
                columns.forget(now: now)
                return columns.vacate()
            }
            state.remove(gone, from: axis)
            versionNumber.store(state.version, ordering: .releasing)
        }
    }

    // MARK: Claims

    func claim(_ depth: Int64, of sets: [[Matcher]]) -> Int {
        state.withLock { state in
            let id = state.claims.add(depth: depth, sets: sets)
            for matchers in sets { state.updateDepths(matchers, options: options) }
            return id
        }
    }

    func release(claim id: Int) {
        state.withLock { state in
            for matchers in state.claims.remove(id) {
                state.updateDepths(matchers, options: options)
            }
        }
    }
}

/// What the index knows.
struct IndexState: ~Copyable {
    struct Series: Sendable {
        let labels: Labels
        var segments: [Segment]
        var depth: Int64
    }

    /// Something that a selection may have to follow.
    struct Event: Sendable {
        enum Kind: Sendable { case added, extended, removed }
        let kind: Kind
        let id: Int
        let nameHash: Int
    }

    var claims = Claims()
    private(set) var postings = Postings()
    private(set) var series: [Int: Series] = [:]
    private(set) var refused = 0
    private var idOf: [Labels: Int] = [:]
    private var nextID = 0
    private var events: [Event] = []
    private var forgottenEvents: UInt64 = 0

    /// How many changes there have been.
    var version: UInt64 { forgottenEvents + UInt64(events.count) }

    init() {}

    /// The changes after `version`, or nil where they are not known any more.
    func events(after version: UInt64) -> ArraySlice<Event>? {
        if version < forgottenEvents { return nil }
        return events.dropFirst(Int(clamping: version - forgottenEvents))
    }

    private mutating func note(_ kind: Event.Kind, _ id: Int, _ labels: Labels) {
        events.append(Event(kind: kind, id: id, nameHash: labels.metricName.hashValue))
        if events.count > 4 * max(1024, series.count) {
            let half = events.count / 2
            events.removeFirst(half)
            forgottenEvents += UInt64(half)
        }
    }

    /// Adds a segment to its series, a new one where there is none. Returns how long it is to be kept,
    /// or nil where there are too many series.
    mutating func add(_ segment: Segment, of labels: Labels, options: StoreOptions) -> Int64? {
        if let id = idOf[labels] {
            series[id]?.segments.append(segment)
            note(.extended, id, labels)
            return series[id]?.depth
        }
        if series.count >= options.maximumSeries {
            refused += 1
            return nil
        }
        let depth = claims.depth(of: labels, atLeast: options.baseDepth)
        let id = nextID
        nextID += 1
        idOf[labels] = id
        series[id] = Series(labels: labels, segments: [segment], depth: depth)
        postings.add(id, labels)
        note(.added, id, labels)
        return depth
    }

    /// Takes segments out; a series without any goes.
    mutating func remove(_ gone: [(slot: Int, labels: Labels)], from axis: Axis) {
        var ended: [(id: Int, labels: Labels)] = []
        for (slot, labels) in gone {
            guard let id = idOf[labels] else { continue }
            series[id]?.segments.removeAll { $0.axis === axis && $0.slot == slot }
            if series[id]?.segments.isEmpty == true {
                series[id] = nil
                idOf[labels] = nil
                ended.append((id, labels))
            }
            note(.removed, id, labels)
        }
        postings.remove(ended)
    }

    /// The ids of the series that satisfy the matchers, in order.
    func ids(_ matchers: [Matcher]) -> [Int] {
        var memo = MatcherMemo(matchers)
        return postings.candidates(matchers).filter { id in
            series[id].map { memo.matches($0.labels) } ?? false
        }
    }

    /// Moves the series that a claim selects to where they are kept as long as all claims say.
    mutating func updateDepths(_ matchers: [Matcher], options: StoreOptions) {
        for id in ids(matchers) {
            guard let entry = series[id] else { continue }
            let depth = claims.depth(of: entry.labels, atLeast: options.baseDepth)
            if depth == entry.depth { continue }
            series[id]?.depth = depth
            for segment in entry.segments {
                segment.axis.columns.withLock { columns in
                    if columns.holds(segment.slot, generation: segment.generation) {
                        columns.place(segment.slot, depth: depth)
                    }
                }
            }
        }
    }
}
