import Model

/// One thing that an exposition says. Ranges are places in its bytes.
public enum TextEntry: Hashable, Sendable {
    /// A line with a value.
    case sample(TextSample)
    /// A `# TYPE` line.
    case type(metric: Range<Int>, MetricType)
    /// A `# HELP` line.
    case help(metric: Range<Int>, text: Range<Int>)
    /// A `# UNIT` line.
    case unit(metric: Range<Int>, text: Range<Int>)
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

/// A place in an exposition whose samples are lines: what reads one format entry by entry.
public protocol LineCursor: Sendable {
    /// At the first byte.
    init()

    /// The byte that is read next.
    var position: Int { get }
    /// The line that is read next, from 1.
    var line: Int { get }

    /// The next entry, or nil at the end.
    mutating func next(in bytes: Span<UInt8>) throws(ExpositionError) -> TextEntry?

    /// The sample on a line that begins with a series of `length` bytes which was read before: the
    /// caller has compared those bytes. Only what follows is read. Nil, and nothing is read, where it
    /// may be another series.
    mutating func sample(
        afterSeriesOf length: Int, in bytes: Span<UInt8>
    ) throws(ExpositionError) -> TextSample?

    /// Passes over `length` bytes that make up whole lines, `lines` of them, which were read before.
    /// Where one of them was a TYPE line, `type` is what it said.
    mutating func skip(_ length: Int, lines: Int, type: MetricType?)

    /// How many labels the sample just read has, its name not counted.
    var labelCount: Int { get }

    /// The labels of the sample just read, in the order exposed and with those of empty value.
    func exposedLabels(in bytes: Span<UInt8>) throws(ExpositionError) -> [Label]

    /// The metric of a HELP, TYPE or UNIT entry.
    func metric(_ range: Range<Int>, in bytes: Span<UInt8>) -> String

    /// The text of a HELP entry, unescaped.
    static func help(_ text: Range<Int>, in bytes: Span<UInt8>) -> String

    /// Whether an exemplar follows the sample just read.
    var hasExemplar: Bool { get }

    /// The exemplar of the sample just read; nil where it is longer than exemplars may be. Its time is
    /// 0 where none was exposed.
    func exemplar(in bytes: Span<UInt8>) -> Exemplar?
}
