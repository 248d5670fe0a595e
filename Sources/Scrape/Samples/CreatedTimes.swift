import Exposition
import Model

/// What the `_created` lines of OpenMetrics say: since when the series of a metric count.
///
/// Without a feature flag that asks for start timestamps they are series like others.
struct CreatedTimes {
    // What is known of a series, by its number.
    /// The metric that it belongs to, or nil.
    private var metricOf: [Int?] = []

    private var metrics: [Labels: Int] = [:]
    /// When each metric began, as the scrape under way says.
    private var starts: [Timestamp?] = []
    private var hasStarts = false

    /// A scrape begins.
    mutating func begin() {
        guard hasStarts else { return }
        for index in starts.indices { starts[index] = nil }
        hasStarts = false
    }

    /// Whether the line is the `_created` one of a metric.
    static func isCreatedLine(_ exposed: [Label], _ metadata: [String: MetricMetadata]) -> Bool {
        role(of: exposed, metadata)?.isCreated == true
    }

    /// A series gets the next number.
    mutating func add(_ exposed: [Label], _ metadata: [String: MetricMetadata]) {
        let role = CreatedTimes.role(of: exposed, metadata)
        metricOf.append(role.map { metric($0.metric) })
    }

    /// What a `_created` line says, in seconds. As in Prometheus 0 says nothing.
    mutating func take(_ seconds: Double, ofSeries number: Int) {
        guard let metric = metricOf[number], seconds.isFinite, seconds != 0 else { return }
        starts[metric] = Timestamp(milliseconds: Int64(clamping: seconds * 1000))
        hasStarts = true
    }

    /// Since when the series counts, where the scrape under way said it.
    func start(ofSeries number: Int) -> Timestamp? {
        guard hasStarts else { return nil }
        return metricOf[number].flatMap { starts[$0] }
    }

    /// Whether the scrape under way said anything.
    var isEmpty: Bool { !hasStarts }

    /// Series have other numbers now: `numbers[old]` is the new one, or negative where it is forgotten.
    mutating func renumber(_ numbers: [Int]) {
        var kept = CreatedTimes()
        var names = [Labels?](repeating: nil, count: starts.count)
        for (name, metric) in metrics { names[metric] = name }
        for (number, metric) in zip(numbers, metricOf) where number >= 0 {
            kept.metricOf.append(metric.flatMap { names[$0] }.map { kept.metric($0) })
        }
        self = kept
    }

    private mutating func metric(_ name: Labels) -> Int {
        if let known = metrics[name] { return known }
        metrics[name] = starts.count
        starts.append(nil)
        return starts.count - 1
    }

    /// The metric that a series is part of, and whether it is that one's `_created` line; nil for types
    /// that have none.
    private static func role(
        of exposed: [Label], _ metadata: [String: MetricMetadata]
    ) -> (metric: Labels, isCreated: Bool)? {
        guard let name = exposed.first(where: { $0.name == Labels.name })?.value else { return nil }
        guard let (family, suffix, known) = MetricFamilyName.of(name, in: metadata) else {
            return nil
        }
        let bound: String
        switch known.type {
        case .histogram: bound = "le"
        case .summary: bound = "quantile"
        case .counter where !suffix.isEmpty: bound = ""
        default: return nil
        }
        let labels = exposed.filter { $0.name != bound && $0.name != Labels.name }
        return (Labels(labels + [Label(Labels.name, family)]), suffix == "_created")
    }
}
