import Model
import Synchronization

/// The newest exemplars of all series: a ring in which a new one takes the place of the oldest.
///
/// What it takes of a series follows in time, as in Prometheus. It takes none until it has a capacity.
public final class ExemplarRing: Sendable {
    /// What became of an exemplar.
    public enum Outcome: Sendable, Hashable {
        case stored
        /// The series' newest exemplar again, which is no error.
        case repeated
        /// Older than the series' newest one.
        case outOfOrder
        /// Its labels have more than `Exemplar.maximumLabelCharacters`.
        case tooLong
        /// The ring has no capacity.
        case disabled
    }

    /// The exemplars of a series, in the order of time.
    public struct Series: Sendable, Hashable {
        /// The labels of the series.
        public let labels: Labels
        /// The exemplars.
        public let exemplars: [Exemplar]
    }

    private let buffer = Mutex(ExemplarBuffer())

    init() {}

    /// How many exemplars it holds at most.
    public var capacity: Int { buffer.withLock { $0.capacity } }

    /// How many exemplars it holds.
    public var count: Int { buffer.withLock { $0.count } }

    /// Has it hold so many from now on: the newest of those that are there stay. 0 or less: none.
    public func resize(to capacity: Int) { buffer.withLock { $0.resize(to: max(0, capacity)) } }

    /// Takes an exemplar of a series.
    @discardableResult
    public func add(_ exemplar: Exemplar, of series: Labels) -> Outcome {
        let isTooLong = exemplar.labelCharacters > Exemplar.maximumLabelCharacters
        return buffer.withLock { buffer in
            if buffer.capacity == 0 { return .disabled }
            if isTooLong { return .tooLong }
            return buffer.add(exemplar, of: series)
        }
    }

    /// The exemplars from `start` through `end` of the series that satisfy all matchers of any set, by
    /// the order of their labels.
    public func select(
        _ sets: [[Matcher]], from start: Timestamp, through end: Timestamp
    ) -> [Series] {
        buffer.withLock { $0.select(sets, from: start, through: end) }
            .sorted { $0.labels < $1.labels }
    }
}

/// The ring's entries; those of one series are linked from the oldest to the newest.
private struct ExemplarBuffer {
    private struct Entry {
        var exemplar: Exemplar
        var series: Labels
        /// The series' next newer one.
        var next: Int?
    }

    private struct Ends {
        var oldest: Int
        var newest: Int
    }

    private(set) var capacity = 0
    /// Grows up to the capacity as needed.
    private var entries: [Entry] = []
    /// Where the next exemplar goes: the place of the oldest one, once the ring is full.
    private var place = 0
    private var ends: [Labels: Ends] = [:]

    var count: Int { entries.count }

    mutating func resize(to capacity: Int) {
        if capacity == self.capacity { return }
        let oldest = entries.count == self.capacity ? place : 0
        let kept = (entries[oldest...] + entries[..<oldest]).suffix(capacity)
        self = ExemplarBuffer()
        self.capacity = capacity
        for entry in kept { append(entry.exemplar, of: entry.series) }
    }

    mutating func add(_ exemplar: Exemplar, of series: Labels) -> ExemplarRing.Outcome {
        if let newest = ends[series].map({ entries[$0.newest].exemplar }) {
            if newest.isSame(as: exemplar) { return .repeated }
            if exemplar.precedes(newest) { return .outOfOrder }
        }
        append(exemplar, of: series)
        return .stored
    }

    private mutating func append(_ exemplar: Exemplar, of series: Labels) {
        if capacity == 0 { return }
        let entry = Entry(exemplar: exemplar, series: series, next: nil)
        if entries.count < capacity {
            entries.append(entry)
        } else {
            removeEntry(at: place)
            entries[place] = entry
        }
        if let newest = ends[series]?.newest {
            entries[newest].next = place
            ends[series]?.newest = place
        } else {
            ends[series] = Ends(oldest: place, newest: place)
        }
        place = place + 1 == capacity ? 0 : place + 1
    }

    /// The oldest of all is the oldest of its series.
    private mutating func removeEntry(at place: Int) {
        let entry = entries[place]
        if let next = entry.next {
            ends[entry.series]?.oldest = next
        } else {
            ends[entry.series] = nil
        }
    }

    func select(
        _ sets: [[Matcher]], from start: Timestamp, through end: Timestamp
    ) -> [ExemplarRing.Series] {
        ends.compactMap { series, ends in
            guard entries[ends.oldest].exemplar.time <= end,
                entries[ends.newest].exemplar.time >= start,
                sets.contains(where: { set in set.allSatisfy { $0.matches(series) } })
            else { return nil }
            var found: [Exemplar] = []
            var place: Int? = ends.oldest
            while let index = place, entries[index].exemplar.time <= end {
                if entries[index].exemplar.time >= start { found.append(entries[index].exemplar) }
                place = entries[index].next
            }
            return found.isEmpty ? nil : ExemplarRing.Series(labels: series, exemplars: found)
        }
    }
}

extension Exemplar {
    fileprivate var labelCharacters: Int {
        labels.sorted.reduce(0) {
            $0 + $1.name.unicodeScalars.count + $1.value.unicodeScalars.count
        }
    }

    /// Whether it is the same one. Where neither exposed a time, the time of the scrape means nothing.
    fileprivate func isSame(as other: Exemplar) -> Bool {
        if hasTime || other.hasTime, time != other.time { return false }
        let hasSameValue = value == other.value || value.isNaN && other.value.isNaN
        return hasSameValue && labels == other.labels
    }

    /// Whether it comes before the other one. At one time there may be several, as of the buckets of a
    /// histogram, in the order of their values.
    fileprivate func precedes(_ other: Exemplar) -> Bool {
        if time != other.time { return time < other.time }
        return value == other.value ? labels < other.labels : value < other.value
    }
}
