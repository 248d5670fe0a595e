import Exposition
import Model
import Notify

/// What is sent to Alertmanagers, under the names that Prometheus gives it: its dashboards and alerts
/// about itself go on working.
///
/// Without Alertmanagers there is nothing, or those alerts would ring.
final class AlertmanagerMetrics: Sendable {
    private static let prefix = "prometheus_notifications_"
    private let latencies = MetricsRegistry(prefix: prefix)

    func count(_ attempt: AlertmanagerSender.Attempt) {
        if attempt.failure != nil { return }
        latencies.histogram(
            "latency_histogram_seconds",
            help: "How long sending alerts took, by Alertmanager.", bounds: [0.01, 0.1, 1, 10],
            labels: Labels(["alertmanager": attempt.url])
        ).observe(attempt.duration / .seconds(1))
    }

    func write(_ status: [AlertmanagerSender.Status], to writer: inout ExpositionWriter) {
        if status.isEmpty { return }
        latencies.write(to: &writer)
        let one: [(String, MetricType, String, Int)] = [
            (
                "alertmanagers_discovered", .gauge, "Alertmanagers that are sent alerts.",
                status.count
            ),
            (
                "queue_capacity", .gauge, "How many alerts wait for an Alertmanager at most.",
                AlertQueue.capacity
            ),
        ]
        for (name, type, help, value) in one {
            writer.family(AlertmanagerMetrics.prefix + name, type, help: help)
            writer.sample(AlertmanagerMetrics.prefix + name, .empty, Double(value))
        }
        each(
            "dropped_total", .counter, "Alerts that were lost.", status, \.counters.dropped, &writer
        )
        each(
            "errors_total", .counter, "Alerts whose sending failed.", status, \.counters.failed,
            &writer)
        each("queue_length", .gauge, "Alerts that wait.", status, \.waiting, &writer)
        each("sent_total", .counter, "Alerts that were sent.", status, \.counters.sent, &writer)
    }

    /// One sample for each URL; several entries of the configuration may share one.
    private func each(
        _ name: String, _ type: MetricType, _ help: String, _ status: [AlertmanagerSender.Status],
        _ value: (AlertmanagerSender.Status) -> Int, _ writer: inout ExpositionWriter
    ) {
        writer.family(AlertmanagerMetrics.prefix + name, type, help: help)
        var sums: [String: Int] = [:]
        for status in status { sums[status.url, default: 0] += value(status) }
        for (url, sum) in sums.sorted(by: { $0.key < $1.key }) {
            writer.sample(
                AlertmanagerMetrics.prefix + name, Labels(["alertmanager": url]), Double(sum))
        }
    }
}
