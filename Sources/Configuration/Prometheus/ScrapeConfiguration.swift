import Model

/// One of `scrape_configs`, with the global defaults filled in.
public struct ScrapeConfiguration: Sendable, Hashable {
    /// `job_name`.
    public var jobName: String
    /// `scrape_interval`.
    public var scrapeInterval: Milliseconds = .minutes(1)
    /// `scrape_timeout`.
    public var scrapeTimeout: Milliseconds = .seconds(10)
    /// `metrics_path`.
    public var metricsPath = "/metrics"
    /// `scheme`: `http` or `https`.
    public var scheme = "http"
    /// `params`: URL parameters, sorted by name.
    public var parameters: [URLParameter] = []
    /// `honor_labels`: whether a sample's own label wins over the target's.
    public var honorLabels = false
    /// `honor_timestamps`.
    public var honorTimestamps = true
    /// `track_timestamps_staleness`.
    public var trackTimestampsStaleness = false
    /// `enable_compression`.
    public var enableCompression = true
    /// `scrape_protocols`, in order of preference.
    public var scrapeProtocols = ScrapeProtocol.defaults
    /// `fallback_scrape_protocol`: for answers without a usable content type.
    public var fallbackScrapeProtocol: ScrapeProtocol?
    /// What is scraped of histograms.
    public var histograms = HistogramSettings()
    /// `metric_name_escaping_scheme`: how targets are asked to escape names.
    public var nameEscaping = NameEscaping.allowUTF8
    /// `metric_name_validation_scheme`.
    public var nameValidation = NameValidation.utf8
    /// The limits.
    public var limits = ScrapeLimits()
    /// Where its targets come from.
    public var discoveries = ServiceDiscoveries()
    /// `relabel_configs`: of targets.
    public var relabeling: [RelabelRule] = []
    /// `metric_relabel_configs`: of samples.
    public var metricRelabeling: [RelabelRule] = []
    /// How to ask.
    public var client = HTTPClientConfiguration()
    /// Whether `scrape_protocols` is written, here or under `global`.
    var hasOwnProtocols = false
    /// Whether types and units become labels, as the feature flag `type-and-unit-labels` asks.
    public var addsTypeAndUnitLabels = false
    /// Whether OpenMetrics's `_created` lines become start timestamps, as the feature flags
    /// `created-timestamp-zero-ingestion` and `st-storage` ask.
    public var readsStartTimestamps = false
    /// Where it stands.
    @Incidental public var place = SourcePlace(file: "")

    /// A job with Prometheus's defaults.
    public init(jobName: String) { self.jobName = jobName }
}

/// A URL parameter and its values.
public struct URLParameter: Sendable, Hashable {
    /// The name.
    public var name: String
    /// The values in order.
    public var values: [String]

    /// A parameter.
    public init(_ name: String, _ values: [String]) {
        self.name = name
        self.values = values
    }
}

/// Addresses that share labels: an element of `static_configs` or of a file of `file_sd_configs`.
public struct TargetGroup: Sendable, Hashable {
    /// `targets`: host and port.
    public var targets: [String]
    /// `labels`.
    public var labels: Labels

    /// A group.
    public init(targets: [String], labels: Labels = .empty) {
        self.targets = targets
        self.labels = labels
    }
}

/// An element of `file_sd_configs`: files of target groups, watched.
public struct FileDiscovery: Sendable, Hashable {
    /// `files`: patterns, with a glob only in the last part.
    public var files: [String]
    /// `refresh_interval`: when they are read again at the latest.
    public var refreshInterval: Milliseconds

    /// Files to read targets from.
    public init(files: [String], refreshInterval: Milliseconds = .minutes(5)) {
        self.files = files
        self.refreshInterval = refreshInterval
    }
}

/// An element of `textfile_configs`: expositions that programs write to files.
public struct TextfileSource: Sendable, Hashable {
    /// `files`: patterns, in which `**` stands for any number of folders; each file is a target.
    public var files: [String]
    /// `labels`: of the targets.
    public var labels: Labels
    /// `max_age`: a file not rewritten for longer is down.
    public var maximumAge: Milliseconds

    /// Files to read samples from.
    public init(files: [String], labels: Labels = .empty, maximumAge: Milliseconds = .minutes(5)) {
        self.files = files
        self.labels = labels
        self.maximumAge = maximumAge
    }
}
