import Model

/// A number as it is written, and what it can be.
struct NumberLiteral: Sendable {
    var text: String
    var int: Int64?
    var float: Double?
    var isComplex = false
    var isUnsigned = false

    /// Whether it is written as a float: with a point or an exponent.
    var looksLikeFloat: Bool {
        if text.hasPrefix("'") { return false }
        let lower = text.lowercased()
        // A sign hides the prefix from Go: `0x1E` is an integer, `-0x1E` a float.
        if lower.hasPrefix("0x"), !lower.contains("p") { return false }
        return [".", "e", "p"].contains { lower.contains($0) }
    }

    /// Reads a number; nil where it is none.
    init?(_ text: String) {
        self.text = text
        let plain = text.filter { $0 != "_" }
        if !NumberLiteral.separatesDigits(text) { return nil }
        if text.hasSuffix("i") {
            guard GoFloat.parse(String(plain.dropLast())) != nil else { return nil }
            isComplex = true
            return
        }
        if let value = NumberLiteral.integer(plain) {
            int = value
            float = Double(value)
            return
        }
        if NumberLiteral.unsigned(plain) != nil {
            isUnsigned = true
            float = NumberLiteral.unsigned(plain).map(Double.init)
            return
        }
        guard let value = NumberLiteral.number(text) else { return nil }
        if !looksLikeFloat { return nil }
        float = value
        // A float that is whole also serves as an integer.
        if value == value.rounded(), abs(value) < 9.2e18 { int = Int64(value) }
    }

    /// A character constant, which is an integer.
    init?(character text: String) {
        guard let scalar = GoUnquote.character(text) else { return nil }
        self.text = text
        int = Int64(scalar)
        float = Double(scalar)
    }

    /// A complex constant, which nothing can be done with.
    init(complex text: String) {
        self.text = text
        isComplex = true
    }

    /// A text as a float, whether or not it may be written in a template; nil where it is no number.
    static func number(_ text: String) -> Double? {
        guard separatesDigits(text), let value = GoFloat.parse(text.filter { $0 != "_" }),
            value.isFinite
        else { return nil }
        return value
    }

    /// Whether every underscore stands between digits, or behind the prefix.
    private static func separatesDigits(_ text: String) -> Bool {
        var rest = Array(text.lowercased().utf8)[...]
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        var afterDigit = false
        var isHex = false
        if rest.count >= 2, rest.first == 0x30, let prefix = rest.dropFirst().first,
            "box".utf8.contains(prefix)
        {
            isHex = prefix == UInt8(ascii: "x")
            afterDigit = true
            rest.removeFirst(2)
        }
        var afterUnderscore = false
        for byte in rest {
            if byte == UInt8(ascii: "_") {
                if !afterDigit { return false }
                (afterDigit, afterUnderscore) = (false, true)
                continue
            }
            afterDigit = byte.isTemplateDigit || (isHex && byte.isHexDigit)
            if afterUnderscore, !afterDigit { return false }
            afterUnderscore = false
        }
        return !afterUnderscore
    }

    private static func split(_ text: String) -> (negative: Bool, digits: Substring, radix: Int) {
        var rest = text[...]
        let negative = rest.first == "-"
        if negative || rest.first == "+" { rest.removeFirst() }
        let lower = rest.lowercased()
        if lower.hasPrefix("0x") { return (negative, rest.dropFirst(2), 16) }
        if lower.hasPrefix("0b") { return (negative, rest.dropFirst(2), 2) }
        if lower.hasPrefix("0o") { return (negative, rest.dropFirst(2), 8) }
        if rest.utf8.count > 1, rest.first == "0" { return (negative, rest.dropFirst(), 8) }
        return (negative, rest, 10)
    }

    private static func integer(_ text: String) -> Int64? {
        let (negative, digits, radix) = split(text)
        guard digits.utf8.first.map({ $0 != 0x2b && $0 != 0x2d }) == true else { return nil }
        return Int64((negative ? "-" : "") + digits, radix: radix)
    }

    private static func unsigned(_ text: String) -> UInt64? {
        let (negative, digits, radix) = split(text)
        guard !negative, digits.utf8.first.map({ $0 != 0x2b && $0 != 0x2d }) == true else {
            return nil
        }
        return UInt64(digits, radix: radix)
    }
}

