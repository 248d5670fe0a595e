import Model

/// The samples that an evaluation had to do with.
public struct SampleCounts: Sendable, Hashable {
    /// Samples read, once for every step and window that they were read in. Counted where it was asked
    /// for only.
    public var total = 0
    /// The most that were held at once.
    public var peak = 0
    /// Samples read at each evaluation time, in order; where `total` is counted.
    public var steps: [Step] = []

    /// One evaluation time.
    public struct Step: Sendable, Hashable {
        /// When.
        public var time: Timestamp
        /// Samples read.
        public var count: Int
    }

    /// None.
    public init() {}
}
