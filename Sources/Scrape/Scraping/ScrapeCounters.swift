import Exposition

/// What the manager counts about itself.
struct ScrapeCounters: Sendable {
    private let scrapes: Counter
    private let failed: Counter
    private let duplicates: Counter
    private let outOfOrder: Counter
    private let outOfBounds: Counter
    private let outOfOrderExemplars: Counter

    init(_ registry: MetricsRegistry) {
        scrapes = registry.counter("target_scrapes_total", help: "Scrapes.")
        failed = registry.counter("target_scrapes_failed_total", help: "Scrapes that failed.")
        duplicates = registry.counter(
            "target_scrapes_sample_duplicate_timestamp_total",
            help: "Samples dropped because their series had one in the same scrape.")
        outOfOrder = registry.counter(
            "target_scrapes_sample_out_of_order_total",
            help: "Samples dropped because their series has a newer one.")
        outOfBounds = registry.counter(
            "target_scrapes_sample_out_of_bounds_total",
            help: "Samples dropped because their timestamps are too far ahead.")
        outOfOrderExemplars = registry.counter(
            "target_scrapes_exemplar_out_of_order_total",
            help: "Exemplars dropped because their series has a newer one.")
    }

    func count(_ report: ScrapeReport) {
        scrapes.increment()
        if report.error != nil { failed.increment() }
        if report.duplicates > 0 { duplicates.increment(by: Double(report.duplicates)) }
        if report.outOfOrder > 0 { outOfOrder.increment(by: Double(report.outOfOrder)) }
        if report.outOfBounds > 0 { outOfBounds.increment(by: Double(report.outOfBounds)) }
        if report.outOfOrderExemplars > 0 {
            outOfOrderExemplars.increment(by: Double(report.outOfOrderExemplars))
        }
    }
}
