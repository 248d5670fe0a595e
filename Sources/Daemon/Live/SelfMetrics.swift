import Configuration
import Exposition
import Journal
import Model
import Notify
import Rules
import Scrape
import Setup
import Store
import Synchronization

/// Tocsin's own metrics, under `metrics_prefix`.
///
/// What others count is taken over as a whole before each exposition and written as it stood then.
final class SelfMetrics: Sendable {
    /// What others know, as of the last `take`.
    struct Snapshot: Sendable {
        /// What the notifier counted.
        var notifications: NotificationCounters
        /// How many notifications are owed.
        var owed: Int
        /// When groups are due, and what was missed.
        var schedules: [RuleGroupSchedule]
        /// How much the store holds.
        var store: StoreStatistics
        /// How sending to Alertmanagers stands.
        var alertmanagers: [AlertmanagerSender.Status]
        /// How the sources of targets fare.
        var discovery: [SourceState]
        /// How the sources of Alertmanagers fare.
        var alertmanagerDiscovery: [SourceState]
        /// How writing alert state stands.
        var journal: Journal.Status
    }

    let registry: MetricsRegistry
    /// Names that every program has, without the prefix.
    private let process = MetricsRegistry()
    private let alertmanagers = AlertmanagerMetrics()
    private let evaluationDuration: Histogram
    private let evaluations: Counter
    private let evaluationFailures: Counter
    private let reloadSuccess: Gauge
    private let reloadTime: Gauge
    private let reloadFailures: Counter
    private let restartWaits: [String: Gauge]
    private let inForce: RestartSettings
    private let state = Mutex((snapshot: Snapshot?.none, kinds: Set<String>()))

    init(_ settings: RestartSettings) {
        inForce = settings
        let prefix = settings.metricsPrefix
        let registry = MetricsRegistry(prefix: prefix.isEmpty ? "" : prefix + "_")
        self.registry = registry
        evaluationDuration = registry.histogram(
            "alert_evaluation_duration_seconds", help: "How long evaluating a rule group took.",
            bounds: [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5])
        evaluations = registry.counter(
            "rule_evaluations_total", help: "Rules that were evaluated.")
        evaluationFailures = registry.counter(
            "rule_evaluation_failures_total", help: "Rules that failed to evaluate.")
        reloadSuccess = registry.gauge(
            "config_last_reload_successful", help: "Whether the last reload succeeded.")
        reloadTime = registry.gauge(
            "config_last_reload_success_timestamp_seconds",
            help: "When the configuration was last loaded.")
        reloadFailures = registry.counter(
            "config_reload_failures_total", help: "Reloads that were refused.")
        restartWaits = Dictionary(
            uniqueKeysWithValues: settings.names.map { name in
                (
                    name,
                    registry.gauge(
                        "config_restart_required",
                        help: "Whether the setting was changed and waits for a restart.",
                        labels: Labels(["setting": name]))
                )
            })
        for severity in ["critical", "warning", "info"] { _ = triggered(severity) }
        collectNotifications()
        collectRulesAndStore()
        collectJournal()
        collectDiscovery()
        ProcessMetrics.register(in: process)
    }

    private func triggered(_ severity: String) -> Counter {
        registry.counter(
            "alerts_triggered_total", help: "Alerts that began to fire.",
            labels: Labels(["severity": severity]))
    }

    // MARK: Counting

    func count(_ attempt: AlertmanagerSender.Attempt) { alertmanagers.count(attempt) }

    func count(_ evaluation: GroupEvaluation) {
        if !evaluation.rules.isEmpty {
            evaluationDuration.observe(evaluation.duration / .seconds(1))
        }
        evaluations.increment(by: Double(evaluation.rules.count))
        evaluationFailures.increment(by: Double(evaluation.failures))
        for transition in evaluation.transitions where transition.kind == .firing {
            triggered(transition.labels.value("severity")).increment()
        }
    }

    func loaded(_ runtime: Runtime, at moment: Timestamp) {
        reloadSuccess.set(1)
        reloadTime.set(moment.seconds)
        let waiting = Set(inForce.waiting(runtime.restartSettings).map(\.name))
        for (name, gauge) in restartWaits { gauge.set(waiting.contains(name) ? 1 : 0) }
        let kinds = runtime.documents.notifiers.receivers.flatMap(\.integrations).map(\.kind.name)
        state.locked { $0.kinds.formUnion(kinds) }
    }

    func refusedReload() {
        reloadSuccess.set(0)
        reloadFailures.increment()
    }

    /// Everything as text, with what others know as of now.
    func exposition(_ snapshot: Snapshot) -> [UInt8] {
        state.locked { $0.snapshot = snapshot }
        var writer = ExpositionWriter()
        registry.write(to: &writer)
        process.write(to: &writer)
        alertmanagers.write(snapshot.alertmanagers, to: &writer)
        DiscoveryMetrics.write(
            scrape: snapshot.discovery, notify: snapshot.alertmanagerDiscovery, to: &writer)
        return writer.bytes
    }

    // MARK: What others know

