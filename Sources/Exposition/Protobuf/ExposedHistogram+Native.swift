import Model
import SwiftProtobuf
import WireFormats

extension ExposedBucket {
    /// How many observations are in this bucket and those below.
    var observations: Double { countFloat > 0 ? countFloat : Double(count) }
}

extension ExposedHistogram {
    /// How many observations there are.
    var observations: Double { countFloat > 0 ? countFloat : Double(count) }

    /// Whether there is a native histogram in it. One without spans, zero bucket and observations is
    /// taken for a classic one, as in Prometheus.
    var isNative: Bool {
        !positiveSpans.isEmpty || !negativeSpans.isEmpty || zeroThreshold > 0 || zeroCount > 0
    }

    /// The exemplars of the native histogram: its own, or else those of the classic buckets. Those
    /// without a time are left out, as in Prometheus.
    var nativeExemplars: [ExposedExemplar] {
        let all = exemplars.isEmpty ? buckets.filter(\.hasExemplar).map(\.exemplar) : exemplars
        return all.filter(\.hasTimestamp)
    }

    /// The native histogram, compact. Throws where spans and buckets do not fit together.
    func native(isGauge: Bool) throws(HistogramError) -> FloatHistogram {
        let isFloat = countFloat > 0 || zeroCountFloat > 0
        var histogram = FloatHistogram()
        histogram.schema = schema
        histogram.zeroThreshold = zeroThreshold
        histogram.count = isFloat ? countFloat : Double(count)
        histogram.zeroCount = isFloat ? zeroCountFloat : Double(zeroCount)
        histogram.sum = sum
        histogram.resetHint = isGauge ? .gauge : .unknown
        histogram.positiveSpans = positiveSpans.map { .init(offset: $0.offset, length: $0.length) }
        histogram.negativeSpans = negativeSpans.map { .init(offset: $0.offset, length: $0.length) }
        histogram.positiveBuckets = isFloat ? positiveCounts : absolute(positiveDeltas)
        histogram.negativeBuckets = isFloat ? negativeCounts : absolute(negativeDeltas)
        try check("positive", histogram.positiveSpans, histogram.positiveBuckets.count)
        try check("negative", histogram.negativeSpans, histogram.negativeBuckets.count)
        try histogram.validate()
        histogram.compact()
        return histogram
    }

    private func check(
        _ side: String, _ spans: [FloatHistogram.Span], _ buckets: Int
    ) throws(HistogramError) {
        let needed = spans.reduce(0) { $0 + Int($1.length) }
        guard needed == buckets else {
            throw HistogramError(
                "\(side) side: spans require \(needed) buckets, have \(buckets)")
        }
    }

    /// Each delta is the difference to the bucket before.
    private func absolute(_ deltas: [Int64]) -> [Double] {
        var count: Int64 = 0
        return deltas.map { delta in
            count &+= delta
            return Double(count)
        }
    }
}

extension ExposedMetric {
    /// Since when its samples count, where it says so.
    var start: Timestamp? {
        if hasCounter, counter.hasStart { return Timestamp(counter.start) }
        if hasSummary, summary.hasStart { return Timestamp(summary.start) }
        if hasHistogram, histogram.hasStart { return Timestamp(histogram.start) }
        return nil
    }
}

extension Timestamp {
    /// To the millisecond. Whatever was sent is a time.
    init(_ exposed: Google_Protobuf_Timestamp) {
        let (milliseconds, isOver) = exposed.seconds.multipliedReportingOverflow(by: 1000)
        let whole = isOver ? (exposed.seconds < 0 ? Int64.min : .max) : milliseconds
        let (sum, isBeyond) = whole.addingReportingOverflow(Int64(exposed.nanos / 1_000_000))
        self.init(milliseconds: isBeyond ? whole : sum)
    }
}
