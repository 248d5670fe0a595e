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

extension TextCursor {
    /// The text of a HELP entry, unescaped.
    public static func help(_ text: Range<Int>, in bytes: Span<UInt8>) -> String {
        TextEscapes.unescape(bytes, text, quotes: false)
    }
}
