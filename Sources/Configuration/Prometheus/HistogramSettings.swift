#if canImport(Glibc)
    import Glibc
#endif

import Model

/// What is scraped of histograms.
public struct HistogramSettings: Sendable, Hashable {
    /// `scrape_native_histograms`: native histograms are taken where they are exposed.
    public var scrapesNative = false
    /// `always_scrape_classic_histograms`: and the classic ones beside them.
    public var alwaysScrapesClassic = false
    /// `convert_classic_histograms_to_nhcb`: classic histograms become native ones with custom buckets.
    public var convertsClassic = false
    /// `native_histogram_bucket_limit`: resolution is reduced until no more buckets are left; 0 for no
    /// limit.
    public var bucketLimit = 0
    /// `native_histogram_min_bucket_factor`: resolution is reduced until a bucket is at least by this
    /// factor wider than the one before; 0 for no reduction.
    public var minimumBucketFactor = 0.0

    /// Prometheus's defaults.
    public init() {}

    /// The highest schema whose buckets grow by the minimum factor.
    public var maximumSchema: Int32 {
        let schemas = FloatHistogram.exponentialSchemas
        guard minimumBucketFactor > 1 else { return schemas.upperBound }
        let schema = (-log2(log2(minimumBucketFactor))).rounded(.down)
        if schema >= Double(schemas.upperBound) { return schemas.upperBound }
        if schema > Double(schemas.lowerBound) { return Int32(schema) }
        return schemas.lowerBound
    }
}

extension HistogramSettings {
    /// Reads what `global` and scrape configurations share: a switch that is not written stays.
    mutating func readSwitches(_ keys: KeyedElement) {
        keys.bool("scrape_native_histograms", &scrapesNative)
        keys.bool("always_scrape_classic_histograms", &alwaysScrapesClassic)
        keys.bool("convert_classic_histograms_to_nhcb", &convertsClassic)
    }

    /// Reads what only scrape configurations have.
    mutating func readBounds(_ keys: KeyedElement) {
        if let limit = keys["native_histogram_bucket_limit"].flatMap({ $0.int() }) {
            bucketLimit = limit
        }
        if let factor = keys["native_histogram_min_bucket_factor"].flatMap({ $0.double() }) {
            minimumBucketFactor = factor
        }
    }
}
