/// A native histogram with counts of type float: Prometheus's sample type beside plain numbers.
///
/// Buckets are sparse: `positiveSpans` say which buckets of the schema the `positiveBuckets` are, in
/// order. Schemas -4…8 are exponential (bounds grow by 2^2^-schema); schema -53 has `customValues` as
/// the upper bounds of its positive buckets, and neither negative buckets nor a zero bucket.
public struct FloatHistogram: Hashable, Sendable {
    /// What is known of counter resets between the sample before and this one.
    public enum ResetHint: UInt8, Hashable, Sendable {
        case unknown, reset, notReset, gauge
    }

    /// A run of consecutive buckets.
    public struct Span: Hashable, Sendable {
        /// The gap to the end of the span before; of the first span, the index of its first bucket.
        public var offset: Int32
        /// How many buckets it has.
        public var length: UInt32

        /// A span.
        public init(offset: Int32, length: UInt32) {
            self.offset = offset
            self.length = length
        }
    }

    /// The schema of histograms with custom buckets.
    public static let customSchema: Int32 = -53

    /// The schemas of histograms with exponential buckets.
    public static var exponentialSchemas: ClosedRange<Int32> { ExponentialBounds.schemas }

    public var resetHint = ResetHint.unknown
    public var schema: Int32 = 0
    /// Half the width of the zero bucket.
    public var zeroThreshold = 0.0
    public var zeroCount = 0.0
    /// Observations, those of NaN included, which are in no bucket.
    public var count = 0.0
    /// The sum of the observations.
    public var sum = 0.0
    public var positiveSpans: [Span] = []
    public var negativeSpans: [Span] = []
    /// Absolute counts of the buckets of `positiveSpans`.
    public var positiveBuckets: [Double] = []
    public var negativeBuckets: [Double] = []
    /// The bounds of custom buckets, rising, the last bucket's +Inf left out.
    public var customValues: [Double] = []

    /// An empty histogram.
    public init() {}

    /// Whether its buckets have bounds of their own.
    public var usesCustomBuckets: Bool { schema == Self.customSchema }
}
