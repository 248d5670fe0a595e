#if canImport(Glibc)
    import Glibc
#endif

/// Floating point numbers as Go writes and reads them, which is how Prometheus shows them.
public enum GoFloat {
    /// The shortest decimal that reads back the same, never with an exponent: the values of the API
    /// (`strconv.FormatFloat(v, 'f', -1, 64)`), `NaN`, `+Inf`, `-Inf`.
    public static func fixed(_ value: Double) -> String {
        if let special = special(value) { return special }
        let (negative, digits, point) = decimal(value)
        return (negative ? "-" : "") + plain(digits, point)
    }

    /// What Go's `%v` prints, `strconv.FormatFloat(v, 'g', -1, 64)`: the shortest decimal, with an
    /// exponent below 1e-4 and from 1e6 on (`{{ $value }}` of a million is `1e+06`).
    public static func general(_ value: Double) -> String {
        general(value, exponentFrom: 6)
    }

    /// As `general(_:)`; `exponentFrom` is the power of ten from which an exponent is written.
    public static func general(_ value: Double, exponentFrom: Int) -> String {
        if let special = special(value) { return special }
        let (negative, digits, point) = decimal(value)
        let exponent = digits.isEmpty ? 0 : point - 1
        let sign = negative ? "-" : ""
        if exponent < -4 || exponent >= exponentFrom {
            let first = digits.prefix(1)
            let rest = digits.dropFirst()
            let mantissa = rest.isEmpty ? String(first) : "\(first).\(rest)"
            return "\(sign)\(mantissa)e\(exponent < 0 ? "-" : "+")\(pad(abs(exponent), 2))"
        }
        return sign + plain(digits, point)
    }

    /// As OpenMetrics writes bounds and quantiles: as `general`, and with `.0` where it is whole.
    public static func openMetrics(_ value: Double) -> String {
        let text = general(value, exponentFrom: 6)
        let isWhole = text.utf8.allSatisfy { $0 != UInt8(ascii: ".") && $0 < UInt8(ascii: "A") }
        return isWhole ? text + ".0" : text
    }

    private static func special(_ value: Double) -> String? {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return nil
    }

    private static func plain(_ digits: String, _ point: Int) -> String {
        if digits.isEmpty { return "0" }
        if point <= 0 { return "0." + String(repeating: "0", count: -point) + digits }
        if digits.count <= point {
            return digits + String(repeating: "0", count: point - digits.count)
        }
        return "\(digits.prefix(point)).\(digits.dropFirst(point))"
    }

    /// The shortest significant digits and where the point stands: 0.d₁d₂… × 10^point.
    private static func decimal(_ value: Double) -> (negative: Bool, digits: String, point: Int) {
        var digits: [UInt8] = []
        var point = 0
        var seenPoint = false
        var exponent = 0
        var bytes = Array(value.magnitude.description.utf8)[...]
        if let e = bytes.firstIndex(of: UInt8(ascii: "e")) {
            exponent = Int(String(decoding: bytes[(e + 1)...], as: UTF8.self)) ?? 0
            bytes = bytes[..<e]
        }
        for byte in bytes {
            if byte == UInt8(ascii: ".") {
                seenPoint = true
            } else {
                if !seenPoint { point += 1 }
                digits.append(byte)
            }
        }
        let leading = digits.prefix { $0 == 0x30 }.count
        digits.removeFirst(leading)
        point -= leading
        while digits.last == 0x30 { digits.removeLast() }
        return (
            value.sign == .minus, String(decoding: digits, as: UTF8.self),
            digits.isEmpty ? 0 : point + exponent
        )
    }

    /// Reads what Go's `strconv.ParseFloat` reads: decimals, exponents, hexadecimal floats, `Inf`,
    /// `infinity` and `NaN` in any case. Too large becomes an infinity, as there with a range error
    /// ignored. Nil where it is not a number.
    public static func parse(_ text: String) -> Double? {
        var text = text
        return text.withUTF8 { unsafe parse($0.span) }
    }

    /// As `parse(_:)`, from bytes.
    public static func parse(_ bytes: Span<UInt8>) -> Double? {
        if let quick = simpleDecimal(bytes) { return quick }
        return slow(bytes)
    }

    /// Digits with at most one point and 15 significant places: exact in one division (Clinger,
    /// "How to read floating point numbers accurately", 1990).
    @inline(__always)
    private static func simpleDecimal(_ bytes: Span<UInt8>) -> Double? {
        let count = bytes.count
        if count == 0 || count > 17 { return nil }
        var index = 0
        let negative = bytes[0] == UInt8(ascii: "-")
        if negative || bytes[0] == UInt8(ascii: "+") { index = 1 }
        var mantissa: UInt64 = 0
        var digits = 0
        var decimals = -1
        while index < count {
            let byte = bytes[index]
            if byte &- 0x30 < 10 {
                mantissa = mantissa &* 10 &+ UInt64(byte &- 0x30)
                digits += 1
                if decimals >= 0 { decimals += 1 }
            } else if byte == UInt8(ascii: "."), decimals < 0 {
                decimals = 0
            } else {
                return nil
            }
            index += 1
        }
        if digits == 0 || digits > 15 { return nil }
        var value = Double(mantissa)
        if decimals > 0 { value /= powersOfTen[decimals] }
        return negative ? -value : value
    }

    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]

    private static func slow(_ bytes: Span<UInt8>) -> Double? {
        if bytes.count == 0 || bytes.count > 400 { return nil }
        var text: [CChar] = []
        text.reserveCapacity(bytes.count + 1)
        for index in 0..<bytes.count { text.append(CChar(bitPattern: bytes[index])) }
        guard isGoNumber(text) else { return nil }
        text.append(0)
        return unsafe text.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return nil }
            var end: UnsafeMutablePointer<CChar>?
            let value = unsafe strtod(base, &end)
            guard let end = unsafe end else { return nil }
            return unsafe end - UnsafeMutablePointer(mutating: base) == buffer.count - 1
                ? value : nil
        }
    }

    /// `strtod` also takes leading spaces and `nan(…)`, which Go does not; it wants no `p` after hex.
    private static func isGoNumber(_ text: [CChar]) -> Bool {
        var letters = text.map { UInt8(bitPattern: $0) }
        if letters.first == 0x2b || letters.first == 0x2d { letters.removeFirst() }
        let lower = letters.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
        let word = String(decoding: lower, as: UTF8.self)
        if word == "inf" || word == "infinity" { return true }
        if word == "nan" { return letters.count == text.count }
        if word.hasPrefix("0x") { return word.contains("p") }
        return lower.allSatisfy {
            $0.isDigit || $0 == 0x2e || $0 == 0x65 || $0 == 0x2b || $0 == 0x2d
        }
    }
}
