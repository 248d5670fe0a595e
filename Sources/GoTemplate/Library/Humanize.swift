import Model

/// Numbers for people, as Prometheus and Alertmanager write them.
public enum Humanize {
    private static let small = ["m", "u", "n", "p", "f", "a", "z", "y"]

    /// With metric prefixes: `1.235M`, `1.5m`.
    public static func metric(_ value: Double) -> String {
        if value == 0 || !value.isFinite { return short(value) }
        if value.magnitude >= 1 {
            return scaled(value, by: 1000, ["k", "M", "G", "T", "P", "E", "Z", "Y"])
        }
        let (rest, prefix) = shrunk(value)
        return short(rest) + prefix
    }

    /// With binary prefixes: `1.5Mi`.
    public static func binary(_ value: Double) -> String {
        if value.magnitude <= 1 || !value.isFinite { return short(value) }
        return scaled(value, by: 1024, ["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"])
    }

    /// Seconds: `1d 2h 3m 4s`, `1.5ms`.
    public static func duration(_ value: Double) -> String {
        if !value.isFinite { return short(value) }
        if value == 0 { return short(value) + "s" }
        if value.magnitude < 1 {
            let (rest, prefix) = shrunk(value)
            return short(rest) + prefix + "s"
        }
        let sign = value < 0 ? "-" : ""
        let whole = Int64(clamping: value.magnitude)
        let (seconds, minutes) = (whole % 60, whole / 60 % 60)
        let (hours, days) = (whole / 3600 % 24, whole / 86_400)
        if days != 0 { return "\(sign)\(days)d \(hours)h \(minutes)m \(seconds)s" }
        if hours != 0 { return "\(sign)\(hours)h \(minutes)m \(seconds)s" }
        if minutes != 0 { return "\(sign)\(minutes)m \(seconds)s" }
        return sign + short(value.magnitude) + "s"
    }

    /// A ratio as percentage: `12.35%`.
    public static func percentage(_ value: Double) -> String { short(value * 100) + "%" }

    /// `%.4g`.
    public static func short(_ value: Double) -> String { GoDecimal.general(value, 4) }

    private static func scaled(_ value: Double, by base: Double, _ prefixes: [String]) -> String {
        var (rest, prefix) = (value, "")
        for next in prefixes {
            if rest.magnitude < base { break }
            prefix = next
            rest /= base
        }
        return short(rest) + prefix
    }

    private static func shrunk(_ value: Double) -> (Double, String) {
        var (rest, prefix) = (value, "")
        for next in small {
            if rest.magnitude >= 1 { break }
            prefix = next
            rest *= 1000
        }
        return (rest, prefix)
    }

    /// A number, a text that is one, or a duration (its seconds), as float.
    public static func number(_ value: TemplateValue) throws(TemplateFunctionError) -> Double {
        switch value {
        case .float(let number): return number
        case .int(let number): return Double(number)
        case .string(let text):
            guard let number = GoFloat.parse(text) else {
                throw TemplateFunctionError(
                    "strconv.ParseFloat: parsing \(text.goQuoted): invalid syntax")
            }
            return number
        case .object(let object):
            if let duration = object as? TemplateDuration { return duration.seconds }
        default: break
        }
        throw TemplateFunctionError("can't convert \(value.typeName) to float")
    }

    /// Seconds since 1970 as a moment; nil for NaN and infinities.
    public static func time(_ seconds: Double) throws(TemplateFunctionError) -> TemplateTime? {
        if !seconds.isFinite { return nil }
        let nanoseconds = seconds * 1e9
        if nanoseconds > 9.223372036854775e18 || nanoseconds < -9.223372036854775e18 {
            throw TemplateFunctionError(
                "\(GoFloat.general(seconds)) cannot be represented as a nanoseconds timestamp "
                    + "since it overflows int64")
        }
        return TemplateTime(
            Timestamp(milliseconds: Int64(clamping: nanoseconds) / 1_000_000))
    }
}
