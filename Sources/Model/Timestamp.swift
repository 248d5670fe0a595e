#if canImport(Glibc)
    import Glibc
#endif

/// A moment: milliseconds since 1970, UTC. Samples, rules and alerts all use it.
public struct Timestamp: Hashable, Comparable, Sendable, Codable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public var milliseconds: Int64

    /// From milliseconds since 1970.
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// From seconds since 1970, rounded to the millisecond; clamped to what fits.
    public init(seconds: Double) {
        milliseconds = Int64(clamping: (seconds * 1000).rounded())
    }

    /// What the system's clock says now; it may be set back.
    @Sendable public static func wallClock() -> Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// Seconds since 1970.
    public var seconds: Double { Double(milliseconds) / 1000 }

    /// Whole seconds since 1970, rounded down.
    public var wholeSeconds: Int64 { floorDivide(milliseconds, by: 1000).quotient }

    public init(from decoder: any Decoder) throws {
        milliseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }

    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }

    /// Stays at the end of time where it would go beyond.
    public static func + (a: Timestamp, b: Milliseconds) -> Timestamp {
        Timestamp(milliseconds: a.milliseconds.addingSaturating(b.value))
    }

    public static func - (a: Timestamp, b: Milliseconds) -> Timestamp {
        Timestamp(milliseconds: a.milliseconds.addingSaturating(0 &- b.value))
    }

    public static func - (a: Timestamp, b: Timestamp) -> Milliseconds {
        Milliseconds(a.milliseconds.addingSaturating(0 &- b.milliseconds))
    }

    /// Long before any sample.
    public static let distantPast = Timestamp(milliseconds: Int64.min / 4)
    /// Long after any sample.
    public static let distantFuture = Timestamp(milliseconds: Int64.max / 4)
}

/// A length of time in whole milliseconds; what Prometheus's configuration calls a duration.
public struct Milliseconds: Hashable, Comparable, Sendable, Codable {
    /// The number of milliseconds; may be negative.
    public var value: Int64

    /// A length of `value` milliseconds.
    public init(_ value: Int64) { self.value = value }

    /// A whole number of seconds.
    public static func seconds(_ count: Int64) -> Milliseconds {
        Milliseconds(count.multipliedSaturating(1000))
    }

    /// A whole number of minutes.
    public static func minutes(_ count: Int64) -> Milliseconds {
        Milliseconds(count.multipliedSaturating(60_000))
    }

    /// Nothing.
    public static let zero = Milliseconds(0)

    /// In seconds.
    public var inSeconds: Double { Double(value) / 1000 }

    /// As Swift's `Duration`.
    public var duration: Duration { .milliseconds(value) }

    public init(from decoder: any Decoder) throws {
        value = try decoder.singleValueContainer().decode(Int64.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }

    public static func < (a: Milliseconds, b: Milliseconds) -> Bool { a.value < b.value }

    public static func + (a: Milliseconds, b: Milliseconds) -> Milliseconds {
        Milliseconds(a.value.addingSaturating(b.value))
    }
}

extension Int64 {
    /// The double's whole part; the nearest end where it does not fit, 0 for NaN.
    public init(clamping value: Double) {
        if value.isNaN {
            self = 0
        } else if value >= 9.223372036854775e18 {
            self = .max
        } else if value <= -9.223372036854775e18 {
            self = .min
        } else {
            self = Int64(value)
        }
    }

    /// The sum, or the nearest end of the range.
    public func addingSaturating(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    /// The product, or the nearest end of the range.
    public func multipliedSaturating(_ other: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? ((self < 0) != (other < 0) ? .min : .max) : product
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC, with milliseconds where they are not zero: `2026-01-05T09:00:00.250Z`.
    public var description: String { rfc3339(alwaysMilliseconds: false) }

    /// RFC 3339, by a clock `offset` seconds east of UTC: `2026-01-05T09:00:00Z`,
    /// `2026-01-05T11:00:00+02:00`.
    public func rfc3339(alwaysMilliseconds: Bool, offset: Int = 0) -> String {
        let (seconds, millis) = floorDivide(milliseconds, by: 1000)
        let civil = CivilTime(secondsSinceEpoch: seconds.addingSaturating(Int64(offset)))
        let fraction = millis == 0 && !alwaysMilliseconds ? "" : "." + pad(Int(millis), 3)
        return pad(civil.year, 4) + "-" + pad(civil.month, 2) + "-" + pad(civil.day, 2) + "T"
            + pad(civil.hour, 2) + ":" + pad(civil.minute, 2) + ":" + pad(civil.second, 2)
            + fraction + Timestamp.zone(offset)
    }

    private static func zone(_ offset: Int) -> String {
        if offset == 0 { return "Z" }
        let minutes = Int(offset.magnitude / 60)
        return (offset < 0 ? "-" : "+") + pad(minutes / 60, 2) + ":" + pad(minutes % 60, 2)
    }

    /// Reads RFC 3339 (`2026-01-05T09:00:00.25+01:00`) or nil. Digits past the millisecond are cut.
    public init?(rfc3339 text: String) {
        guard let written = WrittenTime(rfc3339: text) else { return nil }
        self = written.timestamp
    }
}

/// A date and time of day in UTC (proleptic Gregorian calendar), from seconds since 1970.
///
/// The day arithmetic is Howard Hinnant's "chrono-compatible low-level date algorithms".
public struct CivilTime: Sendable, Equatable {
    /// The year, e.g. 2026.
    public var year = 1970
    /// The month, 1 to 12.
    public var month = 1
    /// The day of the month, from 1.
    public var day = 1
    /// The hour, 0 to 23.
    public var hour = 0
    /// The minute, 0 to 59.
    public var minute = 0
    /// The second, 0 to 59.
    public var second = 0
    /// The day of the week, Sunday 0.
    public var weekday = 0
    /// The day of the year, from 1.
    public var dayOfYear = 1

    /// The parts of the moment `seconds` after 1970 (before it where negative).
    public init(secondsSinceEpoch seconds: Int64) {
        let clamped = min(max(seconds, -62_167_219_200_000), 253_402_300_799_000)
        let (days, rest) = floorDivide(clamped, by: 86_400)
        let z = days + 719_468
        let (era, dayOfEra) = floorDivide(z, by: 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * shifted + 2) / 5 + 1)
        month = Int(shifted < 10 ? shifted + 3 : shifted - 9)
        year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
        hour = Int(rest / 3600)
        minute = Int(rest % 3600 / 60)
        second = Int(rest % 60)
        weekday = Int(floorDivide(days + 4, by: 7).remainder)
        self.dayOfYear = Int(days - CivilTime.days(year: year, month: 1, day: 1)) + 1
    }

    /// How many days the month has.
    public var daysInMonth: Int {
        let next = month == 12 ? (year + 1, 1) : (year, month + 1)
        return Int(
            CivilTime.days(year: next.0, month: next.1, day: 1)
                - CivilTime.days(year: year, month: month, day: 1))
    }

    /// Days from 1970-01-01 to the date.
    public static func days(year: Int, month: Int, day: Int) -> Int64 {
        let y = Int64(month <= 2 ? year - 1 : year)
        let (era, yearOfEra) = floorDivide(y, by: 400)
        let m = Int64(month)
        let dayOfYear = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + Int64(day) - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

/// Quotient rounded down, and a remainder that is never negative.
func floorDivide(_ a: Int64, by b: Int64) -> (quotient: Int64, remainder: Int64) {
    var (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
    if remainder < 0 {
        quotient -= 1
        remainder += b
    }
    return (quotient, remainder)
}

func pad(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.count)) + text
}
