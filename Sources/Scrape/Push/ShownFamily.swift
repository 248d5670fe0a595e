import Exposition
import Model

/// A pushed metric family as a list of groups shows it: a histogram or a summary is one metric.
public struct ShownFamily: Sendable {
    /// A metric with its labels, those without a value too.
    public struct Metric: Sendable {
        /// Without the name; `instance` is always there.
        public let labels: Labels
        /// `buckets` or `quantiles`: what the points are.
        public let pointsName: String
        /// Of a histogram or a summary: the value of each bound or quantile.
        public internal(set) var points: [(at: String, value: Double)] = []
        /// `value`, or `count` and `sum`.
        public internal(set) var values: [(name: String, value: Double)] = []
    }

    /// The name.
    public let name: String
    /// What it measures.
    public let type: MetricType
    /// What it means.
    public let help: String
    /// When it was pushed; nil: never.
    public let time: Timestamp?
    /// In the order in which they were pushed.
    public internal(set) var metrics: [Metric] = []
}

extension PushedGroup {
    /// Its families and the two that report on pushes, by their names.
    public var shownFamilies: [ShownFamily] {
        let heard = pushTime ?? failureTime
        let report = [
            (PushedGroup.timeNames.push, PushedGroup.timeHelp.push, pushTime),
            (PushedGroup.timeNames.failure, PushedGroup.timeHelp.failure, failureTime),
        ].map { name, help, time in
            ShownFamily(
                name: name, type: .gauge, help: help, time: time ?? heard,
                metrics: [
                    .init(
                        labels: shown(.empty), pointsName: "",
                        values: [("value", time?.seconds ?? 0)])
                ])
        }
        return (families.map(shown) + report).sorted { $0.name.byteOrder($1.name) < 0 }
    }

    private func shown(_ labels: Labels) -> Labels {
        let own = labels.droppingName.sorted.filter { key.labels[$0.name] == nil }
        let instance = (own + key.labels.sorted).contains { $0.name == "instance" }
        return Labels(
            keepingEmpty: own + key.labels.sorted + (instance ? [] : [Label("instance", "")]))
    }

    private func shown(_ family: PushedFamily) -> ShownFamily {
        var samples = PushedSamples(
            key, .none, histograms: HistogramPolicy(readsNative: false, keepsClassic: true))
        // What is kept was read before.
        try? family.read(&samples)
        let bound = family.type == .histogram ? "le" : "quantile"
        let isPlain = family.type != .histogram && family.type != .summary
        var shown = ShownFamily(
            name: family.name, type: family.type, help: family.help, time: family.time)
        var places: [Labels: Int] = [:]
        for (number, value) in samples.values {
            let labels = samples.series[number]
            let own = isPlain ? labels : labels.dropping(bound).droppingName
            if places[own] == nil {
                places[own] = shown.metrics.count
                shown.metrics.append(
                    .init(
                        labels: self.shown(own),
                        pointsName: bound == "le" ? "buckets" : "quantiles"))
            }
            guard let place = places[own] else { continue }
            if isPlain {
                shown.metrics[place].values = [("value", value)]
            } else if let at = labels[bound] {
                let point = GoFloat.parse(at).map { GoFloat.general($0) } ?? at
                shown.metrics[place].points.append((point, value))
            } else {
                let isSum = labels.metricName.hasSuffix("_sum")
                shown.metrics[place].values.append((isSum ? "sum" : "count", value))
            }
        }
        for place in shown.metrics.indices {
            shown.metrics[place].values.sort { $0.name.byteOrder($1.name) < 0 }
        }
        return shown
    }
}