/// Go's string and character literals.
enum GoUnquote {
    /// The text of a literal in double quotes or backquotes; nil where it is not valid.
    static func string(_ literal: String) -> String? {
        let bytes = Array(literal.utf8)
        guard bytes.count >= 2, let quote = bytes.first, bytes.last == quote else { return nil }
        let inner = bytes[1..<bytes.count - 1]
        if quote == UInt8(ascii: "`") {
            return String(decoding: inner.filter { $0 != 0x0d }, as: UTF8.self)
        }
        var out: [UInt8] = []
        var rest = inner
        while !rest.isEmpty {
            guard unescape(&rest, quote: quote, into: &out) != nil else { return nil }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// The character of a literal in single quotes; nil where it is not exactly one.
    static func character(_ literal: String) -> UInt32? {
        let bytes = Array(literal.utf8)
        guard bytes.count >= 3, bytes.first == 0x27, bytes.last == 0x27 else { return nil }
        var rest = bytes[1..<bytes.count - 1]
        var out: [UInt8] = []
        guard let scalar = unescape(&rest, quote: 0x27, into: &out), rest.isEmpty else {
            return nil
        }
        return scalar
    }

    /// Whether behind the opening quote there is at least one valid character.
    static func beginsWithCharacter(_ literal: String) -> Bool {
        var rest = Array(literal.utf8).dropFirst()
        var out: [UInt8] = []
        guard rest.first != 0x27 else { return false }
        return unescape(&rest, quote: 0x27, into: &out) != nil
    }

    /// Takes one character off `rest`, appends its bytes and returns its code.
    private static func unescape(
        _ rest: inout ArraySlice<UInt8>, quote: UInt8, into out: inout [UInt8]
    ) -> UInt32? {
        guard let first = rest.popFirst() else { return nil }
        if first != UInt8(ascii: "\\") {
            if first < 0x80 {
                out.append(first)
                return UInt32(first)
            }
            let length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
            let bytes = [first] + rest.prefix(length - 1)
            rest = rest.dropFirst(length - 1)
            out += bytes
            return String(decoding: bytes, as: UTF8.self).unicodeScalars.first?.value
        }
        guard let kind = rest.popFirst() else { return nil }
        if let simple = simpleEscapes[kind] {
            out.append(simple)
            return UInt32(simple)
        }
        switch kind {
        case 0x22, 0x27:
            guard kind == quote else { return nil }
            out.append(kind)
            return UInt32(kind)
        case UInt8(ascii: "x"), UInt8(ascii: "u"), UInt8(ascii: "U"):
            let count = kind == UInt8(ascii: "x") ? 2 : kind == UInt8(ascii: "u") ? 4 : 8
            guard let value = digits(&rest, count, radix: 16) else { return nil }
            if count == 2 {
                out.append(UInt8(truncatingIfNeeded: value))
                return value
            }
            return append(value, to: &out)
        case 0x30...0x37:
            rest = [kind] + rest
            guard let value = digits(&rest, 3, radix: 8), value < 256 else { return nil }
            out.append(UInt8(truncatingIfNeeded: value))
            return value
        default: return nil
        }
    }

    private static let simpleEscapes: [UInt8: UInt8] = [
        0x61: 7, 0x62: 8, 0x66: 12, 0x6e: 10, 0x72: 13, 0x74: 9, 0x76: 11, 0x5c: 0x5c,
    ]

    private static func digits(
        _ rest: inout ArraySlice<UInt8>, _ count: Int, radix: Int
    ) -> UInt32? {
        guard rest.count >= count, let first = rest.first, first != 0x2b, first != 0x2d else {
            return nil
        }
        let text = String(decoding: rest.prefix(count), as: UTF8.self)
        rest = rest.dropFirst(count)
        return UInt32(text, radix: radix)
    }

    private static func append(_ value: UInt32, to out: inout [UInt8]) -> UInt32? {
        guard let scalar = Unicode.Scalar(value) else { return nil }
        out += Array(String(scalar).utf8)
        return value
    }
}
