import PromQL

/// What reading an expression costs.
enum ParseBenchmark {
    static let expressions = [
        "up == 0",
        "rate(lynex_events_processed_total{status=\"error\"}[5m]) > 10",
        "histogram_quantile(0.95, rate(lynex_event_processing_duration_seconds_bucket[5m])) > 5",
        "sum by (job, instance) (rate(http_requests_total{code=~\"5..\",job!=\"x\"}[5m])) / on (job, instance) group_left (team) sum by (job, instance, team) (rate(http_requests_total[5m])) > 0.01",
        "max_over_time((sum without (cpu) (rate(node_cpu_seconds_total{mode=\"idle\"}[2m] offset 1d)))[1h:5m]) and on () hour() > 8",
    ]

    static func run() throws -> String {
        var table = Table("expression", "parse µs", "parse and print µs")
        for text in expressions {
            let runs = 2000
            let parse = try CPUTime.best(of: 5) {
                for _ in 0..<runs { _ = try Parser.parse(text) }
            }
            let print = try CPUTime.best(of: 5) {
                for _ in 0..<runs { _ = try Parser.parse(text).description }
            }
            let name = text.count > 60 ? String(text.prefix(59)) + "…" : text
            table.add(
                "`\(name)`", (parse / Double(runs) * 1e6).text(1),
                (print / Double(runs) * 1e6).text(1))
        }
        return table.text
    }
}
