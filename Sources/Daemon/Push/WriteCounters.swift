import Exposition
import Model
import Scrape

/// What is counted of a protocol's requests.
struct WriteCounters: Sendable {
    private let requests: Counter
    private let failures: Counter
    private let samples: Counter
    private let exemplars: Counter
    private let rejected: [WriteRefusals.Reason: Counter]

    init(_ registry: MetricsRegistry, _ sender: WriteSender) {
        let labels = Labels(["protocol": sender.rawValue])
        requests = registry.counter(
            "write_requests_total", help: "Requests of remote write and OTLP.", labels: labels)
        failures = registry.counter(
            "write_requests_failed_total",
            help: "Requests of remote write and OTLP of which nothing was taken.", labels: labels)
        samples = registry.counter(
            "write_samples_total",
            help: "Samples and histograms that came by remote write and OTLP and were stored.",
            labels: labels)
        exemplars = registry.counter(
            "write_exemplars_total",
            help: "Exemplars that came by remote write and OTLP and were stored.", labels: labels)
        var rejected: [WriteRefusals.Reason: Counter] = [:]
        for reason in WriteRefusals.Reason.allCases {
            rejected[reason] = registry.counter(
                "write_samples_rejected_total",
                help: "Samples and histograms of remote write and OTLP that were refused.",
                labels: labels.setting("reason", reason.rawValue))
        }
        self.rejected = rejected
    }

    func count(_ outcome: WriteOutcome) {
        requests.increment()
        samples.increment(by: Double(outcome.samples + outcome.histograms))
        exemplars.increment(by: Double(outcome.exemplars))
        for (reason, count) in outcome.refusals.samples {
            rejected[reason]?.increment(by: Double(count))
        }
    }

    func countFailure() {
        requests.increment()
        failures.increment()
    }
}
