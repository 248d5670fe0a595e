import Model

/// Metrics of one name, as a client library holds them: each way to hand them over makes its own of them.
struct MetricFamily {
    enum Kind: String {
        case counter, gauge, histogram
    }

    enum Value {
        case number(Double)
        case histogram(Histogram)
    }

    struct Point {
        var labels: Labels
        var value: Value
    }

    var name: String
    var kind: Kind
    var points: [Point] = []

    static func gauge(_ name: String, _ value: Double) -> MetricFamily {
        MetricFamily(
            name: name, kind: .gauge, points: [Point(labels: .empty, value: .number(value))])
    }

    /// A classic histogram of whole events.
    struct Histogram {
        let bounds: [Double]
        /// How many values each bound and those below it hold.
        private var cumulative: [Double]
        private var total = 0.0
        private var valueSum = 0.0

        init(bounds: [Double]) {
            self.bounds = bounds
            cumulative = Array(repeating: 0, count: bounds.count)
        }

        mutating func observe(_ value: Double, weight: Double) {
            for index in bounds.indices where value <= bounds[index] {
                cumulative[index] += weight
            }
            total += weight
            valueSum += value * weight
        }

        var cumulativeCounts: [Double] { cumulative.map { $0.rounded() } }
        var count: Double { total.rounded() }
        var sum: Double { valueSum.rounded() }
    }

    /// A line of the text format.
    struct Sample {
        var name: String
        var labels: Labels
        var value: Double
    }

    /// The series of the family, those of a histogram as the text format names them.
    var samples: [Sample] {
        points.flatMap { point in
            switch point.value {
            case .number(let value): [Sample(name: name, labels: point.labels, value: value)]
            case .histogram(let histogram): samples(of: histogram, point.labels)
            }
        }
    }

    private func samples(of histogram: Histogram, _ labels: Labels) -> [Sample] {
        let bounds = histogram.bounds.map(GoFloat.general) + ["+Inf"]
        let counts = histogram.cumulativeCounts + [histogram.count]
        let buckets = zip(bounds, counts).map { bound, count in
            Sample(name: name + "_bucket", labels: labels.setting("le", bound), value: count)
        }
        return buckets + [
            Sample(name: name + "_sum", labels: labels, value: histogram.sum),
            Sample(name: name + "_count", labels: labels, value: histogram.count),
        ]
    }
}

extension [MetricFamily] {
    /// The text format.
    var text: String {
        map { family in
            let lines = family.samples.map { sample in
                let labels = sample.labels.isEmpty ? "" : sample.labels.description
                return "\(sample.name)\(labels) \(GoFloat.general(sample.value))\n"
            }
            return "# TYPE \(family.name) \(family.kind.rawValue)\n" + lines.joined()
        }.joined()
    }
}
