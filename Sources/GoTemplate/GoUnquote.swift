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
        if first == UInt8(ascii: "\\") { return escape(&rest, quote: quote, into: &out) }
        let length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
        let bytes = [first] + rest.prefix(length - 1)
        rest = rest.dropFirst(length - 1)
        out += bytes
        return String(decoding: bytes, as: UTF8.self).unicodeScalars.first?.value
    }

    /// What stands behind a backslash.
    private static func escape(
        _ rest: inout ArraySlice<UInt8>, quote: UInt8, into out: inout [UInt8]
    ) -> UInt32? {
        guard let kind = rest.first else { return nil }
        if let simple = simpleEscapes[kind] ?? (kind == quote ? quote : nil) {
            rest.removeFirst()
            out.append(simple)
            return UInt32(simple)
        }
        if let count = hexDigits[kind] {
            rest.removeFirst()
            guard let value = digits(&rest, count, radix: 16) else { return nil }
            return count == 2 ? appendByte(value, to: &out) : append(value, to: &out)
        }
        guard (0x30...0x37).contains(kind), let value = digits(&rest, 3, radix: 8), value < 256
        else { return nil }
        return appendByte(value, to: &out)
    }

    /// How many digits stand behind `\x`, `\u` and `\U`.
    private static let hexDigits: [UInt8: Int] = [
        UInt8(ascii: "x"): 2, UInt8(ascii: "u"): 4, UInt8(ascii: "U"): 8,
    ]

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

    private static func appendByte(_ value: UInt32, to out: inout [UInt8]) -> UInt32 {
        out.append(UInt8(truncatingIfNeeded: value))
        return value
    }
}
