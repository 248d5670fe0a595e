import Model
import Zones

// Go's methods. Those of a pointer, which change the time (`UnmarshalJSON`, `GobDecode` …), are left out.
extension TemplateTime {
    public func method(_ name: String) -> TemplateFunction? {
        if let part = TemplateTime.parts[name]?(self) { return TemplateFunction { _ in part } }
        if let compare = TemplateTime.comparisons[name] {
            return TemplateFunction([.named("time.Time")]) { call in
                compare(self, try TemplateTime.argument(call))
            }
        }
        if let move = TemplateTime.moves[name] {
            return TemplateFunction([.named("time.Duration")]) { call in
                guard case .int(let length) = call.arguments[0].underlying else { return .null }
                return .object(move(self, length))
            }
        }
        return TemplateTime.results[name].map { TemplateFunction(results: $0, of: name) }
            ?? encoding(name) ?? other(name)
    }

    /// Methods without arguments.
    private static let parts: [String: @Sendable (TemplateTime) -> TemplateValue] = [
        "Unix": { .int($0.seconds) },
        "UnixMilli": { .int($0.moment.milliseconds) },
        "UnixMicro": {
            .int(Int64(clamping: ($0.nanoseconds - Int128($0.fraction % 1000)) / 1000))
        },
        // Beyond 1678 and 2262 it wraps around, as in Go.
        "UnixNano": { .int(Int64(truncatingIfNeeded: $0.nanoseconds)) },
        "Year": { .int(Int64($0.civil.year)) },
        "Month": {
            .object(
                NamedNumber("time.Month", $0.civil.month, TimeLayout.months[$0.civil.month - 1]))
        },
        "Weekday": {
            .object(
                NamedNumber("time.Weekday", $0.civil.weekday, TimeLayout.days[$0.civil.weekday]))
        },
        "Day": { .int(Int64($0.civil.day)) },
        "YearDay": { .int(Int64($0.civil.dayOfYear)) },
        "Hour": { .int(Int64($0.civil.hour)) },
        "Minute": { .int(Int64($0.civil.minute)) },
        "Second": { .int(Int64($0.civil.second)) },
        "Nanosecond": { .int(Int64($0.nanosecond)) },
        "UTC": { .object($0.moved(to: .utc)) },
        "Local": { .object($0.moved(to: .local)) },
        "IsZero": { .bool($0.nanoseconds == zero.nanoseconds) },
        "IsDST": { .bool($0.clock.isDaylightSaving) },
        "String": { .string($0.formatted ?? "") },
        "GoString": { .string($0.goString) },
        "Location": { .object(TemplateLocation(zone: $0.zone)) },
    ]

    /// Methods that take another time.
    private static let comparisons:
        [String: @Sendable (TemplateTime, TemplateTime) -> TemplateValue] = [
            "Sub": { .object($0.since($1)) },
            "Before": { .bool($0.nanoseconds < $1.nanoseconds) },
            "After": { .bool($0.nanoseconds > $1.nanoseconds) },
            "Equal": { .bool($0.nanoseconds == $1.nanoseconds) },
            "Compare": {
                let (a, b) = ($0.nanoseconds, $1.nanoseconds)
                return .int(a < b ? -1 : a > b ? 1 : 0)
            },
        ]

    /// Methods that take a duration in nanoseconds.
    private static let moves: [String: @Sendable (TemplateTime, Int64) -> TemplateTime] = [
        "Add": { TemplateTime(nanoseconds: $0.nanoseconds + Int128($1), in: $0.zone) },
        "Truncate": { $0.rounded(to: $1, toNearest: false) },
        "Round": { $0.rounded(to: $1, toNearest: true) },
    ]

    /// The types of the results of methods that have several, which templates cannot call.
    private static let results = [
        "Date": ["int", "time.Month", "int"], "Clock": ["int", "int", "int"],
        "ISOWeek": ["int", "int"], "Zone": ["string", "int"],
        "ZoneBounds": ["time.Time", "time.Time"],
    ]

    private func other(_ name: String) -> TemplateFunction? {
        switch name {
        case "Format":
            TemplateFunction([.string]) { .string(formatted(layout: $0.string(0))) }
        case "In":
            TemplateFunction([.named("*time.Location")]) { call in
                guard case .object(let object) = call.arguments[0],
                    let location = object as? TemplateLocation
                else { throw TemplateFunctionError("time: missing Location in call to Time.In") }
                return .object(moved(to: location.zone))
            }
        case "AddDate":
            TemplateFunction([.int, .int, .int]) { call in
                let steps = call.arguments.map { argument -> Int64 in
                    if case .int(let step) = argument.underlying { step } else { 0 }
                }
                return .object(adding(years: steps[0], months: steps[1], days: steps[2]))
            }
        default: nil
        }
    }

    private static func argument(_ call: TemplateCall) throws -> TemplateTime {
        guard case .object(let object) = call.arguments[0], let time = object as? TemplateTime
        else {
            throw TemplateFunctionError("expected a time")
        }
        return time
    }

    // MARK: Computing

    /// To whole units since Go's zero time, as Go counts them.
    private func rounded(to unit: Int64, toNearest: Bool) -> TemplateTime {
        if unit <= 0 { return self }
        let unit = Int128(unit)
        var rest = (nanoseconds - TemplateTime.zero.nanoseconds) % unit
        if rest < 0 { rest += unit }
        let goesUp = toNearest && rest >= unit - rest
        return TemplateTime(nanoseconds: nanoseconds - rest + (goesUp ? unit : 0), in: zone)
    }

    /// How far years, months and days may move a time, so that no arithmetic overflows.
    private static let maximumStep: Int64 = 1_000_000

    /// Moves the date, with the 31st of a shorter month counted on into the next one. The clock shows
    /// the same time of day.
    private func adding(years: Int64, months: Int64, days: Int64) -> TemplateTime {
        func bounded(_ step: Int64) -> Int {
            Int(min(max(step, -TemplateTime.maximumStep), TemplateTime.maximumStep))
        }
        let civil = civil
        let month = civil.month - 1 + bounded(months)
        let extraYears = Int(Int64(month).floored(by: 12))
        let first = CivilTime.days(
            year: civil.year + bounded(years) + extraYears, month: month - extraYears * 12 + 1,
            day: 1)
        let day = first + Int64(civil.day - 1 + bounded(days))
        let time = Int64(civil.hour * 3600 + civil.minute * 60 + civil.second)
        let moved = zone.moment(shownAs: day * 86_400 + time)
        return TemplateTime(
            nanoseconds: Int128(moved) * 1_000_000_000 + Int128(nanosecond), in: zone)
    }

    /// As Go's source would have it.
    private var goString: String {
        let civil = civil
        let location =
            zone.isLocal
            ? "time.Local" : zone == .utc ? "time.UTC" : "time.Location(\(zone.name.goQuoted))"
        return "time.Date(\(civil.year), time.\(TimeLayout.months[civil.month - 1]), \(civil.day), "
            + "\(civil.hour), \(civil.minute), \(civil.second), \(nanosecond), \(location))"
    }
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
