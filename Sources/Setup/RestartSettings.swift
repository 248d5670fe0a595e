import Configuration
import Model

/// Settings that a daemon takes at its start and keeps. A reload takes the rest of a configuration
/// that changes one of them, and says what waits for a restart.
public struct RestartSettings: Sendable, Hashable {
    /// A setting that differs from the one in force.
    public struct Waiting: Sendable, Hashable, CustomStringConvertible {
        /// Its key, e.g. `tocsin.storage.path`.
        public var name: String
        /// What is in force.
        public var running: String
        /// What is configured.
        public var configured: String

        public var description: String {
            "\(name) is \(configured.goQuoted) in the configuration and takes effect at the next "
                + "restart; \(running.goQuoted) is in force"
        }
    }

    /// `tocsin.storage.path`: where the databases are open.
    public var storagePath: String
    /// `tocsin.web.listen_address`: where the server listens.
    public var listenAddress: String
    /// `tocsin.metrics_prefix`: the names of our own metrics.
    public var metricsPrefix: String
    /// `tocsin.query.max_concurrency`: how many threads answer queries.
    public var maximumConcurrency: Int

    /// Those of a configuration.
    public init(_ settings: TocsinSettings) {
        storagePath = settings.storage.path
        listenAddress = settings.web.listenAddress
        metricsPrefix = settings.metricsPrefix
        maximumConcurrency = settings.query.maximumConcurrency
    }

    private var values: [(name: String, value: String)] {
        [
            ("tocsin.storage.path", storagePath), ("tocsin.web.listen_address", listenAddress),
            ("tocsin.metrics_prefix", metricsPrefix),
            ("tocsin.query.max_concurrency", String(maximumConcurrency)),
        ]
    }

    /// The names of all of them.
    public var names: [String] { values.map(\.name) }

    /// What of `configured` waits for a restart while these are in force.
    public func waiting(_ configured: RestartSettings) -> [Waiting] {
        zip(values, configured.values).compactMap { running, wanted in
            running.value.bytesEqual(wanted.value)
                ? nil
                : Waiting(name: running.name, running: running.value, configured: wanted.value)
        }
    }
}
