import Model

/// Durations as Go's `time.ParseDuration` reads them.
enum GoDuration {
    private static let units: [(String, Double)] = [
        ("ns", 1e-6), ("us", 1e-3), ("µs", 1e-3), ("ms", 1), ("s", 1000), ("m", 60_000),
        ("h", 3_600_000),
    ]

    static func parse(_ text: String) -> Milliseconds? {
        if text == "0" { return .zero }
        var rest = Substring(text)
        var sign = 1.0
        if rest.hasPrefix("-") || rest.hasPrefix("+") {
            sign = rest.hasPrefix("-") ? -1 : 1
            rest = rest.dropFirst()
        }
        if rest.isEmpty { return nil }
        var total = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
            rest = rest.dropFirst(unit.count)
            guard let number = Double(digits), let (_, size) = units.first(where: { $0.0 == unit })
            else { return nil }
            total += number * size
        }
        guard total <= 9.2e12 else { return nil }
        return Milliseconds(Int64(clamping: sign * total))
    }
}

/// Sizes as Prometheus reads them: every unit is a power of 1024.
public enum ByteSize {
    /// Why a text is no size.
    public struct ParseError: Error, CustomStringConvertible {
        public let description: String
    }

    private static let powers: [String: Int64] = [
        "B": 1, "KB": 1 << 10, "KiB": 1 << 10, "MB": 1 << 20, "MiB": 1 << 20, "GB": 1 << 30,
        "GiB": 1 << 30, "TB": 1 << 40, "TiB": 1 << 40, "PB": 1 << 50, "PiB": 1 << 50,
        "EB": 1 << 60, "EiB": 1 << 60,
    ]

    /// The bytes that a text such as `10MB` says.
    public static func parse(_ text: String) throws(ParseError) -> Int64 {
        if text == "0" { return 0 }
        var rest = Substring(text)
        let negative = rest.hasPrefix("-")
        if negative || rest.hasPrefix("+") { rest = rest.dropFirst() }
        if rest.isEmpty { throw ParseError(description: "units: invalid \(text)") }
        var total = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
            rest = rest.dropFirst(unit.count)
            guard let number = Double(digits) else {
                throw ParseError(description: "units: invalid \(text)")
            }
            guard let size = powers[String(unit)] else {
                throw ParseError(description: "units: unknown unit \(unit) in \(text)")
            }
            total += number * Double(size)
        }
        guard total < 9.2e18 else { throw ParseError(description: "units: overflow in \(text)") }
        return Int64(clamping: negative ? -total : total)
    }
}
