import Model

/// Samples that somebody else collected and wrote to us, with what came along: of several series, each
/// sample with a time of its own.
public struct SampleBatch: Sendable {
    /// A sample.
    public struct Sample: Sendable {
        /// The index into `series`.
        public var series: Int
        /// When it was taken.
        public var time: Timestamp
        /// The number; of no meaning where there is a histogram.
        public var value: Double
        /// The native histogram, where the sample is one.
        public var histogram: FloatHistogram?
        /// Since when it counts, where that is known.
        public var startTime: Timestamp?

        /// A sample.
        public init(
            series: Int, time: Timestamp, value: Double, histogram: FloatHistogram? = nil,
            startTime: Timestamp? = nil
        ) {
            self.series = series
            self.time = time
            self.value = value
            self.histogram = histogram
            self.startTime = startTime
        }
    }

    /// The series, each once.
    public var series: [Labels] = []
    /// The samples; of one series in the order in which they are to be stored.
    public var samples: [Sample] = []
    /// Exemplars, with the index of their series.
    public var exemplars: [(series: Int, exemplar: Exemplar)] = []
    /// What is said of metrics, by metric family name.
    public var metadata: [String: MetricMetadata] = [:]

    /// Nothing.
    public init() {}
}

/// What a store makes of a sample that is written to it.
public enum SampleVerdict: Sendable, Hashable {
    /// It is new, and stored.
    case stored
    /// It is there already.
    case repeated
    /// Its series has another value at that time.
    case duplicate
    /// It is older than the newest sample of its series.
    case outOfOrder
    /// It is older than the out-of-order window reaches back.
    case tooOld
    /// There are as many series as there may be.
    case tooManySeries
}

extension Store {
    /// Writes the samples of a batch; says of each what became of it. Exemplars and metadata are the
    /// caller's business.
    ///
    /// `sender` tells apart who writes what: by it, `job` and `instance`, series are laid out together.
    /// A sample that is older than its series' newest is taken within `outOfOrderWindow`.
    public func write(
        _ batch: SampleBatch, from sender: String, outOfOrderWindow: Milliseconds = .zero
    ) -> [SampleVerdict] {
        batch.samples.map { sample in
            append(
                batch.series[sample.series], at: sample.time, value: sample.value,
                histogram: sample.histogram, startTime: sample.startTime) ? .stored : .outOfOrder
        }
    }
}
