import Model

/// How much a store holds.
public struct StoreStatistics: Sendable, Equatable {
    /// Series in the index.
    public var series = 0
    /// Axes: targets, rules, what others write.
    public var axes = 0
    /// Places for samples in use, those without a sample included.
    public var samples = 0
    /// An estimate of the bytes that samples take.
    public var sampleBytes = 0
    /// Values that were dropped because there were too many series.
    public var refusedSeries = 0
    /// The time of the newest frame.
    public var newest: Timestamp?
}

extension Store {
    /// How many series there are.
    public var seriesCount: Int { index.state.withLock { $0.series.count } }

    /// How much is held; looks at every axis.
    public var statistics: StoreStatistics {
        var statistics = StoreStatistics()
        (statistics.series, statistics.refusedSeries) = index.state.withLock {
            ($0.series.count, $0.refused)
        }
        for axis in allAxes {
            let (size, last) = axis.columns.withLock { ($0.size, $0.lastTime) }
            statistics.axes += 1
            statistics.samples += size.samples
            statistics.sampleBytes += size.bytes
            if last != .min {
                let time = Timestamp(milliseconds: last)
                statistics.newest = statistics.newest.map { max($0, time) } ?? time
            }
        }
        return statistics
    }

    /// The label sets, in order, of the series that one of the matcher lists selects and that have a
    /// sample between `start` and `end`, both included.
    public func series(
        matching sets: [[Matcher]], start: Timestamp = .distantPast,
        end: Timestamp = .distantFuture
    ) -> [Labels] {
        series(matching: sets, start: start, end: end) { (_: Int) in }
    }

    /// The same. `reserve` is told how many series are found before they are taken.
    public func series<Failure: Error>(
        matching sets: [[Matcher]], start: Timestamp, end: Timestamp,
        _ reserve: (_ count: Int) throws(Failure) -> Void
    ) throws(Failure) -> [Labels] {
        try found(sets, reserve).filter { series in
            series.segments.contains { segment in
                segment.axis.columns.withLock { columns in
                    guard columns.holds(segment.slot, generation: segment.generation) else {
                        return false
                    }
                    return columns.hasSample(
                        segment.slot, from: start.milliseconds, through: end.milliseconds)
                }
            }
        }.map(\.labels).sorted()
    }

    /// The label names, in order, of all series, or of those in `sets` with a sample in the interval.
    public func labelNames(
        matching sets: [[Matcher]] = [], start: Timestamp = .distantPast,
        end: Timestamp = .distantFuture
    ) -> [String] {
        labelNames(matching: sets, start: start, end: end) { (_: Int) in }
    }

    /// The same. `reserve` is told how many names or series are found before they are taken.
    public func labelNames<Failure: Error>(
        matching sets: [[Matcher]], start: Timestamp, end: Timestamp,
        _ reserve: (_ count: Int) throws(Failure) -> Void
    ) throws(Failure) -> [String] {
        if sets.isEmpty && start == .distantPast && end == .distantFuture {
            return index.state.withLock { $0.postings.names }.sorted { $0.byteOrder($1) < 0 }
        }
        var names: Set<ByteKey> = []
        for labels in try series(
            matching: sets.isEmpty ? [[]] : sets, start: start, end: end, reserve)
        {
            for label in labels.sorted { names.insert(ByteKey(label.name)) }
        }
        return names.map(\.text).sorted { $0.byteOrder($1) < 0 }
    }

    /// The values of a label, in order, of all series, or of those in `sets` with a sample in the
    /// interval.
    public func labelValues(
        _ name: String, matching sets: [[Matcher]] = [], start: Timestamp = .distantPast,
        end: Timestamp = .distantFuture
    ) -> [String] {
        labelValues(name, matching: sets, start: start, end: end) { (_: Int) in }
    }

    /// The same. `reserve` is told how many values or series are found before they are taken.
    public func labelValues<Failure: Error>(
        _ name: String, matching sets: [[Matcher]], start: Timestamp, end: Timestamp,
        _ reserve: (_ count: Int) throws(Failure) -> Void
    ) throws(Failure) -> [String] {
        if sets.isEmpty && start == .distantPast && end == .distantFuture {
            let values = index.state.withLock { $0.postings.values(of: name) }
            try reserve(values.count)
            return values.sorted { $0.byteOrder($1) < 0 }
        }
        var values: Set<ByteKey> = []
        for labels in try series(
            matching: sets.isEmpty ? [[]] : sets, start: start, end: end, reserve)
        {
            if let value = labels[name] { values.insert(ByteKey(value)) }
        }
        return values.map(\.text).sorted { $0.byteOrder($1) < 0 }
    }

    /// How many series there are per value of a label, e.g. per metric name.
    public func seriesCounts(by name: String) -> [String: Int] {
        index.state.withLock { $0.postings.counts(of: name) }
    }

    /// The series of all sets. Writers get their turn between two sets.
    private func found<Failure: Error>(
        _ sets: [[Matcher]], _ reserve: (_ count: Int) throws(Failure) -> Void
    ) throws(Failure) -> [IndexState.Series] {
        var known: Set<Int> = []
        var list: [IndexState.Series] = []
        for matchers in sets {
            try index.state.withLock { state throws(Failure) in
                let ids = state.ids(matchers).filter { !known.contains($0) }
                try reserve(ids.count)
                known.formUnion(ids)
                list += ids.compactMap { state.series[$0] }
            }
        }
        return list
    }
}
