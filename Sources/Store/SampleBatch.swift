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
