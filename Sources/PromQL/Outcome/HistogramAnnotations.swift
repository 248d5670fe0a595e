/// What the engine has to say about native histograms, in Prometheus's words.
extension Annotation {
    /// Something that is done to two histograms.
    enum HistogramOperation: String {
        case addition, subtraction, aggregation
    }

    static func mixedFloatsAndHistograms(
        inMetric metric: String, _ position: PositionRange
    ) -> Annotation {
        warning(
            "encountered a mix of histograms and floats for metric name \(metric.goQuoted)",
            position)
    }

    static func mixedFloatsAndHistogramsInAggregation(_ position: PositionRange) -> Annotation {
        warning("encountered a mix of histograms and floats for aggregation", position)
    }

    static func mixedClassicAndNative(_ metric: String, _ position: PositionRange) -> Annotation {
        warning(
            "vector contains a mix of classic and native histograms" + forMetric(metric), position)
    }

    static func histogramIsNoCounter(_ metric: String, _ position: PositionRange) -> Annotation {
        warning(
            "this native histogram metric is not a counter: \(metric.goQuoted)", position)
    }

    static func histogramIsNoGauge(_ metric: String, _ position: PositionRange) -> Annotation {
        warning("this native histogram metric is not a gauge: \(metric.goQuoted)", position)
    }

    static func mixedExponentialAndCustom(
        _ metric: String, _ position: PositionRange
    ) -> Annotation {
        warning(
            "vector contains a mix of histograms with exponential and custom buckets schemas for "
                + "metric name \(metric.goQuoted)", position)
    }

    static func incompatibleBucketLayout(
        _ op: String, _ position: PositionRange
    ) -> Annotation {
        warning(
            "incompatible bucket layout encountered for binary operator \(op)", position)
    }

    static func conflictingCounterResets(
        _ operation: HistogramOperation, _ position: PositionRange
    ) -> Annotation {
        warning(
            "conflicting counter resets during histogram \(operation.rawValue)", position)
    }

    static func mismatchedCustomBuckets(
        _ operation: HistogramOperation, _ position: PositionRange
    ) -> Annotation {
        info(
            "mismatched custom buckets were reconciled during \(operation.rawValue)", position)
    }

    static func histogramIgnoredInAggregation(
        _ aggregation: String, _ position: PositionRange
    ) -> Annotation {
        info("ignored histogram in \(aggregation) aggregation", position)
    }

    static func histogramIgnoredInMixedRange(
        _ metric: String, _ position: PositionRange
    ) -> Annotation {
        info(
            "ignored histograms in a range containing both floats and histograms for metric name "
                + metric.goQuoted, position)
    }

    static func overlappingStartTimes(_ metric: String, _ position: PositionRange) -> Annotation {
        warning(
            "sample has start time that overlaps with previous sample timestamp for metric "
                + metric.goQuoted, position)
    }
}
