import Model

enum Byte {
    static let newline = UInt8(ascii: "\n")
    static let hash = UInt8(ascii: "#")
    static let openBrace = UInt8(ascii: "{")
    static let closeBrace = UInt8(ascii: "}")
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")
    static let comma = UInt8(ascii: ",")
    static let equals = UInt8(ascii: "=")
    static let point = UInt8(ascii: ".")
    static let space = UInt8(ascii: " ")
    static let underscore = UInt8(ascii: "_")
}

extension UInt8 {
    @inline(__always) var isBlank: Bool { self == 0x20 || self == 0x09 }
    @inline(__always) var isDigit: Bool { self &- 0x30 < 10 }
    @inline(__always) var startsLabelName: Bool { (self | 0x20) &- 0x61 < 26 || self == 0x5f }
    @inline(__always) var continuesLabelName: Bool { startsLabelName || isDigit }
    @inline(__always) var startsMetricName: Bool { startsLabelName || self == 0x3a }
    @inline(__always) var continuesMetricName: Bool { startsMetricName || isDigit }
    /// Whether it cannot be part of a value.
    @inline(__always) var endsValue: Bool { isBlank || self == 0x0a || self == 0x7b }
}

/// Numbers as they stand in an exposition.
enum TextNumber {
    struct Failure: Error {
        let message: String
    }

    /// A decimal with at most 19 digits and a small exponent that a space or a line's end follows:
    /// the mantissa and the power of ten are exact, so one operation rounds correctly (Clinger,
    /// "How to read floating point numbers accurately", 1990). Nil for anything else.
    @inline(__always)
    static func plainDecimal(_ bytes: Span<UInt8>, from start: Int) -> (Double, Int)? {
        var index = start
        let count = bytes.count
        let isNegative = bytes[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }
        var mantissa: UInt64 = 0
        var digits = 0
        var scale = 0
        while index < count, bytes[index].isDigit {
            mantissa = mantissa &* 10 &+ UInt64(bytes[index] &- 0x30)
            digits += 1
            index += 1
        }
        if index < count, bytes[index] == Byte.point {
            index += 1
            let first = index
            while index < count, bytes[index].isDigit {
                mantissa = mantissa &* 10 &+ UInt64(bytes[index] &- 0x30)
                index += 1
            }
            scale = first - index
            digits += index - first
        }
        guard digits > 0, digits <= 19, mantissa <= 1 << 53 else { return nil }
        if index < count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            guard index < count else { return nil }
            let isSmall = bytes[index] == UInt8(ascii: "-")
            if isSmall || bytes[index] == UInt8(ascii: "+") { index += 1 }
            let first = index
            var exponent = 0
            while index < count, index - first < 4, bytes[index].isDigit {
                exponent = exponent * 10 + Int(bytes[index] &- 0x30)
                index += 1
            }
            guard index > first else { return nil }
            scale += isSmall ? -exponent : exponent
        }
        guard index >= count || bytes[index].isBlank || bytes[index] == Byte.newline,
            scale >= -22, scale <= 22
        else { return nil }
        var value = Double(mantissa)
        if scale < 0 {
            value /= powersOfTen[-scale]
        } else if scale > 0 {
            value *= powersOfTen[scale]
        }
        return (isNegative ? -value : value, index)
    }

    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]

    /// Any number that Prometheus takes. Hexadecimal ones it does not.
    static func parse(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Result<Double, Failure> {
        for index in range {
            let letter = bytes[index] | 0x20
            if letter == UInt8(ascii: "p") || bytes[index] == UInt8(ascii: "_") {
                return .failure(Failure(message: "unsupported character in float"))
            }
        }
        let quoted = TextEscapes.quoted(bytes, range)
        guard let value = GoFloat.parse(bytes.extracting(range)) else {
            return .failure(
                Failure(message: "strconv.ParseFloat: parsing \(quoted): invalid syntax"))
        }
        if value.isNaN { return .success(SampleValue.nan) }
        if value.isInfinite, range.contains(where: { bytes[$0].isDigit }) {
            return .failure(
                Failure(message: "strconv.ParseFloat: parsing \(quoted): value out of range"))
        }
        return .success(value)
    }
}

/// Texts as they stand in an exposition.
enum TextEscapes {
    /// What an error shows of the input at most.
    static let maximumQuotedBytes = 200

    static func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        var array: [UInt8] = []
        array.reserveCapacity(range.count)
        for index in range { array.append(bytes[index]) }
        return String(decoding: array, as: UTF8.self)
    }

    /// With `\\` and `\n`, and in labels `\"`, replaced; a backslash before anything else stays.
    static func unescape(
        _ bytes: Span<UInt8>, _ range: Range<Int>, quotes: Bool = true
    ) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            index += 1
            guard byte == Byte.backslash, index < range.upperBound else {
                out.append(byte)
                continue
            }
            switch bytes[index] {
            case Byte.backslash: out.append(Byte.backslash)
            case UInt8(ascii: "n"): out.append(Byte.newline)
            case Byte.quote where quotes: out.append(Byte.quote)
            default:
                out.append(byte)
                continue
            }
            index += 1
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// In quotes, as Go's `%q` prints bytes; only so much of it.
    static func quoted(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        let end = min(range.upperBound, range.lowerBound + maximumQuotedBytes)
        var out = "\""
        var index = range.lowerBound
        while index < end {
            let length = UTF8Check.scalarLength(bytes, index, end)
            if length == 0 {
                let text = String(bytes[index], radix: 16)
                out += "\\x" + (text.count < 2 ? "0" : "") + text
                index += 1
            } else {
                // By scalars: a combining mark makes one character with the quote before it.
                let quoted = Self.text(bytes, index..<index + length).goQuoted.unicodeScalars
                out.unicodeScalars.append(contentsOf: quoted.dropFirst().dropLast())
                index += length
            }
        }
        return out + (end < range.upperBound ? "…\"" : "\"")
    }
}

/// Whether bytes are UTF-8, by the table of the Unicode standard (3-7).
enum UTF8Check {
    static func isValid(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var index = range.lowerBound
        while index < range.upperBound {
            if bytes[index] < 0x80 {
                index += 1
                continue
            }
            let length = scalarLength(bytes, index, range.upperBound)
            if length == 0 { return false }
            index += length
        }
        return true
    }

    /// How many bytes the scalar at `index` takes; 0 where there is none.
    static func scalarLength(_ bytes: Span<UInt8>, _ index: Int, _ end: Int) -> Int {
        func next(_ offset: Int, _ low: UInt8 = 0x80, _ high: UInt8 = 0xbf) -> Bool {
            index + offset < end && bytes[index + offset] >= low && bytes[index + offset] <= high
        }
        switch bytes[index] {
        case 0x00...0x7f: return 1
        case 0xc2...0xdf: return next(1) ? 2 : 0
        case 0xe0: return next(1, 0xa0) && next(2) ? 3 : 0
        case 0xed: return next(1, 0x80, 0x9f) && next(2) ? 3 : 0
        case 0xe1...0xef: return next(1) && next(2) ? 3 : 0
        case 0xf0: return next(1, 0x90) && next(2) && next(3) ? 4 : 0
        case 0xf1...0xf3: return next(1) && next(2) && next(3) ? 4 : 0
        case 0xf4: return next(1, 0x80, 0x8f) && next(2) && next(3) ? 4 : 0
        default: return 0
        }
    }
}
