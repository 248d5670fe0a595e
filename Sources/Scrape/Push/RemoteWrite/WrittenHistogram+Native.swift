import Model
import WireFormats

extension WrittenHistogram {
    private static let largestReservedSchema: Int32 = 52

    private var isFloat: Bool {
        if case .countFloat = count { return true }
        return false
    }

    /// Whether it says that its series has ended, as Prometheus writes that.
    var isStale: Bool { SampleValue.isStale(sum) }

    /// The native histogram, compact. Throws, as Prometheus does, where it contradicts itself.
    func native() throws(HistogramError) -> FloatHistogram {
        var histogram = FloatHistogram()
        histogram.schema = schema
        histogram.zeroThreshold = zeroThreshold
        histogram.count = isFloat ? countFloat : Double(countInteger)
        histogram.zeroCount = isFloat ? zeroCountFloat : Double(zeroCountInteger)
        histogram.sum = sum
        histogram.resetHint = hint
        histogram.positiveSpans = positiveSpans.map { .init(offset: $0.offset, length: $0.length) }
        histogram.negativeSpans = negativeSpans.map { .init(offset: $0.offset, length: $0.length) }
        histogram.positiveBuckets = isFloat ? positiveCounts : absolute(positiveDeltas)
        histogram.negativeBuckets = isFloat ? negativeCounts : absolute(negativeDeltas)
        histogram.customValues = customBounds
        try validate(histogram)
        let finest = FloatHistogram.exponentialSchemas.upperBound
        if schema > finest { histogram.reduceResolution(to: finest) }
        histogram.compact()
        return histogram
    }

    private func validate(_ histogram: FloatHistogram) throws(HistogramError) {
        var checked = histogram
        let finest = FloatHistogram.exponentialSchemas.upperBound
        // Finer ones are made coarser, as in Prometheus.
        if (finest...Self.largestReservedSchema).contains(schema) { checked.schema = finest }
        try checked.validate()
        if isFloat { return }
        let buckets = total(positiveDeltas) &+ total(negativeDeltas) &+ zeroCountInteger
        let fits = sum.isNaN ? buckets <= countInteger : buckets == countInteger
        if fits { return }
        let rule =
            sum.isNaN
            ? "be at least the number of observations found in the buckets"
            : "equal the number of observations found in the buckets (in absence of NaN)"
        throw HistogramError(
            "\(buckets) observations found in buckets, but the Count field is \(countInteger): "
                + "histogram's observation count should \(rule)")
    }

    /// What resets are known of. That there was none is found out anew, as in Prometheus.
    private var hint: FloatHistogram.ResetHint {
        switch resetHint {
        case .reset: .reset
        case .isGauge: .gauge
        default: .unknown
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

    private func total(_ deltas: [Int64]) -> UInt64 {
        var count: Int64 = 0
        return deltas.reduce(into: 0) { total, delta in
            count &+= delta
            total &+= UInt64(bitPattern: count)
        }
    }
}
