import Model

/// Parts of dates, in UTC: of each sample's value in seconds, or of the evaluation time.
let calendarFunctions: [String: FunctionImplementation] = [
    "minute": calendar { Double($0.minute) },
    "hour": calendar { Double($0.hour) },
    "day_of_week": calendar { Double($0.weekday) },
    "day_of_month": calendar { Double($0.day) },
    "day_of_year": calendar { Double($0.dayOfYear) },
    "days_in_month": calendar { Double($0.daysInMonth) },
    "month": calendar { Double($0.month) },
    "year": calendar { Double($0.year) },
]

private func calendar(
    _ part: @escaping @Sendable (CivilTime) -> Double
) -> FunctionImplementation {
    .custom { call throws(QueryError) in
        guard !call.call.arguments.isEmpty else {
            return ScalarFunction([]) { time, _, _ in
                part(CivilTime(secondsSinceEpoch: time / 1000))
            }
        }
        return ElementwiseFunction(
            try call.argument(0), scalars: [], call: call.call, names: call.names
        ) { value, _ in part(CivilTime(secondsSinceEpoch: Int64(clamping: value))) }
    }
}
