import Model

/// Alertmanager's matchers as texts: `severity="critical"`, `{a=b, c=~"d|e"}`.
///
/// Two grammars exist: the newer one (any UTF-8, names may be quoted) and the classic one. A text
/// that only one of them can read is read by it; where both can and differ, the classic one counts.
public enum MatcherSyntax {
    /// Why a text is no matcher.
    public struct ParseError: Error, CustomStringConvertible, Sendable {
        /// What is wrong.
        public let description: String
    }

    /// Reads one or more matchers separated by commas, with or without braces.
    public static func parse(_ text: String) throws(ParseError) -> [Matcher] {
        var parser = UTF8MatcherParser(text)
        let newer = try? parser.matchers()
        do {
            return try ClassicMatcherParser.matchers(text)
        } catch {
            if let newer { return newer }
            throw error
        }
    }

    static func matcher(
        _ kind: Matcher.Kind, _ name: String, _ value: String
    ) throws(ParseError) -> Matcher {
        do {
            return try Matcher(kind, name, value)
        } catch {
            throw ParseError(description: "error parsing regexp: \(error.description)")
        }
    }
}

/// The newer grammar.
private struct UTF8MatcherParser {
    private let bytes: [UInt8]
    private let text: String
    private var position = 0

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    mutating func matchers() throws(MatcherSyntax.ParseError) -> [Matcher] {
        skipSpaces()
        let hasBrace = take("{")
        var matchers: [Matcher] = []
        skipSpaces()
        while position < bytes.count, bytes[position] != UInt8(ascii: "}") {
            matchers.append(try matcher())
            skipSpaces()
            guard take(",") else { break }
            skipSpaces()
        }
        if hasBrace {
            guard take("}") else { throw error("expected close brace") }
        }
        skipSpaces()
        if position < bytes.count { throw error("unexpected input: expected a comma or the end") }
        if matchers.isEmpty, !hasBrace { throw error("expected a matcher") }
        return matchers
    }

    private mutating func matcher() throws(MatcherSyntax.ParseError) -> Matcher {
        let name = try token("label name")
        skipSpaces()
        let kind: Matcher.Kind
        if take("=~") {
            kind = .matches
        } else if take("!~") {
            kind = .notMatches
        } else if take("!=") {
            kind = .notEqual
        } else if take("=") {
            kind = .equal
        } else {
            throw error("expected an operator such as '=', '!=', '=~' or '!~'")
        }
        skipSpaces()
        let value = try token("label value")
        return try MatcherSyntax.matcher(kind, name, value)
    }

    /// A quoted text, or one without any of the grammar's own characters.
    private mutating func token(_ what: String) throws(MatcherSyntax.ParseError) -> String {
        if position < bytes.count, bytes[position] == UInt8(ascii: "\"") { return try quoted() }
        let start = position
        while position < bytes.count, !isReserved(bytes[position]) { position += 1 }
        if start == position { throw error("expected \(what)") }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func quoted() throws(MatcherSyntax.ParseError) -> String {
        let start = position
        position += 1
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard position < bytes.count else { throw error("missing end \"") }
        position += 1
        let literal = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let value = GoLiteral.unquote(literal) else {
            throw error("invalid quoted text \(literal)")
        }
        return value
    }

    private func isReserved(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0d).contains(byte) || "{}!=~,\\\"'`".utf8.contains(byte)
    }

    private mutating func skipSpaces() {
        while position < bytes.count,
            bytes[position] == 0x20 || (0x09...0x0d).contains(bytes[position])
        {
            position += 1
        }
    }

    private mutating func take(_ token: String) -> Bool {
        guard bytes[position...].starts(with: token.utf8) else { return false }
        position += token.utf8.count
        return true
    }

    private func error(_ message: String) -> MatcherSyntax.ParseError {
        MatcherSyntax.ParseError(
            description: "bad matcher format: \(text): \(message) at position \(position + 1)")
    }
}

/// The classic grammar: a legacy name, an operator, and a value that may hold anything.
private enum ClassicMatcherParser {
    private static let pattern = try? LinearRegex(
        "\\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\\s*(=~|=|!=|!~)\\s*((?s:.*?))\\s*")

    static func matchers(_ text: String) throws(MatcherSyntax.ParseError) -> [Matcher] {
        var inner = text.trimmingWhitespace
        if inner.hasPrefix("{") { inner.removeFirst() }
        if inner.hasSuffix("}") { inner.removeLast() }
        var matchers: [Matcher] = []
        for part in split(inner) { matchers.append(try matcher(part)) }
        return matchers
    }

    /// At commas outside quotes; a comma at the end is allowed.
    private static func split(_ text: String) -> [String] {
        var parts: [String] = []
        var current: [UInt8] = []
        var quoted = false
        var escaped = false
        for byte in text.utf8 {
            if escaped {
                escaped = false
            } else if byte == UInt8(ascii: "\"") {
                quoted.toggle()
            } else if byte == UInt8(ascii: "\\") {
                escaped = true
            } else if byte == UInt8(ascii: ","), !quoted {
                parts.append(String(decoding: current, as: UTF8.self))
                current = []
                continue
            }
            current.append(byte)
        }
        let last = String(decoding: current, as: UTF8.self)
        return last.trimmingWhitespace.isEmpty ? parts : parts + [last]
    }

    private static func matcher(_ text: String) throws(MatcherSyntax.ParseError) -> Matcher {
        let bad = MatcherSyntax.ParseError(description: "bad matcher format: \(text)")
        guard let groups = pattern?.groupsOfWholeMatch(text), groups.count == 4,
            let name = groups[1], let kind = groups[2].flatMap(Matcher.Kind.init),
            let raw = groups[3]
        else { throw bad }
        guard let value = unescape(raw) else {
            throw MatcherSyntax.ParseError(
                description: "matcher value contains unescaped double quote: \(raw)")
        }
        return try MatcherSyntax.matcher(kind, name, value)
    }

    /// Outer quotes are dropped; `\n`, `\"` and `\\` are replaced; a lone quote inside is wrong.
    private static func unescape(_ raw: String) -> String? {
        var bytes = Array(raw.utf8)[...]
        let quote = UInt8(ascii: "\"")
        let isQuoted = bytes.first == quote
        if isQuoted {
            bytes = bytes.dropFirst()
            guard bytes.last == quote else { return nil }
            bytes = bytes.dropLast()
        }
        var out: [UInt8] = []
        var escaped = false
        for byte in bytes {
            if escaped {
                escaped = false
                switch byte {
                case UInt8(ascii: "n"): out.append(0x0a)
                case quote, UInt8(ascii: "\\"): out.append(byte)
                default: out += [UInt8(ascii: "\\"), byte]
                }
            } else if byte == UInt8(ascii: "\\") {
                escaped = true
            } else if byte == quote {
                return nil
            } else {
                out.append(byte)
            }
        }
        if escaped { out.append(UInt8(ascii: "\\")) }
        return String(decoding: out, as: UTF8.self)
    }
}

extension Sequence<Matcher> {
    /// Alertmanager's order: by name, then value, then kind.
    var inAlertmanagerOrder: [Matcher] {
        sorted { a, b in
            let byName = a.name.byteOrder(b.name)
            if byName != 0 { return byName < 0 }
            let byValue = a.value.byteOrder(b.value)
            if byValue != 0 { return byValue < 0 }
            return a.kind.order < b.kind.order
        }
    }
}

extension Matcher.Kind {
    fileprivate var order: Int {
        switch self {
        case .equal: 0
        case .notEqual: 1
        case .matches: 2
        case .notMatches: 3
        }
    }
}
