import Model
import WireFormats

/// A data point as the samples of the series that it is made into: all with one time.
struct OTLPPoint {
    /// The sample of one series.
    struct Sample {
        var labels: Labels
        var value: Double
        var histogram: FloatHistogram?
        var exemplars: [Exemplar] = []
    }

    /// Nanoseconds since 1970.
    let time: UInt64
    /// Since when it counts, likewise; 0 where that is unknown.
    var start: UInt64
    /// Whether nothing was recorded: its samples are stale markers.
    let isGap: Bool
    var samples: [Sample] = []

    init(time: UInt64, start: UInt64, flags: UInt32) throws(OTLPFault) {
        guard time > 0 else { throw OTLPFault("a data point has no time") }
        self.time = time
        self.start = start
        isGap = flags & OTLPPoint.gapFlag != 0
    }

    private static let gapFlag: UInt32 = 1

    /// Adds a sample, or a stale marker where nothing was recorded.
    mutating func add(
        _ labels: Labels, _ value: Double, histogram: FloatHistogram? = nil,
        exemplars: [Exemplar] = []
    ) {
        // Any NaN of a sender's is one plain NaN: some bits have a meaning in a store.
        let number = value.isNaN && !SampleValue.isStale(value) ? SampleValue.nan : value
        samples.append(
            Sample(
                labels: labels, value: isGap ? SampleValue.stale : number,
                histogram: isGap ? nil : histogram, exemplars: exemplars))
    }
}

extension Timestamp {
    /// Of nanoseconds since 1970, to the millisecond.
    init(nanoseconds: UInt64) { self.init(milliseconds: Int64(nanoseconds / 1_000_000)) }
}
