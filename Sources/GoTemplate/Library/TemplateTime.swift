import Model

/// Go's `time.Time` in templates: a moment, in a zone, with the methods people use.
public struct TemplateTime: TemplateObject, Hashable {
    /// The moment.
    public let moment: Timestamp
    /// Seconds east of UTC.
    public let offset: Int
    /// The zone's abbreviation, e.g. `UTC`, `CEST`.
    public let zone: String

    /// Go's zero time, year 1: what "no time" looks like.
    public static let zero = TemplateTime(Timestamp(milliseconds: -62_135_596_800_000))

    /// A moment in a zone, by default UTC.
    public init(_ moment: Timestamp, offset: Int = 0, zone: String = "UTC") {
        self.moment = moment
        self.offset = offset
        self.zone = zone
    }

    public var typeName: String { "time.Time" }

    /// As Go prints a time: `2006-01-02 15:04:05.999999999 -0700 MST`.
    public var formatted: String? { formatted(layout: "2006-01-02 15:04:05.999999999 -0700 MST") }

    /// In Go's layout language, where 2006-01-02 15:04:05 stands for the parts.
    public func formatted(layout: String) -> String {
        TimeLayout.format(self, layout)
    }

    public func method(_ name: String) -> TemplateFunction? {
        if let part = part(name) { return TemplateFunction { _ in part } }
        switch name {
        case "Format":
            return TemplateFunction([.string]) { .string(formatted(layout: $0.string(0))) }
        case "Add":
            return TemplateFunction([.named("time.Duration")]) { call in
                let moved = moment + Milliseconds(nanoseconds(call.arguments[0]) / 1_000_000)
                return .object(TemplateTime(moved, offset: offset, zone: zone))
            }
        case "Sub":
            return comparing { .object(TemplateDuration(milliseconds: (moment - $0.moment).value)) }
        case "Before": return comparing { .bool(moment < $0.moment) }
        case "After": return comparing { .bool(moment > $0.moment) }
        case "Equal": return comparing { .bool(moment == $0.moment) }
        case "Compare":
            return comparing {
                .int(moment < $0.moment ? -1 : moment > $0.moment ? 1 : 0)
            }
        default: return arithmetic(name)
        }
    }

    private func part(_ name: String) -> TemplateValue? {
        let civil = civil
        func int(_ value: Int) -> TemplateValue { .int(Int64(value)) }
        let milliseconds = moment.milliseconds
        switch name {
        case "Unix": return .int(milliseconds.floored(by: 1000))
        case "UnixMilli": return .int(milliseconds)
        case "UnixMicro": return .int(milliseconds.multipliedSaturating(1000))
        case "UnixNano": return .int(milliseconds.multipliedSaturating(1_000_000))
        case "Year": return int(civil.year)
        case "Month":
            return .object(
                NamedNumber("time.Month", civil.month, TimeLayout.months[civil.month - 1]))
        case "Weekday":
            return .object(
                NamedNumber("time.Weekday", civil.weekday, TimeLayout.days[civil.weekday]))
        case "Day": return int(civil.day)
        case "YearDay": return int(civil.dayOfYear)
        case "Hour": return int(civil.hour)
        case "Minute": return int(civil.minute)
        case "Second": return int(civil.second)
        case "Nanosecond":
            return .int((milliseconds - milliseconds.floored(by: 1000) * 1000) * 1_000_000)
        case "UTC", "Local": return .object(TemplateTime(moment))
        case "IsZero": return .bool(moment == TemplateTime.zero.moment)
        case "String": return .string(formatted ?? "")
        case "GoString": return .string(goString)
        case "Location": return .object(TemplateLocation(name: zone))
        default: return nil
        }
    }

    var civil: CivilTime {
        CivilTime(
            secondsSinceEpoch: moment.milliseconds.floored(by: 1000).addingSaturating(Int64(offset))
        )
    }

    private func comparing(
        _ body: @escaping @Sendable (TemplateTime) -> TemplateValue
    ) -> TemplateFunction {
        TemplateFunction([.named("time.Time")]) { call in
            guard case .object(let object) = call.arguments[0], let other = object as? TemplateTime
            else { return .null }
            return body(other)
        }
    }
}

private func nanoseconds(_ value: TemplateValue) -> Int64 {
    if case .int(let value) = value.underlying { value } else { 0 }
}

extension Int64 {
    /// The quotient rounded towards minus infinity.
    func floored(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

/// A number whose type gives it a name: `time.Month`, `time.Weekday`.
private struct NamedNumber: TemplateObject {
    let typeName: String
    let number: Int
    let name: String

    init(_ typeName: String, _ number: Int, _ name: String) {
        self.typeName = typeName
        self.number = number
        self.name = name
    }

    var underlying: TemplateValue? { .int(Int64(number)) }
    var formatted: String? { name }
    func method(_ name: String) -> TemplateFunction? {
        let text = self.name
        return name == "String" ? TemplateFunction { _ in .string(text) } : nil
    }
}

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
    public var seconds: Double {
        let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return Double(whole) + Double(rest) / 1e9
    }

    public func method(_ name: String) -> TemplateFunction? {
        func give(_ value: TemplateValue) -> TemplateFunction { TemplateFunction { _ in value } }
        func parts(_ unit: Int64) -> TemplateValue {
            let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: unit)
            return .float(Double(whole) + Double(rest) / Double(unit))
        }
        switch name {
        case "Seconds": return give(parts(1_000_000_000))
        case "Minutes": return give(parts(60_000_000_000))
        case "Hours": return give(parts(3_600_000_000_000))
        case "Milliseconds": return give(.int(nanoseconds / 1_000_000))
        case "Microseconds": return give(.int(nanoseconds / 1000))
        case "Nanoseconds": return give(.int(nanoseconds))
        case "String": return give(.string(formatted ?? ""))
        case "Abs":
            return give(
                .object(TemplateDuration(nanoseconds: Int64(clamping: nanoseconds.magnitude))))
        case "Round", "Truncate":
            let rounds = name == "Round"
            let length = nanoseconds
            return TemplateFunction([.named("time.Duration")]) { call in
                guard case .int(let unit) = call.arguments[0].underlying, unit > 0 else {
                    return .object(TemplateDuration(nanoseconds: length))
                }
                let rest = length % unit
                var result = length - rest
                if rounds, rest.magnitude >= (unit.magnitude + 1) / 2 {
                    result = result.addingSaturating(length < 0 ? -unit : unit)
                }
                return .object(TemplateDuration(nanoseconds: result))
            }
        default: return nil
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
