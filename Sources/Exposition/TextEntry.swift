import Model

/// One thing that an exposition says. Ranges are places in its bytes.
public enum TextEntry: Hashable, Sendable {
    /// A line with a value.
    case sample(TextSample)
    /// A `# TYPE` line.
    case type(metric: Range<Int>, MetricType)
    /// A `# HELP` line.
    case help(metric: Range<Int>, text: Range<Int>)
    /// Any other comment.
    case comment
}

/// A line with a value.
public struct TextSample: Hashable, Sendable {
    /// Where name and labels stand: the same bytes are the same series.
    public let series: Range<Int>
    /// The number, NaN in its ordinary form.
    public let value: Double
    /// The time that was exposed with it.
    public let timestamp: Timestamp?
}

/// What a metric measures, as the text format names it.
public enum MetricType: String, Hashable, Sendable, Codable {
    case counter
    case gauge
    case histogram
    case summary
    case untyped

    /// The name in Prometheus's API.
    public var apiName: String { self == .untyped ? "unknown" : rawValue }
}

/// What a `# TYPE` and a `# HELP` line say of a metric.
public struct MetricMetadata: Hashable, Sendable {
    /// What it measures.
    public var type: MetricType
    /// What it means.
    public var help: String

    /// Metadata.
    public init(type: MetricType = .untyped, help: String = "") {
        self.type = type
        self.help = help
    }
}

/// Why an exposition could not be read; the wording is Prometheus's.
public struct ExpositionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line, from 1.
    public let line: Int
    /// What is wrong.
    public let message: String

    /// An error on a line.
    public init(line: Int, _ message: String) {
        self.line = line
        self.message = message
    }

    public var description: String { "\(message) (line \(line))" }
}

extension TextCursor {
    /// The text of a HELP entry, unescaped.
    public static func help(_ text: Range<Int>, in bytes: Span<UInt8>) -> String {
        TextEscapes.unescape(bytes, text, quotes: false)
    }
}
