import Model

/// Reads Prometheus's text format, version 0.0.4, entry by entry, the way Prometheus reads it.
///
///     var cursor = TextCursor()
///     while let entry = try cursor.next(in: body.span) {
///         if case .sample(let sample) = entry { … cursor.labels(in: body.span) … }
///     }
///
/// The cursor holds a place, not the bytes: a reader that knows what the next line should begin
/// with (`sample(afterSeriesOf:in:)`) skips the scanning of names and labels. Nothing is allocated for an
/// entry; time is linear in the bytes.
public struct TextCursor: Sendable {
    /// The byte that is read next.
    public private(set) var position = 0
    /// Its line, from 1.
    public private(set) var line = 1
    /// The start of the entry being read.
    private var start = 0
    /// The places of the metric's name, then of each label's name and value, in pairs.
    private var offsets: [Int] = []
    private var type = MetricType.untyped

    /// At the first byte.
    public init() {}

    /// The next entry, or nil at the end.
    public mutating func next(in bytes: Span<UInt8>) throws(ExpositionError) -> TextEntry? {
        while true {
            skipBlanks(bytes)
            start = position
            offsets.removeAll(keepingCapacity: true)
            // As there, a zero byte at the beginning of a line ends the exposition.
            guard position < bytes.count, bytes[position] != 0 else { return nil }
            switch bytes[position] {
            case Byte.newline:
                position += 1
                line += 1
            case Byte.hash:
                return try comment(bytes)
            case Byte.openBrace:
                position += 1
                offsets.append(contentsOf: [-1, -1])
                try labelList(bytes)
                return .sample(try suffix(bytes))
            case let byte where byte.startsMetricName:
                skipMetricName(bytes)
                offsets.append(start)
                offsets.append(position)
                let end = position
                skipBlanks(bytes)
                if position < bytes.count, bytes[position] == Byte.openBrace {
                    position += 1
                    try labelList(bytes)
                } else {
                    position = end
                }
                return .sample(try suffix(bytes))
            default:
                throw invalid("expected a valid start token", bytes)
            }
        }
    }

    /// The sample on a line that begins with a series of `length` bytes which was read before: the
    /// caller has compared those bytes. Only the number and the time are read. Nil, and nothing is
    /// read, where something else than a number may follow.
    public mutating func sample(
        afterSeriesOf length: Int, in bytes: Span<UInt8>
    ) throws(ExpositionError) -> TextSample? {
        var next = position + length
        guard next < bytes.count, bytes[next].isBlank else { return nil }
        while next < bytes.count, bytes[next].isBlank { next += 1 }
        guard next < bytes.count, bytes[next] != Byte.openBrace else { return nil }
        start = position
        position += length
        return try suffix(bytes)
    }

    /// Passes over `length` bytes that make up whole lines, `lines` of them, which were read before.
    /// Where one of them was a TYPE line, `type` is what it said.
    public mutating func skip(_ length: Int, lines: Int, type: MetricType? = nil) {
        position += length
        line += lines
        if let type { self.type = type }
    }

    /// How many labels the sample just read has, its name not counted.
    public var labelCount: Int { max(0, offsets.count / 4) }

    /// The labels of the sample just read, its name among them.
    public func labels(in bytes: Span<UInt8>) throws(ExpositionError) -> Labels {
        Labels(try exposedLabels(in: bytes))
    }

    /// As `labels(in:)`, in the order exposed and with those of empty value, which may mean
    /// something: with `honor_labels` they keep a target's label away.
    public func exposedLabels(in bytes: Span<UInt8>) throws(ExpositionError) -> [Label] {
        var list: [Label] = []
        list.reserveCapacity(offsets.count / 4 + 1)
        list.append(Label(Labels.name, try name(bytes, offsets[0]..<offsets[1])))
        var index = 2
        while index + 3 < offsets.count {
            let name = try name(bytes, offsets[index]..<offsets[index + 1])
            let value = TextEscapes.unescape(bytes, offsets[index + 2]..<offsets[index + 3])
            list.append(Label(name, normalised(name, value)))
            index += 4
        }
        if let twice = firstRepeated(list) {
            throw ExpositionError(
                line: line - 1, "label name \(twice.goQuoted) is not unique: invalid sample")
        }
        return list
    }

    /// The metric of a HELP or TYPE entry.
    public func metric(_ range: Range<Int>, in bytes: Span<UInt8>) -> String {
        TextEscapes.text(bytes, range)
    }

    private func firstRepeated(_ list: [Label]) -> String? {
        if zip(list, list.dropFirst()).allSatisfy({ $0.name.byteOrder($1.name) < 0 }) { return nil }
        let names = list.map(\.name).sorted { $0.byteOrder($1) < 0 }
        return zip(names, names.dropFirst()).first { $0.bytesEqual($1) }?.0
    }

