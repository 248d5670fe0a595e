import Model

// The methods of Go's `time.Time` that compute another time. A time here has milliseconds: what lies below is
// cut off.
extension TemplateTime {
    /// How far years, months and days may move a time, so that no arithmetic overflows.
    private static let maximumStep: Int64 = 1_000_000

    func arithmetic(_ name: String) -> TemplateFunction? {
        switch name {
        case "Truncate": return rounding { _, _ in false }
        case "Round": return rounding { rest, unit in rest >= unit - rest }
        case "AddDate":
            return TemplateFunction([.int, .int, .int]) { call in
                let steps = call.arguments.map { argument -> Int64 in
                    if case .int(let step) = argument.underlying { step } else { 0 }
                }
                return .object(adding(years: steps[0], months: steps[1], days: steps[2]))
            }
        default: return nil
        }
    }

    /// To whole units since Go's zero time, as Go counts them.
    private func rounding(
        _ goesUp: @escaping @Sendable (_ rest: Int128, _ unit: Int128) -> Bool
    ) -> TemplateFunction {
        TemplateFunction([.named("time.Duration")]) { call in
            guard case .int(let length) = call.arguments[0].underlying, length > 0 else {
                return .object(self)
            }
            let unit = Int128(length)
            let nanoseconds =
                Int128(moment.milliseconds - TemplateTime.zero.moment.milliseconds) * 1_000_000
            var rest = nanoseconds % unit
            if rest < 0 { rest += unit }
            let result = nanoseconds - rest + (goesUp(rest, unit) ? unit : 0)
            let milliseconds = result / 1_000_000 - (result % 1_000_000 < 0 ? 1 : 0)
            let moved = Timestamp(
                milliseconds: Int64(clamping: milliseconds).addingSaturating(
                    TemplateTime.zero.moment.milliseconds))
            return .object(TemplateTime(moved, offset: offset, zone: zone))
        }
    }

    /// Moves the date, with the 31st of a shorter month counted on into the next one.
    private func adding(years: Int64, months: Int64, days: Int64) -> TemplateTime {
        func bounded(_ step: Int64) -> Int {
            Int(min(max(step, -TemplateTime.maximumStep), TemplateTime.maximumStep))
        }
        let civil = civil
        let month = civil.month - 1 + bounded(months)
        let year = civil.year + bounded(years) + Int(Int64(month).floored(by: 12))
        let first = CivilTime.days(
            year: year, month: month - Int(Int64(month).floored(by: 12)) * 12 + 1, day: 1)
        let day = first + Int64(civil.day - 1 + bounded(days))
        let today = CivilTime.days(year: civil.year, month: civil.month, day: civil.day)
        let moved = moment.milliseconds.addingSaturating(
            (day - today).multipliedSaturating(86_400_000))
        return TemplateTime(Timestamp(milliseconds: moved), offset: offset, zone: zone)
    }

    /// As Go's source would have it.
    var goString: String {
        let civil = civil
        let nanosecond =
            (moment.milliseconds - moment.milliseconds.floored(by: 1000) * 1000) * 1_000_000
        let location = zone == "UTC" ? "time.UTC" : "time.Location(\(zone.goQuoted))"
        return "time.Date(\(civil.year), time.\(TimeLayout.months[civil.month - 1]), \(civil.day), "
            + "\(civil.hour), \(civil.minute), \(civil.second), \(nanosecond), \(location))"
    }
}

/// Go's `*time.Location`, which prints its name.
struct TemplateLocation: TemplateObject {
    let name: String

    var typeName: String { "*time.Location" }
    var formatted: String? { name }

    func method(_ name: String) -> TemplateFunction? {
        let text = self.name
        return name == "String" ? TemplateFunction { _ in .string(text) } : nil
    }
}
