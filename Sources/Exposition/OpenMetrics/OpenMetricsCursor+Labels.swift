/// Labels, of a series and of an exemplar, and what is wrong with a line.
extension OpenMetricsCursor {
    private enum Token: String {
        case end = "EOF"
        case invalid = "INVALID"
        case name = "LNAME"
        case string = "QSTRING"
        case close = "BCLOSE"
        case equal = "EQUAL"
        case comma = "COMMA"
    }

    /// What stands between the braces, and the closing one.
    mutating func labelList(
        _ bytes: Span<UInt8>, isExemplar: Bool = false
    ) throws(ExpositionError) {
        var token = labelToken(bytes, isExemplar)
        while token != .close {
            let name = tokenStart..<position
            guard token == .name || token == .string else {
                throw failure("expected label name", token.rawValue, bytes)
            }
            let isQuoted = token == .string
            if isQuoted { liberties.insert(.quotedName) }
            token = labelToken(bytes, isExemplar)
            if isQuoted, token == .comma || token == .close {
                try takeMetricName(name, token.rawValue, bytes, isExemplar)
                if token == .close { return }
                token = labelToken(bytes, isExemplar)
                if token == .close { liberties.insert(.trailingComma) }
                continue
            }
            guard token == .equal else {
                throw failure("expected equal", token.rawValue, bytes)
            }
            keep(isQuoted ? name.lowerBound + 1..<name.upperBound - 1 : name, isExemplar)
            keep(try labelValue(bytes), isExemplar)
            token = labelToken(bytes, isExemplar)
            if token == .comma {
                token = labelToken(bytes, isExemplar)
                if token == .close { liberties.insert(.trailingComma) }
            } else if token != .close {
                throw failure("expected comma or brace close", token.rawValue, bytes)
            }
        }
    }

    /// A quoted text without a value is the metric's name, which an exemplar has not.
    private mutating func takeMetricName(
        _ name: Range<Int>, _ token: String, _ bytes: Span<UInt8>, _ isExemplar: Bool
    ) throws(ExpositionError) {
        if isExemplar { throw failure("expected label name", token, bytes) }
        guard offsets[0] == -1 else {
            throw failure("metric name already set", upTo: position, bytes)
        }
        offsets[0] = name.lowerBound + 1
        offsets[1] = name.upperBound - 1
    }

    private mutating func keep(_ range: Range<Int>, _ isExemplar: Bool) {
        if isExemplar {
            exemplarOffsets.append(range.lowerBound)
            exemplarOffsets.append(range.upperBound)
        } else {
            offsets.append(range.lowerBound)
            offsets.append(range.upperBound)
        }
    }

    /// Passes over the quoted value that begins here, and says where it stands without its quotes.
    private mutating func labelValue(_ bytes: Span<UInt8>) throws(ExpositionError) -> Range<Int> {
        let expected = "expected label value"
        guard position < bytes.count else { throw failure(expected, "EOF", bytes) }
        guard bytes[position] == Byte.quote else {
            throw failure(expected, invalidAt: position, bytes)
        }
        let (end, isWhole) = string(bytes, allowsNewlines: false)
        guard isWhole else { throw failure(expected, invalidAt: end, bytes) }
        tokenStart = position
        guard UTF8Check.isValid(bytes, position..<end) else {
            throw ExpositionError(
                line: line,
                "invalid UTF-8 label value: \(TextEscapes.quoted(bytes, position..<end))")
        }
        position = end
        return tokenStart + 1..<end - 1
    }

    /// Reads what comes next between braces. At the end of all bytes `tokenStart` stays.
    private mutating func labelToken(_ bytes: Span<UInt8>, _ isExemplar: Bool) -> Token {
        guard position < bytes.count else { return .end }
        tokenStart = position
        let byte = bytes[position]
        switch byte {
        case Byte.closeBrace: position += 1; return .close
        case Byte.equals: position += 1; return .equal
        case Byte.comma: position += 1; return .comma
        case Byte.quote:
            let (end, isWhole) = string(bytes, allowsNewlines: !isExemplar)
            position = end
            return isWhole ? .string : .invalid
        case _ where byte.startsLabelName:
            while position < bytes.count, bytes[position].continuesLabelName { position += 1 }
            return .name
        default: return .invalid
        }
    }

    /// Behind the string that begins here; or where it breaks off.
    mutating func string(
        _ bytes: Span<UInt8>, allowsNewlines: Bool
    ) -> (end: Int, isWhole: Bool) {
        var index = position + 1
        while index < bytes.count {
            switch bytes[index] {
            case Byte.quote: return (index + 1, true)
            case Byte.backslash:
                index += 1
                if index >= bytes.count || bytes[index] == Byte.newline { return (index, false) }
            case Byte.newline:
                if !allowsNewlines { return (index, false) }
                line += 1
            default: break
            }
            index += 1
        }
        return (index, false)
    }

    // MARK: Errors

    func noEnd() -> ExpositionError {
        ExpositionError(line: line, "data does not end with # EOF")
    }

    /// The line has braces, and no name in them.
    mutating func namelessSeries(_ bytes: Span<UInt8>) -> ExpositionError {
        while position < bytes.count, bytes[position] != Byte.newline { position += 1 }
        return failure("metric name not set", upTo: position, bytes)
    }

    /// The token that was read last does not belong here.
    func failure(
        _ expected: String, _ token: String, _ bytes: Span<UInt8>
    ) -> ExpositionError {
        let end = min(position + 1, bytes.count)
        let got = TextEscapes.quoted(bytes, min(tokenStart, end)..<end)
        return failure("\(expected), got \(got) (\"\(token)\")", upTo: end, bytes)
    }

    /// Something that is no token begins at `position` and goes wrong at `index`.
    func failure(
        _ expected: String, invalidAt index: Int, _ bytes: Span<UInt8>
    ) -> ExpositionError {
        var copy = self
        copy.tokenStart = position
        copy.position = index
        return copy.failure(expected, "INVALID", bytes)
    }

    func failure(
        _ reason: String, upTo end: Int, _ bytes: Span<UInt8>
    ) -> ExpositionError {
        ExpositionError(
            line: line,
            "\(reason) while parsing: \(TextEscapes.quoted(bytes, min(start, end)..<end))")
    }

    /// What follows a complete value or time is neither a line's end nor what `expected` says.
    func unexpectedNumber(_ expected: String, _ bytes: Span<UInt8>) -> ExpositionError {
        guard position < bytes.count else { return failure(expected, "EOF", bytes) }
        var end = position
        if bytes[end] == Byte.space {
            end += 1
            while end < bytes.count, bytes[end] != Byte.space, bytes[end] != Byte.newline {
                end += 1
            }
        }
        if end <= position + 1 { return failure(expected, invalidAt: end, bytes) }
        var copy = self
        copy.tokenStart = position
        copy.position = end
        return copy.failure(expected, "TIMESTAMP", bytes)
    }
}
