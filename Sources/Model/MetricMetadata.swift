/// What one line of an exposition says of a metric.
public enum MetadataStatement: Sendable, Hashable {
    case type(MetricType)
    case help(String)
    case unit(String)
}

/// What a metric measures.
public enum MetricType: String, Hashable, Sendable, Codable, CaseIterable {
    case counter
    case gauge
    case histogram
    case summary
    case untyped
    case gaugehistogram
    case info
    case stateset

    /// The name in Prometheus's API, which is OpenMetrics's.
    public var apiName: String { self == .untyped ? "unknown" : rawValue }
}

/// What is known of a metric beside its samples.
public struct MetricMetadata: Hashable, Sendable {
    /// What it measures.
    public var type: MetricType
    /// What it means.
    public var help: String
    /// What it is measured in, or "".
    public var unit: String

    /// Metadata.
    public init(type: MetricType = .untyped, help: String = "", unit: String = "") {
        self.type = type
        self.help = help
        self.unit = unit
    }

    /// Takes over what a line says.
    public mutating func apply(_ statement: MetadataStatement) {
        switch statement {
        case .type(let type): self.type = type
        case .help(let help): self.help = help
        case .unit(let unit): self.unit = unit
        }
    }
}
