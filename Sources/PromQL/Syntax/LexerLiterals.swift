import Model

/// Numbers, durations and strings.
extension Lexer {
    mutating func numberOrDuration() -> Token {
        if scanNumber() { return emit(.number) }
        if scanRestOfDuration() { return emit(.duration) }
        return fail("bad number or duration syntax: \(text(start, position).goQuoted)")
    }

    /// What stands behind the digits of a duration: a unit, and more digits with units.
    private mutating func scanRestOfDuration() -> Bool {
        func isUnit(_ byte: UInt8) -> Bool { "smhdw".utf8.contains(byte) }
        guard accept({ isUnit($0) || $0 == UInt8(ascii: "y") }) else { return false }
        // `ms`; units that do not exist (`hs`) are found when the duration is read.
        _ = accept("s")
        while accept(\.isASCIIDigit) {
            while accept(\.isASCIIDigit) {}
            guard accept(isUnit) else { return false }
            _ = accept("s")
        }
        guard let byte = peek(), byte.isASCIIDigit || byte.isASCIILetterOrUnderscore else {
            return true
        }
        position += 1
        return false
    }

    private mutating func scanNumber() -> Bool {
        let begin = position
        var isHex = false
        if accept("0"), accept({ $0 | 0x20 == UInt8(ascii: "x") }) {
            _ = accept("_")
            isHex = true
        }
        func isDigit(_ byte: UInt8) -> Bool {
            byte.isASCIIDigit || (isHex && (byte | 0x20) &- 0x61 < 6)
        }
        func isExponent(_ byte: UInt8) -> Bool { byte | 0x20 == UInt8(ascii: "e") }
        func isPoint(_ byte: UInt8) -> Bool { byte == UInt8(ascii: ".") }
        func isUnderscore(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "_") }
        func isPunctuation(_ byte: UInt8) -> Bool {
            isPoint(byte) || isUnderscore(byte) || isExponent(byte)
        }
        _ = accept(isPoint)
        _ = accept(isDigit)
        var hasPoint = false
        var hasExponent = false
        while let byte = peek(), isDigit(byte) || isPunctuation(byte) {
            if isPoint(byte) {
                position += 1
                if hasPoint { return false }
                hasPoint = true
                if accept({ isUnderscore($0) || isPoint($0) }) || isHex { return false }
            } else if isExponent(byte), !isHex || hasExponent {
                position += 1
                if hasExponent { return false }
                hasExponent = true
                _ = accept { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
                if accept(isPunctuation) || peek() == nil { return false }
            } else if isUnderscore(byte) {
                position += 1
                if accept(isPunctuation) || peek() == nil { return false }
            } else {
                while accept(isDigit) {}
            }
        }
        if position == begin { return false }
        guard let byte = peek() else { return true }
        return !(byte.isASCIIDigit || byte.isASCIILetterOrUnderscore)
    }

    /// A string in double or single quotes, its quotes included.
    mutating func quotedString(_ quote: UInt8) -> Token {
        position += 1
        while let byte = peek() {
            switch byte {
            case 0x0a: return fail("unterminated quoted string")
            case quote:
                position += 1
                return emit(.string)
            case UInt8(ascii: "\\"):
                position += 1
                if let reason = scanEscape(quote) { return fail(reason) }
            default:
                if isReplacementCharacter { return fail("invalid UTF-8 rune") }
                position += 1
            }
        }
        return fail("unterminated quoted string")
    }

    /// A string in backquotes.
    mutating func rawString() -> Token {
        position += 1
        while let byte = peek() {
            if byte == UInt8(ascii: "`") {
                position += 1
                return emit(.string)
            }
            if isReplacementCharacter { return fail("invalid UTF-8 rune") }
            position += 1
        }
        return fail("unterminated raw string")
    }

    /// Prometheus refuses U+FFFD in strings, written or from bytes that are not UTF-8.
    private var isReplacementCharacter: Bool {
        peek() == 0xef && peek(1) == 0xbf && peek(2) == 0xbd
    }

