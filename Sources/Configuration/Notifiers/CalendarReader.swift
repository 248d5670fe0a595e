import Model
import Zones

/// Reads time intervals, with the wording of Alertmanager's own errors.
enum CalendarReader {
    private static let weekdays = [
        "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
    ]
    private static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september",
        "october", "november", "december",
    ]

    static func named(_ element: Element, _ what: String) -> NamedTimeInterval? {
        element.object { keys in
            let name = keys.string("name") ?? ""
            if name.isEmpty { keys.error("missing name in \(what)") }
            return NamedTimeInterval(name, keys.list("time_intervals") { $0.object(interval) })
        }
    }

    private static func interval(_ keys: KeyedElement) -> CalendarInterval? {
        var interval = CalendarInterval()
        interval.times = keys.list("times") { $0.object(times) }
        interval.weekdays = keys.list("weekdays", weekdayRange)
        interval.daysOfMonth = keys.list("days_of_month", dayRange)
        interval.months = keys.list("months", monthRange)
        interval.years = keys.list("years", yearRange)
        if keys.has("location"), let element = keys["location"], let name = element.string() {
            do { interval.location = try Zone(named: name) } catch { element.error("\(error)") }
        }
        return interval
    }

    private static func times(_ keys: KeyedElement) -> Range<Int>? {
        guard keys.has("start_time"), keys.has("end_time") else {
            _ = (keys["start_time"], keys["end_time"])
            keys.error("both start and end times must be provided")
            return nil
        }
        guard let start = keys["start_time"].flatMap(minutes),
            let end = keys["end_time"].flatMap(minutes)
        else { return nil }
        if start >= end {
            keys.error("start time cannot be equal or greater than end time")
            return nil
        }
        return start..<end
    }

    /// `HH:MM`, up to `24:00`, in minutes since midnight.
    private static func minutes(_ element: Element) -> Int? {
        guard let text = element.string() else { return nil }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let areDigits = parts.allSatisfy { part in
            part.utf8.count == 2 && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
        }
        if parts.count == 2, areDigits, let hour = Int(parts[0]), let minute = Int(parts[1]),
            (0..<60) ~= minute,
            hour < 24 || (hour == 24 && minute == 0)
        {
            return hour * 60 + minute
        }
        element.error("couldn't parse timestamp \(text), invalid format")
        return nil
    }

    private static func range(
        _ element: Element, _ number: (String) -> Int?, _ what: String
    ) -> (Int, Int)? {
        guard let text = element.string() else { return nil }
        let parts = text.lowercased().split(separator: ":", omittingEmptySubsequences: false).map {
            String($0)
        }
        guard parts.count <= 2 else {
            element.error("couldn't parse range \(text), invalid format")
            return nil
        }
        let numbers = parts.map(number)
        guard let first = numbers.first ?? nil, let last = numbers.last ?? nil else {
            element.error("\(text) is not a valid \(what)")
            return nil
        }
        return (first, last)
    }

    private static func closed(
        _ element: Element, _ number: (String) -> Int?, _ what: String, limits: ClosedRange<Int>,
        reversed: (Int, Int) -> String
    ) -> ClosedRange<Int>? {
        guard let (first, last) = range(element, number, what) else { return nil }
        guard limits.contains(first), limits.contains(last) else {
            element.error(
                "\(first == last ? "\(first)" : "\(first):\(last)") is not a valid \(what): out of range"
            )
            return nil
        }
        guard first <= last else {
            element.error(reversed(first, last))
            return nil
        }
        return first...last
    }

    private static func weekdayRange(_ element: Element) -> ClosedRange<Int>? {
        closed(element, { weekdays.firstIndex(of: $0) }, "weekday", limits: 0...6) { _, _ in
            "start day cannot be before end day"
        }
    }

    private static func monthRange(_ element: Element) -> ClosedRange<Int>? {
        closed(
            element, { name in months.firstIndex(of: name).map { $0 + 1 } ?? Int(name) }, "month",
            limits: 1...12
        ) { "end month \(months[$1 - 1]) is before start month \(months[$0 - 1])" }
    }

    private static func yearRange(_ element: Element) -> ClosedRange<Int>? {
        closed(element, { Int($0) }, "year", limits: 0...1_000_000) {
            "end year \($1) is before start year \($0)"
        }
    }

    private static func dayRange(_ element: Element) -> CalendarInterval.DayRange? {
        guard let (first, last) = range(element, { Int($0) }, "day of the month") else {
            return nil
        }
        func refuse(_ message: String) -> CalendarInterval.DayRange? {
            element.error(message)
            return nil
        }
        for day in [first, last] where day == 0 || !(-31...31).contains(day) {
            return refuse("\(day) is not a valid day of the month: out of range")
        }
        if first < 0, last > 0 {
            return refuse("end day must be negative if start day is negative")
        }
        // In the longest month, so that what could be right in some month is.
        let start = first < 0 ? 31 + first + 1 : first
        let end = last < 0 ? 31 + last + 1 : last
        if start > end {
            return refuse("end day \(last) is always before start day \(first)")
        }
        return CalendarInterval.DayRange(first, last)
    }
}
