import Model

/// `tocsin.yml`: Prometheus's configuration, and Tocsin's own under `tocsin:`.
///
/// Relative paths are resolved against the file's directory. What Prometheus knows and Tocsin does
/// not act on is not here: it was named in a warning.
public struct TocsinConfiguration: Sendable, Hashable {
    /// The file as it was named; "" where there is none.
    public var path = ""
    /// `global`.
    public var global = GlobalConfiguration()
    /// `rule_files`: glob patterns.
    public var ruleFiles: [Located<String>] = []
    /// `scrape_configs`, those of `scrape_config_files` after them.
    public var scrapeConfigurations: [ScrapeConfiguration] = []
    /// `alerting.alertmanagers`.
    public var alertmanagers: [AlertmanagerConfiguration] = []
    /// `alerting.alert_relabel_configs`.
    public var alertRelabeling: [RelabelRule] = []
    /// `storage.exemplars.max_exemplars`.
    public var maximumExemplars = 100_000
    /// `storage.tsdb.out_of_order_time_window`: how much older than its series' newest a sample may be
    /// that others write.
    public var outOfOrderTimeWindow = Milliseconds.zero
    /// `otlp`.
    public var otlp = OTLPConfiguration()
    /// `tocsin`.
    public var tocsin = TocsinSettings()

    /// The defaults.
    public init() {}
}

/// `global`: defaults of everything that follows.
public struct GlobalConfiguration: Sendable, Hashable {
    /// `scrape_interval`.
    public var scrapeInterval: Milliseconds = .minutes(1)
    /// `scrape_timeout`; no larger than the interval.
    public var scrapeTimeout: Milliseconds = .seconds(10)
    /// `evaluation_interval`.
    public var evaluationInterval: Milliseconds = .minutes(1)
    /// `rule_query_offset`.
    public var ruleQueryOffset: Milliseconds = .zero
    /// `external_labels`, with `${NAME}` already replaced from the environment.
    public var externalLabels: Labels = .empty
    /// The limits of scrape configurations that set none.
    public var limits = ScrapeLimits()
    /// `scrape_protocols`; nil where they follow from what is scraped.
    public var scrapeProtocols: [ScrapeProtocol]?
    /// `metric_name_escaping_scheme`; nil where it follows from the validation.
    public var nameEscaping: NameEscaping?
    /// `metric_name_validation_scheme`.
    public var nameValidation = NameValidation.utf8
    /// What is scraped of histograms.
    public var histograms = HistogramSettings()

    /// Prometheus's defaults.
    public init() {}
}

/// Which metric and label names are allowed.
public enum NameValidation: String, Sendable, Hashable {
    /// Any UTF-8.
    case utf8
    /// Letters, digits, underscores (and colons in metric names).
    case legacy
}

/// How a target writes names that are no legacy ones.
public enum NameEscaping: String, Sendable, Hashable, CaseIterable {
    case allowUTF8 = "allow-utf-8"
    case underscores
    case dots
    case values

    /// Prometheus's choice where nothing is written.
    static func `default`(_ validation: NameValidation) -> NameEscaping {
        validation == .legacy ? .underscores : .allowUTF8
    }
}

/// What a scrape may bring at most; 0: no limit.
public struct ScrapeLimits: Sendable, Hashable {
    /// `body_size_limit`: uncompressed bytes.
    public var bodySize: Int64 = 0
    /// `sample_limit`: samples after relabelling.
    public var samples = 0
    /// `target_limit`: targets of one scrape configuration.
    public var targets = 0
    /// `label_limit`: labels of one sample.
    public var labels = 0
    /// `label_name_length_limit`, in bytes.
    public var labelNameLength = 0
    /// `label_value_length_limit`, in bytes.
    public var labelValueLength = 0
    /// `keep_dropped_targets`: how many of a job's dropped targets are remembered.
    public var keptDroppedTargets = 0

    /// No limits.
    public init() {}
}

/// A format that a scrape can ask for.
public enum ScrapeProtocol: String, Sendable, Hashable, CaseIterable {
    case openMetricsText0_0_1 = "OpenMetricsText0.0.1"
    case openMetricsText1_0_0 = "OpenMetricsText1.0.0"
    case prometheusProto = "PrometheusProto"
    case prometheusText0_0_4 = "PrometheusText0.0.4"
    case prometheusText1_0_0 = "PrometheusText1.0.0"

    /// Prometheus's order of preference.
    public static let defaults: [ScrapeProtocol] = [
        .openMetricsText1_0_0, .openMetricsText0_0_1, .prometheusText1_0_0, .prometheusText0_0_4,
    ]

    /// The order where native histograms are wanted: only protobuf has them.
    public static let protobufFirst: [ScrapeProtocol] = [.prometheusProto] + defaults
}
