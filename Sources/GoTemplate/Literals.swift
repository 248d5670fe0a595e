import Model

/// A number as it is written, and what it can be.
struct NumberLiteral: Sendable {
    var text: String
    var int: Int64?
    var float: Double?
    /// The real and the imaginary part of a number that is written with an `i`.
    var complex: (real: Double, imaginary: Double)?
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
            guard let imaginary = NumberLiteral.number(String(text.dropLast())) else { return nil }
            setComplex(0, imaginary)
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

    /// Reads a complex constant with both parts, `2+3i`; nil where one of them is no number.
    init?(complex text: String) {
        self.text = text
        let (first, second) = NumberLiteral.parts(of: text)
        guard let real = NumberLiteral.number(first), let imaginary = NumberLiteral.number(second)
        else { return nil }
        setComplex(real, imaginary)
    }

    /// The two numbers of a complex constant, which ends in `i`: the second begins at the last sign
    /// that is not an exponent's.
    static func parts(of text: String) -> (String, String) {
        let bytes = Array(text.utf8.dropLast())
        let isHex = text.lowercased().contains("0x")
        let exponents = isHex ? "pP" : "eE"
        let sign = bytes.indices.dropFirst().last {
            (bytes[$0] == UInt8(ascii: "+") || bytes[$0] == UInt8(ascii: "-"))
                && !exponents.utf8.contains(bytes[$0 - 1])
        }
        let split = sign ?? bytes.count
        return (
            String(decoding: bytes[..<split], as: UTF8.self),
            String(decoding: bytes[split...], as: UTF8.self)
        )
    }

    /// One without an imaginary part serves as a float too, and a whole one as an integer.
    private mutating func setComplex(_ real: Double, _ imaginary: Double) {
        complex = (real, imaginary)
        if imaginary != 0 { return }
        float = real
        if real == real.rounded(), abs(real) < 9.2e18 { int = Int64(real) }
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
