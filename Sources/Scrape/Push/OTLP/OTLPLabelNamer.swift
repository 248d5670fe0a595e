import Configuration
import Model

/// Makes the name of a label of an attribute's.
struct OTLPLabelNamer {
    let settings: OTLPConfiguration

    /// The name; throws where none is left.
    func name(_ attribute: String) throws(OTLPFault) -> String {
        if attribute.isEmpty { throw OTLPFault("label name is empty") }
        guard settings.translationStrategy.escapes else {
            if OTLPLabelNamer.isUnderscores(attribute) {
                throw OTLPFault("label name \(attribute.goQuoted) contains only underscores")
            }
            return attribute
        }
        var name = escaped(attribute)
        if let first = name.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) {
            name = "key_" + name
        } else if settings.sanitizesLeadingUnderscores, name.hasPrefix("_"), !name.hasPrefix("__") {
            name = "key" + name
        }
        if OTLPLabelNamer.isUnderscores(name) {
            throw OTLPFault(
                "normalization for label name \(attribute.goQuoted) resulted in invalid name "
                    + name.goQuoted)
        }
        return name
    }

    private static func isUnderscores(_ name: String) -> Bool {
        name.utf8.allSatisfy { $0 == UInt8(ascii: "_") }
    }

    /// With an underscore for each character that a legacy name cannot have. Where runs of underscores
    /// become one, those around a reserved name stay.
    private func escaped(_ attribute: String) -> String {
        let collapses = !settings.preservesMultipleUnderscores
        let isReserved =
            attribute.utf8.count >= 4 && attribute.hasPrefix("__") && attribute.hasSuffix("__")
        var inner = attribute.unicodeScalars[...]
        if collapses, isReserved { inner = inner.dropFirst(2).dropLast(2) }
        var name = String.UnicodeScalarView()
        for scalar in inner {
            let isKept =
                scalar != ":" && scalar.isASCII
                && OTLPMetricNamer.isPlain(UInt8(scalar.value))
            if isKept {
                name.append(scalar)
            } else if !(collapses && name.last == "_") {
                name.append("_")
            }
        }
        return collapses && isReserved ? "__\(String(name))__" : String(name)
    }
}
