import Configuration
import Model

/// How OTLP's metrics become samples.
public struct OTLPSettings: Sendable {
    /// What becomes of samples that say how much came since the one before.
    public enum Deltas: Sendable, Hashable {
        /// They are refused.
        case refused
        /// They are stored as they are, as metrics of no type.
        case native
        /// They are added up.
        case accumulated
    }

    /// `otlp` of the configuration.
    public var configuration = OTLPConfiguration()
    /// As feature flags say.
    public var deltas = Deltas.refused
    /// As a feature flag says: whether series have the labels `__type__` and `__unit__`.
    public var addsTypeAndUnitLabels = false
    /// How far queries look back: `target_info` has samples at half the distance.
    public var lookbackDelta: Milliseconds = .minutes(5)
    /// What a request may cost.
    public var limits = OTLPLimits()

    /// Prometheus's defaults.
    public init() {}

    /// What a configuration says.
    public init(_ configuration: TocsinConfiguration) {
        self.configuration = configuration.otlp
        let features = configuration.tocsin.enabledFeatures
        if features.contains(FeatureFlags.nativeDeltaIngestion) { deltas = .native }
        if features.contains(FeatureFlags.deltaToCumulative) { deltas = .accumulated }
        addsTypeAndUnitLabels = features.contains("type-and-unit-labels")
        lookbackDelta = configuration.tocsin.query.lookbackDelta
        limits = OTLPLimits(configuration.tocsin.push)
    }
}

/// What keeps a request from taking all memory, and the errors that name it.
public struct OTLPLimits: Sendable, Hashable {
    /// `push.label_limit`: attributes of a data point, a resource or a scope, and labels of a series.
    public var labels: Int
    /// `push.max_series_per_request`.
    public var series: Int
    /// `push.max_samples_per_request`.
    public var samples: Int
    /// `push.max_buckets_per_histogram`, those of exponential ones on each side.
    public var buckets: Int
    /// Samples of `target_info` for one resource of a request; of more, the newest are made.
    public var targetInfoSamples = 1000

    /// Those of `tocsin.push`.
    public init(_ settings: PushSettings = PushSettings()) {
        labels = settings.maximumLabels
        series = settings.maximumSeriesPerRequest
        samples = settings.maximumSamplesPerRequest
        buckets = settings.maximumBucketsPerHistogram
    }

    func check(attributes count: Int) throws(OTLPFault) {
        if count > labels {
            throw OTLPFault("\(count) attributes are more than push.label_limit (\(labels)) allows")
        }
    }

    func check(labels: Labels) throws(OTLPFault) {
        if labels.count > self.labels {
            throw OTLPFault(
                "a series of \(labels.metricName.goQuoted) has \(labels.count) labels, more than "
                    + "push.label_limit (\(self.labels)) allows")
        }
    }

    func check(buckets count: Int, of metric: String) throws(OTLPFault) {
        if count > buckets {
            throw OTLPFault(
                "a histogram of metric \(metric.goQuoted) has \(count) buckets, more than "
                    + "push.max_buckets_per_histogram (\(buckets)) allows")
        }
    }
}

/// What is wrong with a data point, or with all of a metric.
struct OTLPFault: Error, Hashable {
    let message: String

    init(_ message: String) { self.message = message }
}
