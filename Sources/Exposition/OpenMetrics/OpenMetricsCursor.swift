import Model

/// Reads OpenMetrics text entry by entry, the way Prometheus reads it.
///
/// It is used as `TextCursor` is. Where the text format is generous with blanks this one has exactly one
/// space, and `# EOF` must end it: a cut exposition is an error.
public struct OpenMetricsCursor: LineCursor {
    public internal(set) var position = 0
    public internal(set) var line = 1
    /// The start of the entry being read.
    var start = 0
    /// The start of the token read last.
    var tokenStart = 0
    /// The places of the metric's name, then of each label's name and value, in pairs.
    var offsets: [Int] = []
    /// What the last TYPE line said, of whatever metric.
    var type = MetricType.untyped
    /// What was read of an exemplar.
    var exemplarOffsets: [Int] = []
    var exemplarValue = 0.0
    var exemplarTime: Double?
    public internal(set) var hasExemplar = false
    /// The time of the sample just read as it was exposed, in seconds.
    var seconds: Double?
    /// What only Prometheus allows in the entry just read.
    var liberties: Liberties = []

    /// What an entry may hold for Prometheus and not for OpenMetrics 1.0.
    struct Liberties: OptionSet {
        let rawValue: UInt8
        static let quotedName = Liberties(rawValue: 1)
        static let trailingComma = Liberties(rawValue: 2)
    }

    public init() {}

    public mutating func next(in bytes: Span<UInt8>) throws(ExpositionError) -> TextEntry? {
        start = position
        offsets.removeAll(keepingCapacity: true)
        liberties = []
        guard position < bytes.count else { throw noEnd() }
        switch bytes[position] {
        case Byte.hash:
            return try comment(bytes)
        case Byte.openBrace:
            tokenStart = position
            position += 1
            offsets.append(contentsOf: [-1, -1])
            try labelList(bytes)
            if offsets[0] == -1 { throw namelessSeries(bytes) }
            return .sample(try suffix(bytes))
        case let byte where byte.startsMetricName:
            tokenStart = position
            skipMetricName(bytes)
            offsets.append(start)
            offsets.append(position)
            if position < bytes.count, bytes[position] == Byte.openBrace {
                tokenStart = position
                position += 1
                try labelList(bytes)
            }
            return .sample(try suffix(bytes))
        default:
            throw failure("expected a valid start token", invalidAt: position, bytes)
        }
    }

    public mutating func sample(
        afterSeriesOf length: Int, in bytes: Span<UInt8>
    ) throws(ExpositionError) -> TextSample? {
        let next = position + length
        guard next < bytes.count, bytes[next] == Byte.space else { return nil }
        start = position
        position = next
        return try suffix(bytes)
    }

    public mutating func skip(_ length: Int, lines: Int, type: MetricType? = nil) {
        position += length
        line += lines
        if let type { self.type = type }
    }

    public var labelCount: Int { max(0, offsets.count / 4) }

    public func exposedLabels(in bytes: Span<UInt8>) throws(ExpositionError) -> [Label] {
        try ExposedLabels.read(offsets, type: type, line: line - 1, in: bytes)
    }

    public func metric(_ range: Range<Int>, in bytes: Span<UInt8>) -> String {
        TextEscapes.text(bytes, range)
    }

    public static func help(_ text: Range<Int>, in bytes: Span<UInt8>) -> String {
        TextEscapes.unescape(bytes, text)
    }

    // MARK: Comments

    private mutating func comment(_ bytes: Span<UInt8>) throws(ExpositionError) -> TextEntry? {
        let keyword = start + 2
        tokenStart = start
        guard keyword <= bytes.count, bytes[start + 1] == Byte.space else {
            throw failure("expected a valid start token", invalidAt: start + 1, bytes)
        }
        if bytes.begins(with: "EOF", at: keyword) {
            position = keyword + 3
            if position < bytes.count, bytes[position] == Byte.newline { position += 1 }
            if position < bytes.count {
                throw ExpositionError(line: line, "unexpected data after # EOF")
            }
            return nil
        }
        let statements: [StaticString] = ["HELP ", "TYPE ", "UNIT "]
        guard let statement = statements.first(where: { bytes.begins(with: $0, at: keyword) })
        else { throw failure("expected a valid start token", invalidAt: keyword, bytes) }
        tokenStart = keyword
        position = keyword + 5
        let name = String(statement.description.dropLast())
        let metric = try metadataName(bytes, name)
        let text = try metadataText(bytes, name)
        switch name {
        case "HELP": return try help(metric, text, bytes)
        case "TYPE": return try type(metric, text, bytes)
        default: return try unit(metric, text, bytes)
        }
    }

