import Model
import WireFormats

extension OTLPMetric {
    /// What its kind has to do with its name.
    var namedKind: OTLPMetricNamer.Kind {
        switch data {
        case .gauge: .gauge
        case .sum(let sum): sum.isMonotonic ? .counter : .other
        default: .other
        }
    }

    /// Whether its samples count since the start or since the sample before; nil where its kind knows no
    /// such difference.
    var temporality: OTLPTemporality? {
        switch data {
        case .sum(let sum): sum.aggregationTemporality
        case .histogram(let histogram): histogram.aggregationTemporality
        case .exponentialHistogram(let histogram): histogram.aggregationTemporality
        case .gauge, .summary, nil: nil
        }
    }

    /// What it is in Prometheus's terms.
    var type: MetricType {
        switch data {
        case .gauge: .gauge
        case .sum(let sum): sum.isMonotonic ? .counter : .gauge
        case .histogram, .exponentialHistogram: .histogram
        case .summary: .summary
        case nil: .untyped
        }
    }

    /// The times of its data points, in nanoseconds.
    var times: [UInt64] {
        switch data {
        case .gauge(let gauge): gauge.dataPoints.map(\.timeUnixNano)
        case .sum(let sum): sum.dataPoints.map(\.timeUnixNano)
        case .histogram(let histogram): histogram.dataPoints.map(\.timeUnixNano)
        case .exponentialHistogram(let histogram): histogram.dataPoints.map(\.timeUnixNano)
        case .summary(let summary): summary.dataPoints.map(\.timeUnixNano)
        case nil: []
        }
    }
}
