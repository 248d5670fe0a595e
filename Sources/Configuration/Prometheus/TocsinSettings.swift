import Model

/// `tocsin:`: what Prometheus does not have, or has as flags.
public struct TocsinSettings: Sendable, Hashable {
    /// `notifiers`: the file in Alertmanager's schema, relative to this file's directory.
    public var notifiers = Located("notifiers/notifiers.yml")
    /// `storage`.
    public var storage = StorageSettings()
    /// `web`.
    public var web = WebSettings()
    /// `query`.
    public var query = QuerySettings()
    /// `rules`.
    public var rules = RuleSettings()
    /// `notifications`.
    public var notifications = NotificationSettings()
    /// `push`.
    public var push = PushSettings()
    /// `metrics_prefix`: what the names of Tocsin's own metrics begin with.
    public var metricsPrefix = "tocsin"
    /// `enable_features`, and what the command line adds: names of Prometheus's feature flags.
    public var enabledFeatures: [String] = []

    /// The defaults.
    public init() {}

    /// Whether a feature is on by which start timestamps are kept.
    public var readsStartTimestamps: Bool {
        ["created-timestamp-zero-ingestion", "st-storage"].contains(where: enabledFeatures.contains)
    }

    /// Whether a metric's type and unit become labels of its series.
    public var addsTypeAndUnitLabels: Bool { enabledFeatures.contains("type-and-unit-labels") }
}

/// `tocsin.storage`: the databases and what memory keeps.
public struct StorageSettings: Sendable, Hashable {
    /// Which series are kept.
    public enum Keep: String, Sendable, Hashable, CaseIterable {
        /// Those that a rule reads.
        case rules
        /// All of them.
        case all
    }

    /// `path`: the databases' folder, relative to this file's directory.
    public var path = "data"
    /// `retention`: how long every series is kept in memory, beyond what rules need.
    public var retention: Milliseconds = .minutes(60)
    /// `keep`.
    public var keep = Keep.all
    /// `samples`: how long samples stay in their database; nil: as long as in memory.
    public var sampleRetention: Milliseconds?

    /// The defaults.
    public init() {}
}

/// `tocsin.web`: the HTTP server.
public struct WebSettings: Sendable, Hashable {
    /// `listen_address`: host and port.
    public var listenAddress = "127.0.0.1:9090"
    /// `external_url`: where others reach it; nil: the listening address.
    public var externalURL: String?
    /// `enable_lifecycle`: whether `/-/reload` and `/-/quit` obey.
    public var enableLifecycle = true
    /// `cors_origin`: an expression that the origins match whose pages may ask.
    public var corsOrigin = ".*"

    /// The defaults.
    public init() {}
}

/// `tocsin.query`: the limits of queries.
public struct QuerySettings: Sendable, Hashable {
    /// `lookback_delta`.
    public var lookbackDelta: Milliseconds = .minutes(5)
    /// `timeout`.
    public var timeout: Milliseconds = .minutes(2)
    /// `max_samples`: the most samples one query may hold in memory.
    public var maximumSamples = 50_000_000
    /// `max_concurrency`: how many queries run at once; more wait for a place until their timeout.
    public var maximumConcurrency = 20
    /// `max_points`: the most points that one series of a range query may have.
    public var maximumPoints = 11_000
    /// `max_memory`: the bytes that all queries may hold together; nil for a share of the memory that
    /// there is.
    public var maximumMemory: Int?
    /// `max_memory_per_query`: the bytes that one query may hold; nil for half of `max_memory`.
    public var maximumMemoryPerQuery: Int?

    /// The least that either limit on memory may be: 1 MiB.
    public static let leastMemory = 1 << 20
    /// The largest `max_concurrency`: each query that runs has a thread.
    public static let concurrencyLimit = 1000

    /// Prometheus's defaults.
    public init() {}
}

/// `tocsin.rules`: how alerts survive outages, with Prometheus's names.
public struct RuleSettings: Sendable, Hashable {
    /// `for_outage_tolerance`: how long an outage may last for the state of `for` to be restored.
    public var outageTolerance: Milliseconds = .minutes(60)
    /// `for_grace_period`: the least time between a restart and a restored alert firing.
    public var gracePeriod: Milliseconds = .minutes(10)
    /// `resend_delay`: the least time before a firing alert is handed on again.
    public var resendDelay: Milliseconds = .minutes(1)

    /// Prometheus's defaults.
    public init() {}
}

/// `tocsin.notifications`: what becomes of notifications that nobody takes.
public struct NotificationSettings: Sendable, Hashable {
    /// `max_age`: how long one stays owed, and is tried again, before it is given up.
    public var maximumAge: Milliseconds = .seconds(5 * 86_400)

    /// The defaults.
    public init() {}
}
