extension FunctionSignature {
    /// Every function of Prometheus's language, in order of their names.
    public static let all: [FunctionSignature] = table.sorted { $0.name < $1.name }

    /// The function of this name.
    public static func named(_ name: String) -> FunctionSignature? { byName[name] }

    /// The name nearest to `name`, for a message about an unknown function.
    public static func nearestName(to name: String) -> String? {
        let limit = max(1, name.utf8.count / 3)
        guard name.utf8.count <= 64 else { return nil }
        var best: (distance: Int, name: String)?
        for candidate in all.map(\.name) + Aggregation.allCases.map(\.rawValue) {
            let distance = editDistance(Array(name.utf8), Array(candidate.utf8))
            if distance <= limit, distance < best?.distance ?? .max {
                best = (distance, candidate)
            }
        }
        return best?.name
    }

    private static let byName: [String: FunctionSignature] = {
        var functions: [String: FunctionSignature] = [:]
        for function in table { functions[function.name] = function }
        return functions
    }()

    private static func vectorToVector(_ names: String...) -> [FunctionSignature] {
        names.map { FunctionSignature($0, [.vector], returns: .vector) }
    }

    private static func matrixToVector(
        _ names: String..., experimental: Bool = false
    ) -> [FunctionSignature] {
        names.map {
            FunctionSignature($0, [.matrix], returns: .vector, experimental: experimental)
        }
    }

    private static func timePart(_ names: String...) -> [FunctionSignature] {
        names.map { FunctionSignature($0, [.vector], variadic: 1, returns: .vector) }
    }

    private static let table: [FunctionSignature] =
        vectorToVector(
            "abs", "absent", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "cos",
            "cosh", "deg", "exp", "floor", "histogram_avg", "histogram_count", "histogram_sum",
            "histogram_stddev", "histogram_stdvar", "ln", "log10", "log2", "rad", "sgn", "sin",
            "sinh", "sort", "sort_desc", "sqrt", "tan", "tanh", "timestamp")
        + matrixToVector(
            "absent_over_time", "avg_over_time", "changes", "count_over_time", "delta", "deriv",
            "idelta", "increase", "irate", "last_over_time", "max_over_time", "min_over_time",
            "present_over_time", "rate", "resets", "stddev_over_time", "stdvar_over_time",
            "sum_over_time")
        + matrixToVector(
            "first_over_time", "mad_over_time", "ts_of_first_over_time", "ts_of_last_over_time",
            "ts_of_max_over_time", "ts_of_min_over_time", experimental: true)
        + timePart(
            "day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute",
            "month", "year")
        + ["start", "end", "step", "range"].map {
            FunctionSignature($0, [], returns: .scalar, experimental: true)
        }
        + ["min_of", "max_of"].map {
            FunctionSignature($0, [.scalar, .scalar], returns: .scalar, experimental: true)
        }
        + ["sort_by_label", "sort_by_label_desc"].map {
            FunctionSignature(
                $0, [.vector, .string], variadic: -1, returns: .vector, experimental: true)
        }
        + [
            FunctionSignature("clamp", [.vector, .scalar, .scalar], returns: .vector),
            FunctionSignature("clamp_max", [.vector, .scalar], returns: .vector),
            FunctionSignature("clamp_min", [.vector, .scalar], returns: .vector),
            FunctionSignature(
                "double_exponential_smoothing", [.matrix, .scalar, .scalar], returns: .vector,
                experimental: true),
            FunctionSignature(
                "histogram_fraction", [.scalar, .scalar, .vector], returns: .vector),
            FunctionSignature("histogram_quantile", [.scalar, .vector], returns: .vector),
            FunctionSignature(
                "histogram_quantiles", [.vector, .string, .scalar, .scalar], variadic: 9,
                returns: .vector, experimental: true),
            FunctionSignature(
                "info", [.vector, .vector], variadic: 1, returns: .vector, experimental: true),
            FunctionSignature(
                "label_join", [.vector, .string, .string, .string], variadic: -1,
                returns: .vector),
            FunctionSignature(
                "label_replace", [.vector, .string, .string, .string, .string],
                returns: .vector),
            FunctionSignature("pi", [], returns: .scalar),
            FunctionSignature("predict_linear", [.matrix, .scalar], returns: .vector),
            FunctionSignature("quantile_over_time", [.scalar, .matrix], returns: .vector),
            FunctionSignature("round", [.vector, .scalar], variadic: 1, returns: .vector),
            FunctionSignature("scalar", [.vector], returns: .scalar),
            FunctionSignature("start_timestamp", [.vector], returns: .vector, experimental: true),
            FunctionSignature("time", [], returns: .scalar),
            FunctionSignature("vector", [.scalar], returns: .vector),
        ]
}

/// How many insertions, deletions and replacements lead from `a` to `b`.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var previous = Array(0...b.count)
    for (i, x) in a.enumerated() {
        var current = [i + 1]
        current.reserveCapacity(b.count + 1)
        for (j, y) in b.enumerated() {
            current.append(
                min(previous[j] + (x == y ? 0 : 1), previous[j + 1] + 1, current[j] + 1))
        }
        previous = current
    }
    return previous.last ?? 0
}
