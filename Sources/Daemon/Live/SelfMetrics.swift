import Exposition
import Model
import Notify
import Rules

/// Tocsin's own metrics, under `metrics_prefix`.
final class SelfMetrics: Sendable {
    let registry: MetricsRegistry
    private let evaluationDuration: Histogram
    private let evaluations: Counter
    private let evaluationFailures: Counter
    private let reloadSuccess: Gauge
    private let reloadTime: Gauge
    private let reloadFailures: Counter

    init(prefix: String) {
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
        for severity in ["critical", "warning", "info"] { _ = triggered(severity) }
    }

    private func triggered(_ severity: String) -> Counter {
        registry.counter(
            "alerts_triggered_total", help: "Alerts that began to fire.",
            labels: Labels(["severity": severity]))
    }

    func count(_ evaluation: GroupEvaluation) {
        if !evaluation.rules.isEmpty {
            let (seconds, attoseconds) = evaluation.duration.components
            evaluationDuration.observe(Double(seconds) + Double(attoseconds) / 1e18)
        }
        evaluations.increment(by: Double(evaluation.rules.count))
        evaluationFailures.increment(by: Double(evaluation.failures))
        for transition in evaluation.transitions where transition.kind == .firing {
            triggered(transition.labels.value("severity")).increment()
        }
    }

    func loaded(at moment: Timestamp) {
        reloadSuccess.set(1)
        reloadTime.set(moment.seconds)
    }

    func refusedReload() {
        reloadSuccess.set(0)
        reloadFailures.increment()
    }

    /// Takes over what the notifier counted.
    func take(_ counters: NotificationCounters, outbox: Int) {
        for (integration, count) in counters.total {
            set("notifications_total", "Attempts to deliver a notification.",
                Labels(["integration": integration]), count)
        }
        for (failure, count) in counters.failed {
            set("notifications_failed_total", "Attempts that were not acknowledged.",
                Labels(["integration": failure.integration, "reason": failure.reason.rawValue]),
                count)
        }
        for (receiver, moment) in counters.lastSuccess {
            registry.gauge(
                "notification_last_success_timestamp_seconds",
                help: "When the receiver last took something.",
                labels: Labels(["receiver": receiver])
            ).set(moment.seconds)
        }
        registry.gauge(
            "notifications_owed", help: "Notifications that are owed at present."
        ).set(Double(outbox))
    }

    /// The notifier's counts only rise, so the difference is added.
    private func set(_ name: String, _ help: String, _ labels: Labels, _ total: Int) {
        let counter = registry.counter(name, help: help, labels: labels)
        counter.increment(by: max(0, Double(total) - counter.value))
    }
}
