import Configuration
import Model

/// Makes the name of a metric family of a metric's name, unit and kind.
struct OTLPMetricNamer {
    /// What the kind of a metric has to do with its name.
    enum Kind {
        case counter, gauge, other
    }

    let strategy: OTLPConfiguration.TranslationStrategy

    /// The name; throws where none is left.
    func name(_ name: String, unit: String, kind: Kind) throws(OTLPFault) -> String {
        let made =
            switch (strategy.escapes, strategy.addsSuffixes) {
            case (true, true): OTLPMetricNamer.normalised(name, unit, kind)
            case (true, false): OTLPMetricNamer.escaped(name)
            case (false, true): OTLPMetricNamer.suffixed(name, unit, kind)
            case (false, false): name
            }
        if made.isEmpty {
            throw OTLPFault("normalization for metric \(name.goQuoted) resulted in empty name")
        }
        let isInvalid = made.utf8.allSatisfy { $0 == UInt8(ascii: "_") }
        if strategy.escapes, isInvalid, !made.bytesEqual(name) {
            throw OTLPFault(
                "normalization for metric \(name.goQuoted) resulted in invalid name "
                    + made.goQuoted)
        }
        return made
    }

    /// Whether the byte is a letter, a digit or a colon: whatever else stands in a name becomes an
    /// underscore, or parts its words.
    static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"):
            true
        default: false
        }
    }

    /// The words of the name, the unit's that are missing, and `total` or `ratio`.
    private static func normalised(_ name: String, _ unit: String, _ kind: Kind) -> String {
        var words = name.utf8.split { !isPlain($0) }.map { String(decoding: $0, as: UTF8.self) }
        let units = OTLPUnits(unit)
        var main = OTLPUnits.escaped(units.main)
        var per = OTLPUnits.escaped(units.per)
        if words.contains(main) { main = "" }
        per = per == "per_" ? "" : withoutUnderscore(per)
        if words.contains(per) { per = "" }
        if !per.isEmpty { main = withoutUnderscore(main) }
        words += [main, per].filter { !$0.isEmpty }
        if kind == .counter { words = words.filter { $0 != "total" } + ["total"] }
        if kind == .gauge, unit == "1" { words = words.filter { $0 != "ratio" } + ["ratio"] }
        return notBeginningWithDigit(words.joined(separator: "_"))
    }

    /// The name with an underscore for each run of characters that it cannot have; its own stay.
    private static func escaped(_ name: String) -> String {
        let words = name.utf8.split { !isPlain($0) && $0 != UInt8(ascii: "_") }
        return notBeginningWithDigit(
            words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "_"))
    }

    /// The name as it is, with the unit, and `total` or `ratio`, at its end.
    private static func suffixed(_ name: String, _ unit: String, _ kind: Kind) -> String {
        var name = name
        var suffixes: [String] = []
        func move(_ suffix: String) {
            name = without(suffix, name)
            suffixes.insert("_" + suffix, at: 0)
        }
        if kind == .gauge, unit == "1" { move("ratio") }
        if kind == .counter { move("total") }
        let units = OTLPUnits(unit)
        if !units.per.isEmpty { move(units.per) }
        if !units.main.isEmpty, !name.hasSuffix(units.main) { name += "_" + units.main }
        return name + suffixes.joined()
    }

    /// The name without a suffix and the character before it, if it has more than these.
    private static func without(_ suffix: String, _ name: String) -> String {
        guard name.hasSuffix(suffix), name.utf8.count > suffix.utf8.count + 1 else { return name }
        return String(
            String.UnicodeScalarView(
                name.unicodeScalars.dropLast(suffix.unicodeScalars.count + 1)))
    }

    private static func withoutUnderscore(_ word: String) -> String {
        word.hasSuffix("_") ? String(word.dropLast()) : word
    }

    private static func notBeginningWithDigit(_ name: String) -> String {
        guard let first = name.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
        else { return name }
        return "_" + name
    }
}
