/// What every target of the fleet exposes: the metrics that the guide's seven rules read, a fifth of all
/// series, and others that nobody reads.
public struct FleetShape: Sendable {
    /// How many targets there are.
    public var targets: Int
    /// About how many series each of them has.
    public var seriesPerTarget: Int
    /// How many series in a row have one time of their own, as those of a container of cAdvisor's have; 0
    /// where samples have no times.
    public var seriesPerTime: Int

    /// A fleet of this size.
    public init(targets: Int = 100, seriesPerTarget: Int = 10_000, seriesPerTime: Int = 0) {
        self.targets = targets
        self.seriesPerTarget = seriesPerTarget
        self.seriesPerTime = seriesPerTime
    }

    /// A series: its text up to the value, and how it moves.
    struct Series {
        var text: String
        /// Thousandths per second; nil for a gauge.
        var rate: UInt64?
        /// What the value begins with.
        var base: UInt64
    }

    static let bounds = [
        "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "+Inf",
    ]
    /// The share of observations up to each bound, in thousandths.
    static let shares: [UInt64] = [100, 200, 350, 500, 600, 700, 800, 900, 960, 980, 990, 1000]
    /// The same where the 95th percentile is over five seconds.
    static let slowShares: [UInt64] = [10, 20, 35, 50, 60, 70, 80, 90, 96, 500, 990, 1000]

    /// A target's series by metric, in the order of its exposition.
    func metrics(of target: Int) -> [(name: String, type: String, series: [Series])] {
        let unit = max(1, seriesPerTarget / 500)
        func counters(_ name: String, _ label: String, _ count: Int, fast: UInt64) -> [Series] {
            (0..<count).map { index in
                // One in a thousand goes over its rule's threshold.
                let isFast = (target * 131 + index) % 1009 == 0
                return Series(
                    text: "\(name){\(label)=\"\(label)-\(index)\"} ",
                    rate: isFast ? fast : UInt64(100 + (index * 37) % 900),
                    base: UInt64(1_000_000_000 + index))
            }
        }
        var all: [(name: String, type: String, series: [Series])] = []
        let processed = "lynex_events_processed_total"
        all.append(
            (
                processed, "counter",
                counters(processed + "{status=\"error\"", "project_id", 20 * unit, fast: 20_000)
                    .map(FleetShape.joined)
                    + counters(processed + "{status=\"ok\"", "project_id", 20 * unit, fast: 20_000)
                    .map(FleetShape.joined)
            ))
        let depth = "lynex_event_queue_depth"
        all.append(
            (
                depth, "gauge",
                (0..<5 * unit).map {
                    Series(text: "\(depth){queue=\"queue-\($0)\"} ", rate: nil, base: 1000)
                }
            ))
        all.append(histograms(target: target, count: 4 * unit))
        all.append(
            (
                "lynex_cost_usd_total", "counter",
                counters("lynex_cost_usd_total", "tenant", 10 * unit, fast: 200_000)
            ))
        all.append(
            (
                "lynex_model_errors_total", "counter",
                counters("lynex_model_errors_total", "model", 12 * unit, fast: 10_000)
            ))
        let archived = "lynex_events_archived_total"
        all.append(
            (
                archived, "counter",
                (0..<5 * unit).map { index in
                    Series(
                        text: "\(archived){status=\"error\",bucket=\"bucket-\(index)\"} ",
                        // It should stand still.
                        rate: (target * 131 + index) % 211 == 0 ? 100 : 0, base: 1_000_000_000)
                }
            ))
        // What nobody reads.
        let known = all.reduce(0) { $0 + $1.series.count }
        let rest = max(0, seriesPerTarget - known)
        let perMetric = max(1, rest / 100)
        for metric in 0..<(rest + perMetric - 1) / perMetric {
            let name = "lynex_internal_\(metric)_total"
            let count = min(perMetric, rest - metric * perMetric)
            all.append((name, "counter", counters(name, "shard", count, fast: 1000)))
        }
        return all
    }

    /// `name{a="b"{c="d"} ` is `name{a="b",c="d"} `.
    private static func joined(_ series: Series) -> Series {
        var series = series
        let parts = series.text.split(separator: "{", omittingEmptySubsequences: false)
        if parts.count == 3 { series.text = "\(parts[0]){\(parts[1]),\(parts[2])" }
        return series
    }

    private func histograms(
        target: Int, count: Int
    ) -> (name: String, type: String, series: [Series]) {
        let name = "lynex_event_processing_duration_seconds"
        var list: [Series] = []
        for histogram in 0..<count {
            let isSlow = (target * 131 + histogram) % 503 == 0
            let shares = isSlow ? FleetShape.slowShares : FleetShape.shares
            let rate = UInt64(1000 + histogram * 17 % 5000)
            for (bound, share) in zip(FleetShape.bounds, shares) {
                list.append(
                    Series(
                        text: "\(name)_bucket{stage=\"stage-\(histogram)\",le=\"\(bound)\"} ",
                        rate: rate * share / 1000, base: 1_000_000_000 + share * 1000))
            }
            for suffix in ["sum", "count"] {
                list.append(
                    Series(
                        text: "\(name)_\(suffix){stage=\"stage-\(histogram)\"} ", rate: rate,
                        base: 1_000_000_000))
            }
        }
        return (name, "histogram", list)
    }

    /// How many series the guide's rules read of all targets, `up` left out.
    public var seriesReadByRules: Int {
        let read = ["status=\"error\"", "_bucket{", "queue_depth", "cost_usd", "model_errors"]
        let one = metrics(of: 0).flatMap(\.series).count { series in
            read.contains { series.text.contains($0) }
        }
        return one * targets
    }
}
