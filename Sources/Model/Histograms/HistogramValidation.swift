extension FloatHistogram {
    /// Whether spans, buckets and bounds fit together and no count is negative. Whether the buckets
    /// add up to the count is not looked at: rounding could make it seem they did not.
    public func validate() throws(HistogramError) {
        if usesCustomBuckets {
            try validateBounds()
            try validateSpans(
                positiveSpans, positiveBuckets.count, "custom buckets", custom: true)
            if zeroCount != 0 { throw .init("custom buckets: must have zero count of 0") }
            if zeroThreshold != 0 { throw .init("custom buckets: must have zero threshold of 0") }
            if !negativeSpans.isEmpty {
                throw .init("custom buckets: must not have negative spans")
            }
            if !negativeBuckets.isEmpty {
                throw .init("custom buckets: must not have negative buckets")
            }
        } else if ExponentialBounds.schemas.contains(schema) {
            try validateSpans(positiveSpans, positiveBuckets.count, "positive side", custom: false)
            try validateSpans(negativeSpans, negativeBuckets.count, "negative side", custom: false)
            try validateCounts(negativeBuckets, "negative side")
            if zeroCount < 0 {
                throw .init(
                    "zero bucket has observation count of \(GoFloat.general(zeroCount)): "
                        + "histogram has a bucket whose observation count is negative")
            }
            if !customValues.isEmpty {
                throw .init("histogram with exponential schema must not have custom bounds")
            }
        } else {
            throw .init(
                "histogram has an invalid schema, which must be between "
                    + "\(ExponentialBounds.schemas.lowerBound) and "
                    + "\(ExponentialBounds.schemas.upperBound) for exponential buckets, or "
                    + "\(Self.customSchema) for custom buckets, got schema \(schema)")
        }
        if count < 0 {
            throw .init(
                "observation count is  \(GoFloat.general(count)): "
                    + "histogram's observation count is negative")
        }
        try validateCounts(positiveBuckets, "positive side")
    }

    private func validateBounds() throws(HistogramError) {
        var last = -Double.infinity
        for (index, bound) in customValues.enumerated() {
            if bound.isNaN {
                throw .init("custom buckets: histogram custom bounds must not be NaN")
            }
            if index > 0, bound <= last {
                throw .init(
                    "custom buckets: previous bound is \(sixDecimals(last)) and current is "
                        + "\(sixDecimals(bound)): histogram custom bounds must be in strictly "
                        + "increasing order")
            }
            last = bound
        }
        if last == .infinity {
            throw .init(
                "custom buckets: last +Inf bound must not be explicitly defined: "
                    + "histogram custom bounds must be finite")
        }
    }

    private func validateSpans(
        _ spans: [Span], _ buckets: Int, _ place: String, custom: Bool
    ) throws(HistogramError) {
        var needed = 0
        var reached = 0
        for (index, span) in spans.enumerated() {
            if index > 0 || custom, span.offset < 0 {
                throw .init(
                    "\(place): span number \(index + 1) with offset \(span.offset): "
                        + "histogram has a span whose offset is negative")
            }
            needed += Int(span.length)
            reached += Int(span.length) + Int(span.offset)
        }
        if needed != buckets {
            throw .init(
                "\(place): spans need \(needed) buckets, have \(buckets) buckets: "
                    + "histogram spans specify different number of buckets than provided")
        }
        if custom, customValues.count + 1 < reached {
            throw .init(
                "\(place): only \(customValues.count) custom bounds defined which is insufficient "
                    + "to cover total span length of \(reached): "
                    + "histogram custom bounds are too few")
        }
    }

    private func validateCounts(_ counts: [Double], _ place: String) throws(HistogramError) {
        guard let index = counts.firstIndex(where: { $0 < 0 }) else { return }
        throw .init(
            "\(place): bucket number \(index + 1) has observation count of "
                + "\(GoFloat.general(counts[index])): "
                + "histogram has a bucket whose observation count is negative")
    }

    private func sixDecimals(_ value: Double) -> String {
        guard value.magnitude < 1e12 else { return GoFloat.fixed(value) }
        let micros = Int64((value.magnitude * 1e6).rounded(.toNearestOrEven))
        let decimals = String(micros % 1_000_000)
        return (value < 0 ? "-" : "") + "\(micros / 1_000_000)."
            + String(repeating: "0", count: 6 - decimals.count) + decimals
    }
}

extension HistogramError {
    /// An error that says this.
    public init(_ text: String) { self.init(description: text) }
}
