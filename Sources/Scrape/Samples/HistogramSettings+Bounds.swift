import Configuration
import Model

extension HistogramSettings {
    /// The histogram with no more resolution than is wanted; nil where it cannot have as few buckets as
    /// `native_histogram_bucket_limit` says.
    func bounded(_ histogram: FloatHistogram) -> FloatHistogram? {
        var histogram = histogram
        if !histogram.usesCustomBuckets { histogram.reduceResolution(to: maximumSchema) }
        guard bucketLimit > 0 else { return histogram }
        while histogram.positiveBuckets.count + histogram.negativeBuckets.count > bucketLimit {
            guard !histogram.usesCustomBuckets,
                histogram.schema > FloatHistogram.exponentialSchemas.lowerBound
            else { return nil }
            histogram.reduceResolution(to: histogram.schema - 1)
        }
        return histogram
    }
}
