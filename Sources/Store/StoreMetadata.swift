import Model

/// How much a store holds.
public struct StoreStatistics: Sendable, Equatable {
    /// Series in the index.
    public var series = 0
    /// Axes: targets, rules, series with times of their own.
    public var axes = 0
    /// Places for samples in use, absent ones included.
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
        found(sets).filter { series in
            series.segments.contains { segment in
                segment.axis.columns.withLock { columns in
                    guard columns.holds(segment.slot, generation: segment.generation) else {
                        return false
                    }
                    let frames = columns.times.frames(
                        from: start.milliseconds, through: end.milliseconds)
                    return columns.hasSample(segment.slot, frames: frames)
                }
            }
        }.map(\.labels).sorted()
    }

    /// The label names, in order, of all series, or of those in `sets` with a sample in the interval.
    public func labelNames(
        matching sets: [[Matcher]] = [], start: Timestamp = .distantPast,
        end: Timestamp = .distantFuture
    ) -> [String] {
        if sets.isEmpty && start == .distantPast && end == .distantFuture {
            return index.state.withLock { $0.postings.names }.sorted { $0.byteOrder($1) < 0 }
        }
        var names: Set<ByteKey> = []
        for labels in series(matching: sets.isEmpty ? [[]] : sets, start: start, end: end) {
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
        if sets.isEmpty && start == .distantPast && end == .distantFuture {
            return index.state.withLock { $0.postings.values(of: name) }
                .sorted { $0.byteOrder($1) < 0 }
        }
        var values: Set<ByteKey> = []
        for labels in series(matching: sets.isEmpty ? [[]] : sets, start: start, end: end) {
            if let value = labels[name] { values.insert(ByteKey(value)) }
        }
        return values.map(\.text).sorted { $0.byteOrder($1) < 0 }
    }

    /// How many series there are per value of a label, e.g. per metric name.
    public func seriesCounts(by name: String) -> [String: Int] {
        index.state.withLock { $0.postings.counts(of: name) }
    }

    private func found(_ sets: [[Matcher]]) -> [IndexState.Series] {
        index.state.withLock { state in
            Set(sets.flatMap { state.ids($0) }).compactMap { state.series[$0] }
        }
    }
}
