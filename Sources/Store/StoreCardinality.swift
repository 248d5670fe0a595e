import Model

/// What there is most of in a store.
public struct StoreCardinality: Sendable {
    /// A name and how often it is there.
    public struct Count: Sendable, Hashable {
        /// The metric, the label, or `label=value`.
        public var name: String
        /// How many, or how many bytes.
        public var value: Int
    }

    /// Pairs of label and value.
    public var labelPairs = 0
    /// Series per metric name, most first.
    public var seriesByMetric: [Count] = []
    /// Values per label, most first.
    public var valuesByLabel: [Count] = []
    /// Bytes of a label's values over all series, most first.
    public var bytesByLabel: [Count] = []
    /// Series per label and value, most first.
    public var seriesByPair: [Count] = []
    /// The oldest and the newest frame.
    public var times: ClosedRange<Timestamp>?
}

extension Store {
    /// The `limit` largest of each kind. Looks at every label, one at a time, so that series can come
    /// and go meanwhile.
    public func cardinality(limit: Int) -> StoreCardinality {
        var result = StoreCardinality()
        for name in labelNames() {
            let counts = seriesCounts(by: name)
            if counts.isEmpty { continue }
            result.labelPairs += counts.count
            result.valuesByLabel.append(.init(name: name, value: counts.count))
            let bytes = counts.reduce(0) { $0 &+ $1.key.utf8.count &* $1.value }
            result.bytesByLabel.append(.init(name: name, value: bytes))
            let values = counts.map { StoreCardinality.Count(name: $0.key, value: $0.value) }
                .largest(limit)
            if name.bytesEqual(Labels.name) { result.seriesByMetric = values }
            result.seriesByPair += values.map { .init(name: "\(name)=\($0.name)", value: $0.value) }
        }
        result.valuesByLabel = result.valuesByLabel.largest(limit)
        result.bytesByLabel = result.bytesByLabel.largest(limit)
        result.seriesByPair = result.seriesByPair.largest(limit)
        result.times = heldTimes
        return result
    }

    private var heldTimes: ClosedRange<Timestamp>? {
        var oldest = Int64.max
        var newest = Int64.min
        for axis in allAxes {
            guard let span = axis.timeSpan else { continue }
            oldest = min(oldest, span.oldest)
            newest = max(newest, span.newest)
        }
        return oldest <= newest
            ? Timestamp(milliseconds: oldest)...Timestamp(milliseconds: newest) : nil
    }
}

extension [StoreCardinality.Count] {
    fileprivate func largest(_ limit: Int) -> [StoreCardinality.Count] {
        let ordered = sorted {
            $0.value == $1.value ? $0.name.byteOrder($1.name) < 0 : $0.value > $1.value
        }
        return Array(ordered.prefix(Swift.max(0, limit)))
    }
}