    private func name(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(ExpositionError) -> String {
        guard UTF8Check.isValid(bytes, range) else {
            throw ExpositionError(
                line: line - 1,
                "invalid metric name or label names: \(TextEscapes.quoted(bytes, range))")
        }
        return TextEscapes.unescape(bytes, range)
    }

    /// `le` of histograms and `quantile` of summaries are written one way, whatever was exposed.
    private func normalised(_ name: String, _ value: String) -> String {
        let isBoundary =
            (type == .histogram && name == "le") || (type == .summary && name == "quantile")
        guard isBoundary, let number = GoFloat.parse(value) else { return value }
        return GoFloat.openMetrics(number)
    }

    // MARK: Comments

    private mutating func comment(_ bytes: Span<UInt8>) throws(ExpositionError) -> TextEntry {
        position += 1
        let afterHash = position
        skipBlanks(bytes)
        guard position > afterHash else { return skipComment(bytes) }
        let isHelp = hasWord("HELP", bytes)
        guard isHelp || hasWord("TYPE", bytes) else { return skipComment(bytes) }
        position += 4
        skipBlanks(bytes)
        let metric = try metadataName(bytes, isHelp ? "HELP" : "TYPE")
        // The one character after the name separates; the rest is the text.
        let textStart = min(position + 1, endOfLine(bytes))
        let text = textStart..<endOfLine(bytes)
        let failed = { [line] message in ExpositionError(line: line, message) }
        if isHelp {
            guard UTF8Check.isValid(bytes, text) else {
                throw failed(
                    "help text \(TextEscapes.quoted(bytes, text)) is not a valid utf8 string")
            }
        } else {
            guard let known = MetricType(rawValue: TextEscapes.text(bytes, text)) else {
                throw failed("invalid metric type \(TextEscapes.quoted(bytes, text))")
            }
            type = known
        }
        position = text.upperBound + 1
        line += 1
        return isHelp ? .help(metric: metric, text: text) : .type(metric: metric, type)
    }

    private mutating func skipComment(_ bytes: Span<UInt8>) -> TextEntry {
        position = endOfLine(bytes) + 1
        line += 1
        return .comment
    }

    private func hasWord(_ word: StaticString, _ bytes: Span<UInt8>) -> Bool {
        guard position + 4 < bytes.count, bytes[position + 4].isBlank else { return false }
        return word.description.utf8.enumerated().allSatisfy { bytes[position + $0] == $1 }
    }

    private mutating func metadataName(
        _ bytes: Span<UInt8>, _ keyword: String
    ) throws(ExpositionError) -> Range<Int> {
        let first = position
        if position < bytes.count, bytes[position] == Byte.quote {
            if let end = endOfString(bytes) {
                position = end
                return first + 1..<end - 1
            }
        } else if position < bytes.count, bytes[position].startsMetricName {
            skipMetricName(bytes)
            return first..<position
        }
        throw invalid("expected metric name after \(keyword)", bytes)
    }

    private func endOfLine(_ bytes: Span<UInt8>) -> Int {
        var index = position
        while index < bytes.count, bytes[index] != Byte.newline { index += 1 }
        return index
    }

    // MARK: Labels

    /// What stands between the braces, and the closing one. A comma between labels may be missing.
    private mutating func labelList(_ bytes: Span<UInt8>) throws(ExpositionError) {
        while true {
            skipBlanks(bytes)
            guard position < bytes.count else { throw invalid("expected label name", bytes) }
            if bytes[position] == Byte.closeBrace {
                position += 1
                return
            }
            let isQuoted = bytes[position] == Byte.quote
            let name = try labelName(isQuoted: isQuoted, bytes)
            skipBlanks(bytes)
            let next = position < bytes.count ? bytes[position] : Byte.newline
            if isQuoted, next == Byte.comma || next == Byte.closeBrace {
                // A quoted text without a value is the metric's name.
                guard offsets[0] == -1 else {
                    throw failed("metric name already set", bytes)
                }
                offsets[0] = name.lowerBound
                offsets[1] = name.upperBound
            } else {
                guard next == Byte.equals else { throw unexpected("expected equal", bytes) }
                position += 1
                offsets.append(name.lowerBound)
                offsets.append(name.upperBound)
                try labelValue(bytes)
                skipBlanks(bytes)
            }
            if position < bytes.count, bytes[position] == Byte.comma { position += 1 }
        }
    }

    /// Passes over the name that begins here, and says where it stands without its quotes.
    private mutating func labelName(
        isQuoted: Bool, _ bytes: Span<UInt8>
    ) throws(ExpositionError) -> Range<Int> {
        let first = position
        if isQuoted {
            guard let end = endOfString(bytes) else {
                throw invalid("expected label name", bytes)
            }
            position = end
            return first + 1..<end - 1
        }
        guard bytes[position].startsLabelName else {
            throw unexpected("expected label name", bytes)
        }
        while position < bytes.count, bytes[position].continuesLabelName { position += 1 }
        return first..<position
    }

    private mutating func labelValue(_ bytes: Span<UInt8>) throws(ExpositionError) {
        skipBlanks(bytes)
        guard position < bytes.count, bytes[position] == Byte.quote,
            let end = endOfString(bytes)
        else { throw invalid("expected label value", bytes) }
        let quoted = position..<end
        guard UTF8Check.isValid(bytes, quoted) else {
            throw ExpositionError(
                line: line, "invalid UTF-8 label value: \(TextEscapes.quoted(bytes, quoted))")
        }
        offsets.append(position + 1)
        offsets.append(end - 1)
        position = end
    }

    /// Behind the string that begins here, or nil where it does not end. It may hold line breaks.
    private mutating func endOfString(_ bytes: Span<UInt8>) -> Int? {
        var index = position + 1
        while index < bytes.count {
            switch bytes[index] {
            case Byte.quote: return index + 1
            case Byte.backslash:
                if index + 1 < bytes.count, bytes[index + 1] == Byte.newline { return nil }
                index += 2
            case Byte.newline:
                line += 1
                index += 1
            default: index += 1
            }
        }
        return nil
    }

    // MARK: Value and timestamp

    private mutating func suffix(_ bytes: Span<UInt8>) throws(ExpositionError) -> TextSample {
        if offsets.first == -1 { throw failed("metric name not set", bytes) }
        let series = start..<position
        skipBlanks(bytes)
        guard position < bytes.count, bytes[position] != Byte.newline,
            bytes[position] != Byte.openBrace
        else { throw unexpected("expected value after metric", bytes) }
        let value = try number(bytes)
        skipBlanks(bytes)
        if position >= bytes.count || bytes[position] == Byte.newline {
            position += 1
            line += 1
            return TextSample(series: series, value: value, timestamp: nil)
        }
        guard bytes[position].isDigit else {
            throw unexpected("expected timestamp or new record", bytes)
        }
        let time = try timestamp(bytes)
        skipBlanks(bytes)
        guard position >= bytes.count || bytes[position] == Byte.newline else {
            throw unexpected("expected next entry after timestamp", bytes)
        }
        position += 1
        line += 1
        return TextSample(series: series, value: value, timestamp: time)
    }

    private mutating func number(_ bytes: Span<UInt8>) throws(ExpositionError) -> Double {
        if let (value, end) = TextNumber.plainDecimal(bytes, from: position) {
            position = end
            return value
        }
        let first = position
        while position < bytes.count, !bytes[position].endsValue { position += 1 }
        switch TextNumber.parse(bytes, first..<position) {
        case .success(let value): return value
        case .failure(let reason): throw failed(reason.message, bytes)
        }
    }

    private mutating func timestamp(_ bytes: Span<UInt8>) throws(ExpositionError) -> Timestamp {
        let first = position
        var value: Int64 = 0
        var overflows = false
        while position < bytes.count, bytes[position].isDigit {
            let (tens, first) = value.multipliedReportingOverflow(by: 10)
            let (sum, second) = tens.addingReportingOverflow(Int64(bytes[position] &- 0x30))
            overflows = overflows || first || second
            value = sum
            position += 1
        }
        if overflows {
            let text = TextEscapes.quoted(bytes, first..<position)
            throw failed("strconv.ParseInt: parsing \(text): value out of range", bytes)
        }
        return Timestamp(milliseconds: value)
    }

    // MARK: Small steps

    @inline(__always)
    private mutating func skipBlanks(_ bytes: Span<UInt8>) {
        while position < bytes.count, bytes[position].isBlank { position += 1 }
    }

    private mutating func skipMetricName(_ bytes: Span<UInt8>) {
        while position < bytes.count, bytes[position].continuesMetricName { position += 1 }
    }

    // MARK: Errors

    /// Something that is no token at all.
    private func invalid(_ expected: String, _ bytes: Span<UInt8>) -> ExpositionError {
        let end = min(position + 1, bytes.count)
        let got = position < bytes.count ? TextEscapes.quoted(bytes, position..<end) : #""\n""#
        return parsing("\(expected), got \(got) (\"INVALID\")", bytes, end)
    }

    /// A token that does not belong here, or none.
    private func unexpected(_ expected: String, _ bytes: Span<UInt8>) -> ExpositionError {
        let names: [UInt8: String] = [
            Byte.equals: "EQUAL", Byte.comma: "COMMA", Byte.closeBrace: "BCLOSE",
        ]
        guard position < bytes.count,
            expected.hasPrefix("expected label name")
                || expected.hasPrefix("expected equal"), let token = names[bytes[position]]
        else { return invalid(expected, bytes) }
        let end = min(position + 2, bytes.count)
        let got = TextEscapes.quoted(bytes, position..<end)
        return parsing("\(expected), got \(got) (\"\(token)\")", bytes, end)
    }

    private func failed(_ reason: String, _ bytes: Span<UInt8>) -> ExpositionError {
        parsing(reason, bytes, min(position, bytes.count))
    }

    private func parsing(
        _ reason: String, _ bytes: Span<UInt8>, _ end: Int
    ) -> ExpositionError {
        let text = TextEscapes.quoted(bytes, min(start, end)..<end)
        return ExpositionError(line: line, "\(reason) while parsing: \(text)")
    }
}
