import Model
import WireFormats

extension OTLPMetricContext {
    /// A histogram with bounds of its own as the series of a classic one.
    func classicHistogram(_ point: OTLPHistogramPoint) throws(OTLPFault) -> OTLPPoint {
        var made = try OTLPPoint(
            time: point.timeUnixNano, start: point.startTimeUnixNano, flags: point.flags)
        try settings.limits.check(
            buckets: max(point.bucketCounts.count, point.explicitBounds.count), of: name)
        let labels = try labels(point.attributes)
        if point.hasSum { made.add(series(labels, "_sum"), point.sum) }
        made.add(series(labels, "_count"), Double(point.count))
        var exemplars = exemplars(point.exemplars)
        var cumulative: UInt64 = 0
        for (bound, count) in zip(point.explicitBounds, point.bucketCounts) {
            cumulative &+= count
            // That of +Inf comes last, with all observations.
            if bound == .infinity { continue }
            let within = exemplars.filter { $0.value <= bound }
            exemplars.removeAll { $0.value <= bound }
            made.add(
                series(labels, "_bucket", Label("le", GoFloat.fixed(bound))), Double(cumulative),
                exemplars: within)
        }
        made.add(
            series(labels, "_bucket", Label("le", "+Inf")), Double(point.count),
            exemplars: exemplars)
        return made
    }

    /// A histogram with bounds of its own as a native one with custom buckets.
    func customHistogram(_ point: OTLPHistogramPoint) throws(OTLPFault) -> OTLPPoint {
        var made = try OTLPPoint(
            time: point.timeUnixNano, start: point.startTimeUnixNano, flags: point.flags)
        try settings.limits.check(
            buckets: max(point.bucketCounts.count, point.explicitBounds.count), of: name)
        var histogram = FloatHistogram()
        histogram.schema = FloatHistogram.customSchema
        histogram.customValues = point.explicitBounds
        var side = OTLPBuckets()
        for (index, count) in point.bucketCounts.enumerated() { side.add(Int64(index), count) }
        // Without buckets, all observations are in that of +Inf.
        if point.bucketCounts.isEmpty { side.add(Int64(point.explicitBounds.count), point.count) }
        (histogram.positiveSpans, histogram.positiveBuckets) = try side.spansAndCounts(name)
        try finish(
            &histogram, sum: point.hasSum ? point.sum : 0, count: point.count,
            inBuckets: side.total,
            isGap: made.isGap)
        made.add(
            series(try labels(point.attributes)), 0, histogram: histogram,
            exemplars: exemplars(point.exemplars))
        return made
    }

    /// An exponential histogram as a native one.
    func exponentialHistogram(_ point: OTLPExponentialPoint) throws(OTLPFault) -> OTLPPoint {
        var made = try OTLPPoint(
            time: point.timeUnixNano, start: point.startTimeUnixNano, flags: point.flags)
        let schemas = FloatHistogram.exponentialSchemas
        guard point.scale >= schemas.lowerBound else {
            throw OTLPFault(
                "cannot convert exponential to native histogram. Scale must be >= "
                    + "\(schemas.lowerBound), was \(point.scale)")
        }
        var histogram = FloatHistogram()
        histogram.schema = min(point.scale, schemas.upperBound)
        // What is measured as zero is not told apart: the protocol's own threshold is left out, as in
        // Prometheus.
        histogram.zeroThreshold = OTLPMetricContext.zeroThreshold
        histogram.zeroCount = Double(point.zeroCount)
        let steps = Int(point.scale) - Int(histogram.schema)
        let positive = try buckets(point.positive, steps)
        let negative = try buckets(point.negative, steps)
        (histogram.positiveSpans, histogram.positiveBuckets) = try positive.spansAndCounts(name)
        (histogram.negativeSpans, histogram.negativeBuckets) = try negative.spansAndCounts(name)
        try finish(
            &histogram, sum: point.hasSum ? point.sum : 0, count: point.count,
            inBuckets: positive.total &+ negative.total &+ point.zeroCount, isGap: made.isGap)
        made.add(
            series(try labels(point.attributes)), 0, histogram: histogram,
            exemplars: exemplars(point.exemplars))
        return made
    }

    private static let zeroThreshold = 1e-128

    /// The buckets of one side, so many scales lower. OTLP's have the bound that belongs to them above,
    /// Prometheus's numbers are one higher.
    private func buckets(
        _ side: OTLPExponentialPoint.Buckets, _ steps: Int
    ) throws(OTLPFault) -> OTLPBuckets {
        try settings.limits.check(buckets: side.bucketCounts.count, of: name)
        var buckets = OTLPBuckets()
        for (index, count) in side.bucketCounts.enumerated() {
            buckets.add(((Int64(side.offset) + Int64(index)) >> Int64(steps)) + 1, count)
        }
        return buckets
    }

    /// Count, sum and hint, and whether all of it fits together.
    private func finish(
        _ histogram: inout FloatHistogram, sum: Double, count: UInt64, inBuckets: UInt64,
        isGap: Bool
    ) throws(OTLPFault) {
        histogram.sum = sum.isNaN ? SampleValue.nan : sum
        histogram.count = Double(count)
        histogram.resetHint = isNativeDelta ? .gauge : .unknown
        if isGap { return }
        // Observations of NaN are in no bucket.
        if sum.isNaN ? inBuckets > count : inBuckets != count {
            throw OTLPFault(
                "a histogram of metric \(name.goQuoted) has \(inBuckets) observations in its buckets, "
                    + "but its count is \(count)")
        }
        do throws(HistogramError) {
            try histogram.validate()
        } catch {
            throw OTLPFault("a histogram of metric \(name.goQuoted) is not valid: \(error)")
        }
    }
}

/// Buckets that come in order of their numbers, and become those of one side of a native histogram. Empty
/// ones are left out.
struct OTLPBuckets {
    private var numbers: [Int64] = []
    private var counts: [UInt64] = []
    /// How many observations there are in all.
    private(set) var total: UInt64 = 0

    mutating func add(_ number: Int64, _ count: UInt64) {
        if count == 0 { return }
        total &+= count
        if numbers.last == number {
            counts[counts.count - 1] &+= count
        } else {
            numbers.append(number)
            counts.append(count)
        }
    }

    /// Throws where a bucket has a number that none can have.
    func spansAndCounts(
        _ metric: String
    ) throws(OTLPFault) -> (spans: [FloatHistogram.Span], counts: [Double]) {
        var spans: [FloatHistogram.Span] = []
        var next: Int64 = 0
        for number in numbers {
            guard let offset = Int32(exactly: number - next), Int32(exactly: number + 1) != nil
            else {
                throw OTLPFault(
                    "a histogram of metric \(metric.goQuoted) has a bucket out of bounds, number "
                        + "\(number)")
            }
            if !spans.isEmpty, offset == 0 {
                spans[spans.count - 1].length += 1
            } else {
                spans.append(.init(offset: offset, length: 1))
            }
            next = number + 1
        }
        return (spans, counts.map { Double($0) })
    }
}
