import Model

/// Parts of dates, in UTC: of each sample's value in seconds, or of the evaluation time.
let calendarFunctions: [Function] = [
    Function(
        "minute", [.vector], variadic: 1, traits: .dependsOnTime, calendar { Double($0.minute) }),
    Function("hour", [.vector], variadic: 1, traits: .dependsOnTime, calendar { Double($0.hour) }),
    Function(
        "day_of_week", [.vector], variadic: 1, traits: .dependsOnTime,
        calendar { Double($0.weekday) }),
    Function(
        "day_of_month", [.vector], variadic: 1, traits: .dependsOnTime, calendar { Double($0.day) }),
    Function(
        "day_of_year", [.vector], variadic: 1, traits: .dependsOnTime,
        calendar { Double($0.dayOfYear) }),
    Function(
        "days_in_month", [.vector], variadic: 1, traits: .dependsOnTime,
        calendar { Double($0.daysInMonth) }),
    Function(
        "month", [.vector], variadic: 1, traits: .dependsOnTime, calendar { Double($0.month) }),
    Function("year", [.vector], variadic: 1, traits: .dependsOnTime, calendar { Double($0.year) }),
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
