import Model

/// One classic histogram at one time, while its lines are read.
struct OpenMetricsHistogram {
    private var isEmpty = true
    private var name = ""
    /// The bound and the count of the bucket read last.
    private var lastBound: Double?
    private var lastCount = 0.0
    private var hasNegativeBuckets = false
    private var hasSum = false
    private var hasGaugeSum = false
    private var hasNegativeSum = false
    private var count: Double?

    /// The upper bound of a bucket.
    static func bound(_ sample: OpenMetricsSample) throws(OpenMetricsViolation) -> Double {
        let text = sample.labels["le"] ?? ""
        guard let bound = GoFloat.parse(text), !bound.isNaN,
            bound != .infinity || text == "+Inf"
        else {
            throw OpenMetricsViolation(
                "a bucket of \(sample.name.goQuoted) has no label \"le\" with a number or \"+Inf\"")
        }
        return bound
    }

    mutating func add(
        _ sample: OpenMetricsSample, _ suffix: String
    ) throws(OpenMetricsViolation) {
        isEmpty = false
        name = sample.name
        switch suffix {
        case "_bucket": try addBucket(sample)
        case "_sum": hasSum = true
        case "_gsum":
            hasGaugeSum = true
            hasNegativeSum = sample.value < 0
        case "_count", "_gcount": count = sample.value
        default: break
        }
    }

    private mutating func addBucket(_ sample: OpenMetricsSample) throws(OpenMetricsViolation) {
        let bound = try OpenMetricsHistogram.bound(sample)
        if let lastBound {
            if bound <= lastBound {
                throw violation("the buckets are not in the order of their bounds")
            }
            if sample.value < lastCount {
                throw violation("a bucket counts less than the one before")
            }
        }
        if bound < 0 { hasNegativeBuckets = true }
        lastBound = bound
        lastCount = sample.value
    }

    /// No more lines come.
    func finish() throws(OpenMetricsViolation) {
        if isEmpty { return }
        guard lastBound == .infinity else { throw violation("the bucket \"+Inf\" is missing") }
        if let count, count != lastCount {
            throw violation("the count is not that of the bucket \"+Inf\"")
        }
        if (hasSum || hasGaugeSum) != (count != nil) {
            throw violation("the sum and the count must both be there, or neither")
        }
        if hasSum, hasNegativeBuckets {
            throw violation("with bounds below 0 there must be no sum")
        }
        if hasNegativeSum, !hasNegativeBuckets {
            throw violation("the sum is below 0 and no bound is")
        }
    }

    private func violation(_ what: String) -> OpenMetricsViolation {
        OpenMetricsViolation("\(name.goQuoted): \(what)")
    }
}
