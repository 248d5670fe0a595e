import Model

/// A native histogram out of line: most samples are numbers, which it would make four times as large.
private final class HistogramBox: Hashable, Sendable {
    let histogram: FloatHistogram

    init(_ histogram: FloatHistogram) { self.histogram = histogram }

    static func == (a: HistogramBox, b: HistogramBox) -> Bool { a.histogram == b.histogram }

    func hash(into hasher: inout Hasher) { hasher.combine(histogram) }
}

/// One point of a series.
public struct Point: Hashable, Sendable {
    /// When.
    public var timestamp: Timestamp
    /// How much; `SampleValue.histogram` where it is a native histogram.
    public var value: Double
    private var box: HistogramBox?
    /// The native histogram, if it is one.
    public var histogram: FloatHistogram? {
        get { box?.histogram }
        set { box = newValue.map(HistogramBox.init) }
    }

    /// A point.
    public init(_ timestamp: Timestamp, _ value: Double, histogram: FloatHistogram? = nil) {
        box = histogram.map(HistogramBox.init)
        self.timestamp = timestamp
        self.value = value
    }
}

/// A series and its value at the evaluation time.
public struct VectorSample: Hashable, Sendable {
    /// The series.
    public var labels: Labels
    /// The evaluation time.
    public var timestamp: Timestamp
    /// The value; `SampleValue.histogram` where it is a native histogram.
    public var value: Double
    private var box: HistogramBox?
    /// The native histogram, if it is one.
    public var histogram: FloatHistogram? {
        get { box?.histogram }
        set { box = newValue.map(HistogramBox.init) }
    }

    /// A sample.
    public init(
        _ labels: Labels, _ timestamp: Timestamp, _ value: Double,
        histogram: FloatHistogram? = nil
    ) {
        box = histogram.map(HistogramBox.init)
        self.labels = labels
        self.timestamp = timestamp
        self.value = value
    }
}

/// A series and its points.
public struct MatrixSeries: Hashable, Sendable {
    /// The series.
    public var labels: Labels
    /// Its points in order of time.
    public var points: [Point]

    /// A series.
    public init(_ labels: Labels, _ points: [Point]) {
        self.labels = labels
        self.points = points
    }
}

/// What a query answers.
public enum QueryValue: Hashable, Sendable {
    case scalar(Timestamp, Double)
    case string(Timestamp, String)
    /// In the order of `sort`, `topk` and their like, else in no order.
    case vector([VectorSample])
    /// In the order of the labels.
    case matrix([MatrixSeries])

    /// The API's `resultType`.
    public var type: ValueType {
        switch self {
        case .scalar: .scalar
        case .string: .string
        case .vector: .vector
        case .matrix: .matrix
        }
    }
}

/// An answer, and what the engine wants to say about it.
public struct QueryResult: Sendable {
    /// The answer.
    public var value: QueryValue
    /// Likely mistakes, as Prometheus words them.
    public var warnings: [String]
    /// Hints.
    public var infos: [String]
    /// The samples that it took.
    public var samples = SampleCounts()
    /// The memory that it takes, which stays reserved as long as somebody has it.
    public var memory: MemoryReservation?

    /// A result.
    public init(value: QueryValue, warnings: [String] = [], infos: [String] = []) {
        self.value = value
        self.warnings = warnings
        self.infos = infos
    }
}

/// The series of one evaluation as columns: slot i has `labels[i]` and `values[i]`, where the stale
/// marker (`SampleValue.isStale`) means that the series is absent.
///
/// As long as `version` stays the same, so do the labels of every slot.
public struct StepVector: Sendable {
    /// Moves when a slot gets other labels, or slots come or go.
    public var version: Int
    /// The series.
    public var labels: [Labels]
    /// Their values, or the stale marker.
    public var values: [Double]
    /// The native histograms of the slots whose value is `SampleValue.histogram`; empty where there
    /// is none.
    public var histograms: [FloatHistogram?]
    /// The slots in the order that the query asks for, where it asks for one.
    public var order: [Int]?

    /// The native histogram of a slot, nil where it is a number or absent.
    public func histogram(_ slot: Int) -> FloatHistogram? {
        guard slot < histograms.count, SampleValue.isHistogram(values[slot]) else { return nil }
        return histograms[slot]
    }

    /// The present samples.
    public func samples(at timestamp: Timestamp) -> [VectorSample] {
        let slots = order ?? Array(labels.indices)
        return slots.compactMap { slot in
            SampleValue.isStale(values[slot])
                ? nil
                : VectorSample(
                    labels[slot], timestamp, values[slot], histogram: histogram(slot))
        }
    }
}
