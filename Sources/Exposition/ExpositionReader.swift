import Model

/// Reads one exposition format: bytes in, samples out.
///
/// A reader tells a `SampleSink` of every sample in the exposition's order, series by number. `lines`
/// is what it knows of the target's last expositions, and the reader's own: a line that begins as it
/// did last time is the same series, and only its number is parsed.
///
/// A new format is a reader in a folder of its own and a row in `ExpositionFormat.all`.
public protocol ExpositionReader: Sendable {
    /// Reads all of `body`. Throws what is wrong with it, or why the sink refused it; the sink has
    /// then been given what stands before that place.
    func read<Sink: SampleSink>(
        _ body: [UInt8], lines: inout LineTable, into sink: inout Sink
    ) throws(ExpositionError)
}

/// Takes what a reader reads.
public protocol SampleSink {
    /// Whether a series may have that many labels: asked before they are read. Throws why not.
    func admit(labelCount: Int) throws(ExpositionError)

    /// A series that the reader has not seen before, its labels in the order exposed, those without a
    /// value among them. Returns its number, or nil where it is only counted, and not to be
    /// remembered. Throws why the whole exposition is refused.
    mutating func add(series labels: [Label]) throws(ExpositionError) -> Int?

    /// Samples in the exposition's order.
    mutating func take(_ samples: [ReadSample])

    /// Whether exemplars are wanted; if not, none are read.
    var wantsExemplars: Bool { get }

    /// The exemplar of a sample that `take` was given before.
    mutating func take(_ exemplar: ReadExemplar)

    /// Whether start timestamps are wanted; if not, none are read.
    var wantsStartTimes: Bool { get }

    /// Since when the samples of a series count, as the exposition says beside its sample.
    mutating func take(start: Timestamp, ofSeries number: Int)

    /// What is wanted of histograms.
    var histograms: HistogramPolicy { get }

    /// A native histogram. Throws why the whole exposition is refused.
    mutating func take(_ sample: ReadHistogram) throws(ExpositionError)

    /// What a metric's `TYPE`, `HELP` or `UNIT` line says.
    mutating func describe(_ metric: String, _ statement: MetadataStatement)
}

extension SampleSink {
    /// Most sinks want none.
    public var wantsExemplars: Bool { false }

    /// Nor start timestamps.
    public var wantsStartTimes: Bool { false }

    /// What is not wanted does not come.
    public mutating func take(_ exemplar: ReadExemplar) {}

    /// Nor do these.
    public mutating func take(start: Timestamp, ofSeries number: Int) {}
}

/// A sample of a series that the sink has numbered.
public struct ReadSample: Sendable, Hashable {
    /// The number that the sink gave its series.
    public var series: Int
    /// The value, NaN in its ordinary form.
    public var value: Double
    /// The time that was exposed with it.
    public var timestamp: Timestamp?

    /// A sample.
    public init(series: Int, value: Double, timestamp: Timestamp? = nil) {
        self.series = series
        self.value = value
        self.timestamp = timestamp
    }
}

/// An exemplar as it was read, with the sample that it belongs to.
public struct ReadExemplar: Sendable, Hashable {
    /// The sample.
    public var sample: ReadSample
    /// The exemplar; its time means something where one was exposed.
    public var exemplar: Exemplar

    /// An exemplar of a sample.
    public init(sample: ReadSample, exemplar: Exemplar) {
        self.sample = sample
        self.exemplar = exemplar
    }
}

/// A native histogram as the sample of a series that the sink has numbered.
public struct ReadHistogram: Sendable, Hashable {
    /// The number that the sink gave its series.
    public var series: Int
    /// The sample.
    public var histogram: FloatHistogram
    /// The time that was exposed with it.
    public var timestamp: Timestamp?

    /// A sample.
    public init(series: Int, histogram: FloatHistogram, timestamp: Timestamp? = nil) {
        self.series = series
        self.histogram = histogram
        self.timestamp = timestamp
    }
}

/// What a sink wants of histograms where an exposition has them in both forms.
public struct HistogramPolicy: Sendable, Hashable {
    /// Native histograms are taken; else only the classic ones are.
    public var readsNative: Bool
    /// The classic ones are taken beside the native ones.
    public var keepsClassic: Bool

    /// A policy.
    public init(readsNative: Bool = false, keepsClassic: Bool = false) {
        self.readsNative = readsNative
        self.keepsClassic = keepsClassic
    }
}

extension MetricType {
    /// The type that the text format calls so.
    init?(text: String) {
        let types: [MetricType] = [.counter, .gauge, .histogram, .summary, .untyped]
        guard let type = types.first(where: { $0.rawValue == text }) else { return nil }
        self = type
    }

    /// The type that OpenMetrics calls so.
    init?(openMetrics text: String) {
        if text == "unknown" {
            self = .untyped
        } else if let type = MetricType(rawValue: text), type != .untyped {
            self = type
        } else {
            return nil
        }
    }
}

/// Why an exposition could not be read; the wording is Prometheus's.
public struct ExpositionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line, from 1; nil where the sink refused what was read.
    public let line: Int?
    /// What is wrong.
    public let message: String

    /// An error on a line.
    public init(line: Int? = nil, _ message: String) {
        self.line = line
        self.message = message
    }

    public var description: String { line.map { "\(message) (line \($0))" } ?? message }
}