    private mutating func metadataName(
        _ bytes: Span<UInt8>, _ keyword: String
    ) throws(ExpositionError) -> Range<Int> {
        let first = position
        let expected = "expected metric name after \(keyword)"
        guard first < bytes.count else { throw failure(expected, "EOF", bytes) }
        if bytes[first] == Byte.quote {
            let (end, isWhole) = string(bytes, allowsNewlines: true)
            if !isWhole { throw failure(expected, invalidAt: end, bytes) }
            liberties.insert(.quotedName)
            tokenStart = first
            position = end
            return first + 1..<end - 1
        }
        guard bytes[first].startsMetricName else {
            throw failure(expected, invalidAt: first, bytes)
        }
        skipMetricName(bytes)
        return first..<position
    }

    /// What stands between the space after the name and the line's end, which it passes.
    private mutating func metadataText(
        _ bytes: Span<UInt8>, _ keyword: String
    ) throws(ExpositionError) -> Range<Int> {
        let first = position + 1
        var end = position
        while end < bytes.count, bytes[end] != Byte.newline { end += 1 }
        guard end < bytes.count, bytes[position] == Byte.space else {
            throw ExpositionError(line: line, "expected text in \(keyword)")
        }
        position = end + 1
        line += 1
        return first..<end
    }

    private func help(
        _ metric: Range<Int>, _ text: Range<Int>, _ bytes: Span<UInt8>
    ) throws(ExpositionError) -> TextEntry {
        guard UTF8Check.isValid(bytes, text) else {
            throw ExpositionError(
                line: line - 1,
                "help text \(TextEscapes.quoted(bytes, text)) is not a valid utf8 string")
        }
        return .help(metric: metric, text: text)
    }

    private mutating func type(
        _ metric: Range<Int>, _ text: Range<Int>, _ bytes: Span<UInt8>
    ) throws(ExpositionError) -> TextEntry {
        // No type has a longer name than this.
        guard text.count < 20,
            let known = MetricType(openMetrics: TextEscapes.text(bytes, text))
        else {
            throw ExpositionError(
                line: line - 1, "invalid metric type \(TextEscapes.quoted(bytes, text))")
        }
        type = known
        return .type(metric: metric, known)
    }

    private func unit(
        _ metric: Range<Int>, _ text: Range<Int>, _ bytes: Span<UInt8>
    ) throws(ExpositionError) -> TextEntry {
        let before = metric.upperBound - text.count - 1
        let isSuffix =
            text.isEmpty
            || before >= metric.lowerBound && bytes[before] == Byte.underscore
                && text.indices.allSatisfy {
                    bytes[$0] == bytes[before + 1 + $0 - text.lowerBound]
                }
        guard isSuffix else {
            throw ExpositionError(
                line: line - 1,
                "unit \(TextEscapes.quoted(bytes, text)) not a suffix of metric "
                    + TextEscapes.quoted(bytes, metric))
        }
        return .unit(metric: metric, text: text)
    }

    private mutating func skipMetricName(_ bytes: Span<UInt8>) {
        while position < bytes.count, bytes[position].continuesMetricName { position += 1 }
    }
}

extension Span<UInt8> {
    /// Whether these bytes stand there.
    func begins(with text: StaticString, at index: Int) -> Bool {
        guard index >= 0, text.utf8CodeUnitCount <= count - index else { return false }
        return text.description.utf8.enumerated().allSatisfy { self[index + $0] == $1 }
    }
}
