import Model

/// The rule at the end of a zone file, for all times after its last change: `CET-1CEST,M3.5.0,M10.5.0/3`,
/// as POSIX writes `TZ`.
struct ZoneRule: Sendable, Hashable {
    private struct Summer: Sendable, Hashable {
        let clock: Zone.Clock
        let start, end: YearlyMoment
    }

    private let standard: Zone.Clock
    private let summer: Summer?

    /// What counts where a rule names daylight saving time and no days.
    private static let defaultDays = ",M3.2.0,M11.1.0"

    /// Reads a rule; nil where it is none.
    init?(_ text: String) {
        var reader = ZoneRuleReader(text)
        guard let name = reader.name(), let west = reader.offset() else { return nil }
        standard = Zone.Clock(-west, name)
        if reader.isAtEnd || reader.next == "," {
            summer = nil
            return
        }
        guard let summerName = reader.name() else { return nil }
        var offset = 3600 - west
        if !reader.isAtEnd, reader.next != "," {
            guard let summerWest = reader.offset() else { return nil }
            offset = -summerWest
        }
        if reader.isAtEnd { reader = ZoneRuleReader(ZoneRule.defaultDays) }
        guard reader.take(",") || reader.take(";"), let start = reader.moment(), reader.take(","),
            let end = reader.moment(), reader.isAtEnd
        else { return nil }
        summer = Summer(
            clock: Zone.Clock(offset, summerName, isDaylightSaving: true), start: start, end: end)
    }

    /// The clock that counts at a moment, in seconds since 1970.
    func clock(at seconds: Int64) -> Zone.Clock {
        guard let summer else { return standard }
        let civil = CivilTime(secondsSinceEpoch: seconds)
        let second =
            ((civil.dayOfYear - 1) * 24 + civil.hour) * 3600 + civil.minute * 60 + civil.second
        let start = summer.start.second(ofYear: civil.year) - standard.offset
        let end = summer.end.second(ofYear: civil.year) - summer.clock.offset
        // South of the equator summer goes over the turn of the year.
        let isSummer = start <= end ? (start..<end) ~= second : !((end..<start) ~= second)
        return isSummer ? summer.clock : standard
    }
}

/// A moment that comes each year, by the clock that counts before it.
struct YearlyMoment: Sendable, Hashable {
    enum Day: Sendable, Hashable {
        /// From 1; February 29 is not counted.
        case julian(Int)
        /// From 0.
        case ofYear(Int)
        /// The `week`th of this weekday in the month, or its last one.
        case weekday(Int, week: Int, month: Int)
    }

    let day: Day
    /// Seconds since midnight.
    let time: Int

    /// Seconds since the year began.
    func second(ofYear year: Int) -> Int {
        let newYear = CivilTime.days(year: year, month: 1, day: 1)
        let isLeap = CivilTime.days(year: year, month: 3, day: 1) - newYear == 60
        switch day {
        case .julian(let day): return (day - 1 + (isLeap && day >= 60 ? 1 : 0)) * 86_400 + time
        case .ofYear(let day): return day * 86_400 + time
        case .weekday(let weekday, let week, let month):
            let start = CivilTime.days(year: year, month: month, day: 1)
            let first = CivilTime(secondsSinceEpoch: start * 86_400)
            var day = (weekday - first.weekday + 7) % 7 + (week - 1) * 7
            while day >= first.daysInMonth { day -= 7 }
            return (Int(start - newYear) + day) * 86_400 + time
        }
    }
}

/// Takes a rule's parts off its text.
private struct ZoneRuleReader {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = Substring(text).utf8 }

    var isAtEnd: Bool { rest.isEmpty }
    var next: Unicode.Scalar? { rest.first.map { Unicode.Scalar($0) } }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        if next != scalar { return false }
        rest.removeFirst()
        return true
    }

    /// Three letters or more, or anything in angle brackets.
    mutating func name() -> String? {
        if take("<") {
            guard let close = rest.firstIndex(of: UInt8(ascii: ">")) else { return nil }
            let name = String(rest[..<close])
            rest = rest[close...].dropFirst()
            return name
        }
        let letters = rest.prefix { !"0123456789,-+".utf8.contains($0) }
        rest = rest.dropFirst(letters.count)
        return letters.count >= 3 ? String(letters) : nil
    }

    /// `[+-]hh[:mm[:ss]]` in seconds; up to a week, as zone files have it.
    mutating func offset() -> Int? {
        let isNegative = take("-")
        if !isNegative { _ = take("+") }
        guard var seconds = number(0...(24 * 7)).map({ $0 * 3600 }) else { return nil }
        for unit in [60, 1] {
            guard take(":") else { break }
            guard let part = number(0...59) else { return nil }
            seconds += part * unit
        }
        return isNegative ? -seconds : seconds
    }

    /// `M3.5.0`, `J60` or `59`, with or without `/` and a time; at two o'clock without.
    mutating func moment() -> YearlyMoment? {
        guard let day = day() else { return nil }
        guard take("/") else { return YearlyMoment(day: day, time: 2 * 3600) }
        return offset().map { YearlyMoment(day: day, time: $0) }
    }

    private mutating func day() -> YearlyMoment.Day? {
        if take("J") { return number(1...365).map { .julian($0) } }
        guard take("M") else { return number(0...365).map { .ofYear($0) } }
        guard let month = number(1...12), take("."), let week = number(1...5), take("."),
            let weekday = number(0...6)
        else { return nil }
        return .weekday(weekday, week: week, month: month)
    }

    private mutating func number(_ range: ClosedRange<Int>) -> Int? {
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        rest = rest.dropFirst(digits.count)
        guard let value = Int(String(digits) ?? ""), range.contains(value) else { return nil }
        return value
    }
}
