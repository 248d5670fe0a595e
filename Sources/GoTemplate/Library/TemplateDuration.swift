import Model

/// Go's `time.Duration` in templates: nanoseconds.
public struct TemplateDuration: TemplateObject, Hashable {
    /// The length.
    public let nanoseconds: Int64

    /// A length in nanoseconds.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// A length in milliseconds; the nearest that fits.
    public init(milliseconds: Int64) {
        nanoseconds = milliseconds.multipliedSaturating(1_000_000)
    }

    public var typeName: String { "time.Duration" }
    public var underlying: TemplateValue? { .int(nanoseconds) }

    /// In seconds, as Go computes it.
    public var seconds: Double { count(1_000_000_000) }

    public func method(_ name: String) -> TemplateFunction? {
        if let part = TemplateDuration.parts[name]?(self) { return TemplateFunction { _ in part } }
        return name == "Round" || name == "Truncate" ? rounding(toNearest: name == "Round") : nil
    }

    private static let parts: [String: @Sendable (TemplateDuration) -> TemplateValue] = [
        "Seconds": { .float($0.count(1_000_000_000)) },
        "Minutes": { .float($0.count(60_000_000_000)) },
        "Hours": { .float($0.count(3_600_000_000_000)) },
        "Milliseconds": { .int($0.nanoseconds / 1_000_000) },
        "Microseconds": { .int($0.nanoseconds / 1000) },
        "Nanoseconds": { .int($0.nanoseconds) },
        "String": { .string($0.formatted ?? "") },
        "Abs": {
            .object(TemplateDuration(nanoseconds: Int64(clamping: $0.nanoseconds.magnitude)))
        },
    ]

    /// In units of so many nanoseconds, as Go computes it.
    private func count(_ unit: Int64) -> Double {
        let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: unit)
        return Double(whole) + Double(rest) / Double(unit)
    }

    private func rounding(toNearest: Bool) -> TemplateFunction {
        TemplateFunction([.named("time.Duration")]) { call in
            guard case .int(let unit) = call.arguments[0].underlying, unit > 0 else {
                return .object(self)
            }
            let rest = nanoseconds % unit
            var result = nanoseconds - rest
            if toNearest, rest.magnitude >= (unit.magnitude + 1) / 2 {
                result = result.addingSaturating(nanoseconds < 0 ? -unit : unit)
            }
            return .object(TemplateDuration(nanoseconds: result))
        }
    }

    /// As Go prints a duration: `1h2m3.5s`, `250ms`, `0s`.
    public var formatted: String? {
        let size = nanoseconds.magnitude
        let sign = nanoseconds < 0 ? "-" : ""
        if size == 0 { return "0s" }
        if size < 1000 { return "\(sign)\(size)ns" }
        if size < 1_000_000 { return sign + TemplateDuration.fraction(size, 1000) + "µs" }
        if size < 1_000_000_000 { return sign + TemplateDuration.fraction(size, 1_000_000) + "ms" }
        let minutes = size / 60_000_000_000
        let seconds = TemplateDuration.fraction(size % 60_000_000_000, 1_000_000_000) + "s"
        if minutes == 0 { return sign + seconds }
        if minutes < 60 { return "\(sign)\(minutes)m\(seconds)" }
        return "\(sign)\(minutes / 60)h\(minutes % 60)m\(seconds)"
    }

    private static func fraction(_ value: UInt64, _ unit: UInt64) -> String {
        let (whole, rest) = value.quotientAndRemainder(dividingBy: unit)
        if rest == 0 { return String(whole) }
        var digits = String(rest)
        let width = String(unit).utf8.count - 1
        digits = String(repeating: "0", count: width - digits.utf8.count) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(whole).\(digits)"
    }
}
