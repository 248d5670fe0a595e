import Model

/// A series as rule unit tests and test scripts write it: `up{job="a"} 0 1+1x3 _ stale`.
public struct SeriesDescription: Sendable, Hashable {
    /// One point of the series, an interval after the one before.
    public enum Value: Sendable, Hashable {
        case number(Double)
        /// No sample (`_`).
        case omitted
        /// A histogram (`{{sum:1 …}}`), as it was written.
        case histogram(String)
    }

    /// The series' labels, its name included.
    public var labels: Labels
    /// The points.
    public var values: [Value]

    /// How many values a description may expand to.
    public static let maximumValues = 1_000_000

    /// Reads a description.
    public init(parsing text: String) throws(ParseErrors) {
        var state = ParserState(text, options: .all, limits: Parser.Limits())
        guard let labels = state.parseMetric() else {
            throw state.errors.first.map { ParseErrors($0) } ?? state.nothingParsed
        }
        self.labels = labels
        var reader = SeriesValueReader(input: state.lexer.input, position: state.previousEnd)
        values = try reader.read()
    }
}

extension ParserState {
    /// `name{a="b"}`; nil with something in `errors`.
    mutating func parseMetric() -> Labels? {
        do throws(Stop) {
            var labels: [Label] = []
            let context = "label set"
            // After the name or the braces the values follow, which have a syntax of their own: nothing
            // behind may be looked at.
            if token.isMetricName {
                let name = take()
                labels.append(Label(Labels.name, name.text))
                guard lexer.peek() == UInt8(ascii: "{") else { return Labels(labels) }
            }
            guard take(.leftBrace) != nil else { throw unexpected() }
            while take(.rightBrace) == nil {
                let label = token
                guard label.kind == .identifier || label.kind == .string else {
                    throw unexpected(context, expected: "identifier or \"}\"")
                }
                take()
                let name = label.kind == .string ? unquoted(label.text) : label.text
                if take(.equal) != nil {
                    guard let value = take(.string) else {
                        throw unexpected(context, expected: "string")
                    }
                    labels.append(Label(name, unquoted(value.text)))
                } else if label.kind == .string {
                    labels.append(Label(Labels.name, name))
                } else {
                    throw unexpected(context, expected: "\"=\"")
                }
                if take(.rightBrace) != nil { break }
                if take(.comma) == nil { throw unexpected(context, expected: "\",\" or \"}\"") }
            }
            return Labels(labels)
        } catch {
            return nil
        }
    }
}

/// Reads and expands the values of a description.
private struct SeriesValueReader {
    let input: [UInt8]
    var position: Int
    private var values: [SeriesDescription.Value] = []

    init(input: [UInt8], position: Int) {
        self.input = input
        self.position = position
    }

    private func fail(_ message: String, at start: Int) -> ParseErrors {
        ParseErrors(ParseError(message, at: PositionRange(start, input.count), in: input))
    }

    mutating func read() throws(ParseErrors) -> [SeriesDescription.Value] {
        while position < input.count {
            if input[position].isQuerySpace {
                position += 1
                continue
            }
            try readItem()
            if position < input.count, !input[position].isQuerySpace {
                throw fail("unexpected character in series values", at: position)
            }
        }
        return values
    }

    private mutating func readItem() throws(ParseErrors) {
        let start = position
        if take(UInt8(ascii: "_")) {
            let count = take(UInt8(ascii: "x")) ? try repetition() : 1
            try append(.omitted, count: count)
            return
        }
        if input[position...].starts(with: "{{".utf8) {
            let histogram = try readHistogram()
            if position < input.count,
                input[position] == UInt8(ascii: "+") || input[position] == UInt8(ascii: "-")
            {
                position += 1
                let step = try readHistogram()
                guard take(UInt8(ascii: "x")) else {
                    throw fail("expected a repetition in series values", at: position)
                }
                try append(.histogram("\(histogram) \(step)"), count: try repetition() + 1)
                return
            }
            let count = take(UInt8(ascii: "x")) ? try repetition() + 1 : 1
            try append(.histogram(histogram), count: count)
            return
        }
        let value = try readNumber()
        if take(UInt8(ascii: "x")) {
            try append(.number(value), count: try repetition() + 1)
            return
        }
        if position < input.count,
            input[position] == UInt8(ascii: "+") || input[position] == UInt8(ascii: "-")
        {
            let step = try readNumber()
            guard take(UInt8(ascii: "x")) else {
                throw fail("expected a repetition in series values", at: position)
            }
            let count = try repetition()
            try check(count + 1, at: start)
            var current = value
            for _ in 0...count {
                values.append(.number(current))
                current += step
            }
            return
        }
        try append(.number(value), count: 1)
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < input.count, input[position] == byte else { return false }
        position += 1
        return true
    }

    private func check(_ count: Int, at start: Int) throws(ParseErrors) {
        if count > SeriesDescription.maximumValues - values.count {
            throw fail(
                "more values than the limit of \(SeriesDescription.maximumValues) "
                    + "(SeriesDescription.maximumValues)", at: start)
        }
    }

    private mutating func append(
        _ value: SeriesDescription.Value, count: Int
    ) throws(ParseErrors) {
        try check(count, at: position)
        values.append(contentsOf: repeatElement(value, count: count))
    }

    private mutating func repetition() throws(ParseErrors) -> Int {
        let start = position
        while position < input.count, input[position].isASCIIDigit { position += 1 }
        let text = String(decoding: input[start..<position], as: UTF8.self)
        guard let count = Int(text) else {
            throw fail("invalid repetition in series values: \(text.goQuoted)", at: start)
        }
        // Beyond the limit the exact number does not matter.
        return min(count, SeriesDescription.maximumValues + 1)
    }

    /// A number with its sign; `stale` is the stale marker.
    private mutating func readNumber() throws(ParseErrors) -> Double {
        let start = position
        var isNegative = false
        if take(UInt8(ascii: "-")) { isNegative = true } else { _ = take(UInt8(ascii: "+")) }
        let digits = position
        if position < input.count, input[position].isASCIILetterOrUnderscore {
            while position < input.count, input[position].isASCIILetterOrUnderscore,
                input[position] != UInt8(ascii: "x")
            {
                position += 1
            }
        } else {
            scanDecimal()
        }
        let text = String(decoding: input[digits..<position], as: UTF8.self)
        if text == "stale", digits == start { return SampleValue.stale }
        guard case .value(let value) = GoNumber.parse(text) else {
            throw fail(
                "unexpected \(text.goQuoted) in series values, expected number or \"stale\"",
                at: start)
        }
        return isNegative ? -value : value
    }

    private mutating func scanDecimal() {
        var previous: UInt8 = 0
        while position < input.count {
            let byte = input[position]
            let isSign = byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
            let isPart =
                byte.isASCIIDigit || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
                || byte | 0x20 == UInt8(ascii: "e")
                || (isSign && previous | 0x20 == UInt8(ascii: "e"))
            if !isPart { return }
            previous = byte
            position += 1
        }
    }

    private mutating func readHistogram() throws(ParseErrors) -> String {
        let start = position
        while position + 1 < input.count {
            if input[position] == UInt8(ascii: "}"), input[position + 1] == UInt8(ascii: "}") {
                position += 2
                return String(decoding: input[start..<position], as: UTF8.self)
            }
            position += 1
        }
        throw fail("histogram description incomplete", at: start)
    }
}
