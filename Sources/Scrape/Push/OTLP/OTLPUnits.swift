/// OTLP's units, which are UCUM's, as the words that Prometheus's metric names end with.
struct OTLPUnits {
    /// What is measured, "" where nothing is to be said of it.
    let main: String
    /// What it is measured by, as in `per_second`, or "".
    let per: String

    /// The words of a unit like `By/s`. An annotation in braces says nothing.
    init(_ unit: String) {
        let parts = unit.utf8.split(
            separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        func word(_ index: Int, _ words: [String: String]) -> String {
            guard parts.indices.contains(index) else { return "" }
            let name = String(decoding: parts[index], as: UTF8.self).trimmingWhitespace
            let isAnnotation = name.utf8.contains {
                $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "}")
            }
            return isAnnotation ? "" : words[name] ?? name
        }
        main = word(0, OTLPUnits.mainWords)
        let divisor = word(1, OTLPUnits.perWords)
        per = divisor.isEmpty ? "" : "per_" + divisor
    }

    /// The unit as one word: what metadata and the label `__unit__` say.
    func joined(escaping: Bool) -> String {
        let parts = [main, per].map { escaping ? OTLPUnits.escaped($0) : $0 }
        var word = Substring(parts.filter { !$0.isEmpty }.joined(separator: "_"))
        if word.hasPrefix("_") { word.removeFirst() }
        if word.hasSuffix("_") { word.removeLast() }
        return String(word)
    }

    /// With one underscore for any run of characters that a metric's name cannot have, and none first.
    static func escaped(_ word: String) -> String {
        var bytes: [UInt8] = []
        for byte in word.utf8 {
            if OTLPMetricNamer.isPlain(byte) {
                bytes.append(byte)
            } else if bytes.last != UInt8(ascii: "_") {
                bytes.append(UInt8(ascii: "_"))
            }
        }
        if bytes.first == UInt8(ascii: "_") { bytes.removeFirst() }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let mainWords = [
        "d": "days", "h": "hours", "min": "minutes", "s": "seconds", "ms": "milliseconds",
        "us": "microseconds", "ns": "nanoseconds", "By": "bytes", "KiBy": "kibibytes",
        "MiBy": "mebibytes", "GiBy": "gibibytes", "TiBy": "tibibytes", "KBy": "kilobytes",
        "MBy": "megabytes", "GBy": "gigabytes", "TBy": "terabytes", "m": "meters", "V": "volts",
        "A": "amperes", "J": "joules", "W": "watts", "g": "grams", "Cel": "celsius",
        "Hz": "hertz", "1": "", "%": "percent",
    ]

    private static let perWords = [
        "s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month",
        "y": "year",
    ]
}