    private func collect(
        _ name: String, _ type: MetricType, help: String,
        _ values: @escaping @Sendable (Snapshot, Set<String>) -> [(labels: Labels, value: Double)]
    ) {
        registry.collect(name, type, help: help) { [weak self] in
            guard let (snapshot, kinds) = self?.state.locked({ $0 }), let snapshot else {
                return []
            }
            return values(snapshot, kinds)
        }
    }

    /// Every kind that is configured has its series from the start: an `increase` must see the first
    /// failure too.
    private func collectNotifications() {
        collect(
            "notifications_total", .counter, help: "Attempts to deliver a notification."
        ) { snapshot, kinds in
            kinds.union(snapshot.notifications.total.keys).map {
                (Labels(["integration": $0]), Double(snapshot.notifications.total[$0] ?? 0))
            }.sorted { $0.labels < $1.labels }
        }
        collect(
            "notifications_failed_total", .counter, help: "Attempts that were not acknowledged."
        ) { snapshot, kinds in
            let failed = snapshot.notifications.failed
            return kinds.union(failed.keys.map(\.integration)).flatMap { kind in
                NotificationCounters.FailureReason.allCases.map { reason in
                    let failure = NotificationCounters.Failure(integration: kind, reason: reason)
                    return (
                        labels: Labels(["integration": kind, "reason": reason.rawValue]),
                        value: Double(failed[failure] ?? 0)
                    )
                }
            }.sorted { $0.labels < $1.labels }
        }
        collect(
            "notification_last_success_timestamp_seconds", .gauge,
            help: "When the receiver last took something."
        ) { snapshot, _ in
            snapshot.notifications.lastSuccess.map {
                (Labels(["receiver": $0.key]), $0.value.seconds)
            }.sorted { $0.labels < $1.labels }
        }
        collect(
            "notifications_owed", .gauge, help: "Notifications that are owed at present."
        ) { snapshot, _ in [(.empty, Double(snapshot.owed))] }
    }

    /// Each source by itself, which Prometheus does not tell.
    private func collectDiscovery() {
        collect(
            "discovery_last_success_timestamp_seconds", .gauge,
            help: "When a source of targets or Alertmanagers last told what it found."
        ) { snapshot, _ in
            DiscoveryMetrics.sources(snapshot).compactMap { labels, source in
                source.looks > 0 ? source.lastSuccess.map { (labels, $0.seconds) } : nil
            }
        }
        collect(
            "discovery_failing", .gauge,
            help: "Whether the last look of a source of targets or Alertmanagers failed."
        ) { snapshot, _ in
            DiscoveryMetrics.sources(snapshot).map { labels, source in
                (labels, source.problems.isEmpty ? 0 : 1)
            }
        }
    }

    private func collectJournal() {
        let series: [(String, MetricType, String, @Sendable (Journal.Status) -> Int)] = [
            (
                "alert_state_durable", .gauge,
                "Whether alert state is on the disk; 0 where alerting goes on from memory.",
                { $0.problem == nil ? 1 : 0 }
            ),
            (
                "alert_state_rows_waiting", .gauge,
                "Rows of alert state that wait to be written.", { $0.waiting }
            ),
            (
                "alert_state_write_failures_total", .counter,
                "Transactions of alert state that failed.", { $0.failures }
            ),
            (
                "alert_state_write_delays_total", .counter,
                "How often the disk did not answer in time.", { $0.delays }
            ),
        ]
        for (name, type, help, value) in series {
            collect(name, type, help: help) { snapshot, _ in
                [(.empty, Double(value(snapshot.journal)))]
            }
        }
    }

    private func collectRulesAndStore() {
        collect(
            "rule_group_iterations_missed_total", .counter,
            help: "Evaluations that were skipped because the one before took too long."
        ) { snapshot, _ in
            snapshot.schedules.map { ($0.labels, Double($0.schedule.iterationsMissed)) }
        }
        collect(
            "rule_group_iterations_total", .counter,
            help: "Evaluations that were due, those that were skipped included."
        ) { snapshot, _ in
            snapshot.schedules.map { ($0.labels, Double($0.schedule.iterationsScheduled)) }
        }
        let gauges: [(String, String, @Sendable (StoreStatistics) -> Int)] = [
            ("store_series", "Series in memory.", { $0.series }),
            ("store_samples", "Places for samples in use, absent ones included.", { $0.samples }),
            ("store_sample_bytes", "About the bytes that samples take.", { $0.sampleBytes }),
        ]
        for (name, help, value) in gauges {
            collect(name, .gauge, help: help) { snapshot, _ in
                [(.empty, Double(value(snapshot.store)))]
            }
        }
        collect(
            "store_refused_series_total", .counter,
            help: "Values that were dropped because there were too many series."
        ) { snapshot, _ in [(.empty, Double(snapshot.store.refusedSeries))] }
    }
}

/// When a rule group is due, and what it missed.
public struct RuleGroupSchedule: Sendable {
    /// The group's file.
    public var file: String
    /// Its name.
    public var group: String
    /// When it is due.
    public var schedule: GroupSchedule

    var labels: Labels { Labels(["rule_group": "\(file);\(group)"]) }
}
