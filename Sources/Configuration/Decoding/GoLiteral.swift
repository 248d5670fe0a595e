/// Texts in double quotes with Go's escapes.
enum GoLiteral {
    /// What the literal means, nil where it is none.
    static func unquote(_ literal: String) -> String? {
        var rest = Array(literal.utf8)[...]
        let quote = UInt8(ascii: "\"")
        guard rest.count >= 2, rest.popFirst() == quote, rest.popLast() == quote else { return nil }
        var out: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == quote || byte == 0x0a { return nil }
            if byte != UInt8(ascii: "\\") {
                out.append(byte)
                continue
            }
            guard let escape = rest.popFirst(), let bytes = escaped(escape, &rest) else {
                return nil
            }
            out += bytes
        }
        return String(validating: out, as: UTF8.self)
    }

    private static func escaped(_ escape: UInt8, _ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        switch escape {
        case UInt8(ascii: "a"): return [0x07]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0c]
        case UInt8(ascii: "n"): return [0x0a]
        case UInt8(ascii: "r"): return [0x0d]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "v"): return [0x0b]
        case UInt8(ascii: "\\"), UInt8(ascii: "\""): return [escape]
        case UInt8(ascii: "x"):
            return number(2, 16, &rest).flatMap { UInt8(exactly: $0) }.map { [$0] }
        case UInt8(ascii: "u"): return scalar(4, &rest)
        case UInt8(ascii: "U"): return scalar(8, &rest)
        case 0x30...0x37:
            rest = [escape] + rest
            return number(3, 8, &rest).flatMap { UInt8(exactly: $0) }.map { [$0] }
        default: return nil
        }
    }

    private static func number(
        _ count: Int, _ radix: Int, _ rest: inout ArraySlice<UInt8>
    ) -> UInt32? {
        guard rest.count >= count else { return nil }
        let digits = rest.prefix(count)
        rest = rest.dropFirst(count)
        guard digits.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) else {
            return nil
        }
        return UInt32(String(decoding: digits, as: UTF8.self), radix: radix)
    }

    private static func scalar(_ count: Int, _ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        number(count, 16, &rest).flatMap(Unicode.Scalar.init).map { Array(String($0).utf8) }
    }
}
