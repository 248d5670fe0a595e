import Model

/// What is unusual about the metrics of an exposition: the rules and texts of `promtool check metrics`.
public enum MetricsLint {
    /// Something unusual about a metric family.
    public struct Finding: Sendable, Hashable, CustomStringConvertible {
        /// The family.
        public let metric: String
        /// What is unusual.
        public let text: String

        public var description: String { "\(metric) \(text)" }
    }

    /// What a rule finds in a family: a text for each.
    private typealias Rule = @Sendable (LintFamily) -> [String]

    private static let rules: [Rule] = [
        help, units, counter, reservedNames, reservedLabels, typeInName, colon, camelCase,
        abbreviations, repetition,
    ]

    /// What is found, by metric and text. Throws why the exposition cannot be read.
    public static func findings(
        in body: [UInt8], format: ExpositionFormat
    ) throws(ExpositionError) -> [Finding] {
        try LintReading.families(in: body, format: format).all
            .filter { !$0.metrics.isEmpty }
            .flatMap { family in
                rules.flatMap { $0(family) }.map { Finding(metric: family.name, text: $0) }
            }
            .sorted { a, b in
                a.metric.bytesEqual(b.metric)
                    ? a.text.byteOrder(b.text) < 0 : a.metric.byteOrder(b.metric) < 0
            }
    }

    // MARK: Metadata and types

    private static let help: Rule = { $0.help == nil ? ["no help text"] : [] }

    private static let counter: Rule = { family in
        let isTotal = family.name.hasSuffix("_total")
        switch family.type {
        case .counter where !isTotal: return [#"counter metrics should have "_total" suffix"#]
        case .counter, .untyped, nil: return []
        default:
            return isTotal ? [#"non-counter metrics should not have "_total" suffix"#] : []
        }
    }

    private static let reservedNames: Rule = { family in
        guard let type = family.type, type != .untyped, type != .histogram else { return [] }
        if family.name.hasSuffix("_bucket") {
            return [#"non-histogram metrics should not have "_bucket" suffix"#]
        }
        return type == .summary
            ? []
            : ["_count", "_sum"].filter { family.name.hasSuffix($0) }.map {
                #"non-histogram and non-summary metrics should not have "\#($0)" suffix"#
            }
    }

    private static let reservedLabels: Rule = { family in
        guard let type = family.type, type != .untyped else { return [] }
        return family.metrics.joined().compactMap { label in
            switch label.name {
            case "le" where type != .histogram:
                #"non-histogram metrics should not have "le" label"#
            case "quantile" where type != .summary:
                #"non-summary metrics should not have "quantile" label"#
            default: nil
            }
        }
    }

    private static let typeInName: Rule = { family in
        guard let type = family.type, type != .untyped else { return [] }
        let name = type == .gaugehistogram ? "gauge_histogram" : type.rawValue
        return hasPart(family.name.lowercased(), name)
            ? ["metric name should not include type '\(name)'"] : []
    }

    private static let repetition: Rule = { family in
        var counts: [[Label]: Int] = [:]
        for labels in family.metrics { counts[labels, default: 0] += 1 }
        return Array(
            repeating: "metric not unique", count: counts.values.reduce(0) { $0 + $1 - 1 })
    }

    // MARK: Names

    private static let colon: Rule = {
        $0.name.utf8.contains(UInt8(ascii: ":")) ? ["metric names should not contain ':'"] : []
    }

    private static let camelCase: Rule = { family in
        func text(_ what: String) -> String {
            "\(what) names should be written in 'snake_case' not 'camelCase'"
        }
        return (isCamelCase(family.name) ? [text("metric")] : [])
            + family.metrics.joined().filter { isCamelCase($0.name) }.map { _ in text("label") }
    }

    private static func isCamelCase(_ name: String) -> Bool {
        zip(name.utf8, name.utf8.dropFirst()).contains { first, second in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first)
                && (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(second)
        }
    }

    private static let abbreviations: Rule = { family in
        let name = family.name.lowercased()
        return MetricUnits.abbreviations.filter { hasPart(name, $0) }
            .map { _ in "metric names should not contain abbreviated units" }
    }

    private static let units: Rule = { family in
        guard let (unit, base) = MetricUnits.unit(inName: family.name), unit != base else {
            return []
        }
        return ["use base unit \(base.goQuoted) instead of \(unit.goQuoted)"]
    }

    /// Whether the name has that part behind its first one.
    private static func hasPart(_ name: String, _ part: String) -> Bool {
        name.contains("_" + part + "_") || name.hasSuffix("_" + part)
    }
}

/// The units that names of metrics hold.
enum MetricUnits {
    /// Each base unit with those that it stands in for.
    private static let ofBase: [String: [String]] = [
        "amperes": [], "bytes": ["bits"], "celsius": ["fahrenheit", "rankine"],
        "grams": ["ounces", "pounds"], "joules": ["calories"], "kelvin": ["kelvins"],
        "meters": ["inches", "miles", "yards"], "metres": [],
        "seconds": ["days", "hours", "minutes", "weeks"], "volts": [],
    ]

    private static let bases = Dictionary(
        uniqueKeysWithValues: ofBase.flatMap { base, others in
            ([base] + others).map { ($0, base) }
        })

    private static let prefixes = [
        "pico", "nano", "micro", "milli", "centi", "deci", "deca", "hecto", "kilo", "kibi", "mega",
        "mibi", "giga", "gibi", "tera", "tebi", "peta", "pebi",
    ]

    /// Abbreviations that stand in for units.
    static let abbreviations = [
        "s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d",
    ]

    /// The first part of a name that is a unit, with or without a prefix, and its base unit.
    static func unit(inName name: String) -> (unit: String, base: String)? {
        for part in name.split(separator: "_").map(String.init) {
            if let base = bases[part] { return (part, base) }
            for prefix in prefixes where part.hasPrefix(prefix) {
                if let base = bases[String(part.dropFirst(prefix.count))] { return (part, base) }
            }
        }
        return nil
    }
}