    /// Reads an escape sequence behind its backslash; returns what is wrong with it, or nil.
    private mutating func scanEscape(_ quote: UInt8) -> String? {
        guard let byte = peek() else { return "escape sequence not terminated" }
        let digits: Int
        let base: UInt32
        let maximum: UInt32
        switch byte {
        case quote: fallthrough
        case UInt8(ascii: "a"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"), UInt8(ascii: "v"), UInt8(ascii: "\\"):
            position += 1
            return nil
        case UInt8(ascii: "0")...UInt8(ascii: "7"): (digits, base, maximum) = (3, 8, 255)
        case UInt8(ascii: "x"): (digits, base, maximum) = (2, 16, 255)
        case UInt8(ascii: "u"): (digits, base, maximum) = (4, 16, 0x10ffff)
        case UInt8(ascii: "U"): (digits, base, maximum) = (8, 16, 0x10ffff)
        default: return "unknown escape sequence \(unicodeName(at: position))"
        }
        if base == 16 { position += 1 }
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let byte = peek() else { return "escape sequence not terminated" }
            guard let digit = byte.hexDigit, digit < base else {
                return "illegal character \(unicodeName(at: position)) in escape sequence"
            }
            // Eight hexadecimal digits fill the 32 bits exactly.
            value = value &* base &+ digit
            position += 1
        }
        if value > maximum || (0xd800..<0xe000).contains(value) {
            return "escape sequence is an invalid Unicode code point"
        }
        return nil
    }

    /// A character as Go's `%#U` shows it: `U+0041 'A'`.
    private func unicodeName(at index: Int) -> String {
        let scalar = scalar(at: index)
        let hex = String(scalar.value, radix: 16, uppercase: true)
        let number = "U+" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
        return scalar.isGoPrintable ? "\(number) '\(scalar)'" : number
    }
}

extension UInt8 {
    var hexDigit: UInt32? {
        if isASCIIDigit { return UInt32(self &- 0x30) }
        let lower = self | 0x20
        return lower &- 0x61 < 6 ? UInt32(lower &- 0x61) + 10 : nil
    }
}

/// The content of a string token, which the lexer has checked. Bytes that are no UTF-8 (`"\xff"`)
/// become U+FFFD.
func unquoted(_ literal: String) -> String {
    String(decoding: unquotedBytes(literal), as: UTF8.self)
}

/// The content of a string token, byte for byte.
func unquotedBytes(_ literal: String) -> [UInt8] {
    let bytes = Array(literal.utf8)
    guard bytes.count >= 2, let quote = bytes.first else { return [] }
    let content = bytes[1..<(bytes.count - 1)]
    if quote == UInt8(ascii: "`") || !content.contains(UInt8(ascii: "\\")) {
        return Array(content)
    }
    var escapes = Escapes(content)
    var out: [UInt8] = []
    out.reserveCapacity(content.count)
    while let next = escapes.next() { out += next }
    return out
}

/// The bytes that stand for a string's content, escapes as what they mean.
private struct Escapes {
    private let content: ArraySlice<UInt8>
    private var index: Int

    init(_ content: ArraySlice<UInt8>) {
        self.content = content
        index = content.startIndex
    }

    /// What the next character or escape means; nil at the end.
    mutating func next() -> [UInt8]? {
        if index == content.endIndex { return nil }
        let byte = content[index]
        index += 1
        guard byte == UInt8(ascii: "\\"), index < content.endIndex else { return [byte] }
        return meaning()
    }

    /// What the escape means whose letter comes next.
    private mutating func meaning() -> [UInt8] {
        let letter = content[index]
        index += 1
        switch letter {
        case UInt8(ascii: "a"): return [0x07]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0c]
        case UInt8(ascii: "n"): return [0x0a]
        case UInt8(ascii: "r"): return [0x0d]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "v"): return [0x0b]
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            index -= 1
            return [UInt8(truncatingIfNeeded: number(3, base: 8))]
        case UInt8(ascii: "x"): return [UInt8(truncatingIfNeeded: number(2, base: 16))]
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            let value = number(letter == UInt8(ascii: "u") ? 4 : 8, base: 16)
            return Array(String(Unicode.Scalar(value) ?? "\u{FFFD}").utf8)
        default: return [letter]
        }
    }

    private mutating func number(_ digits: Int, base: UInt32) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<digits where index < content.endIndex {
            value = value &* base &+ (content[index].hexDigit ?? 0)
            index += 1
        }
        return value
    }
}
