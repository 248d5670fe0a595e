import Model

extension [Label] {
    mutating func append(_ name: String, _ value: String) { append(Label(name, value)) }

    /// A list with the separator around it too, so that a regular expression need not care which element
    /// comes first; nothing for an empty list.
    mutating func append(_ name: String, _ list: [String], separator: String = ",") {
        if list.isEmpty { return }
        append(name, separator + list.joined(separator: separator) + separator)
    }

    /// A label for each entry of a map of the user's own naming.
    mutating func append(
        prefix: String, each entries: some Sequence<(name: String, value: String)>
    ) {
        for (name, value) in entries { append(prefix + name.sanitizedLabelName, value) }
    }
}

extension String {
    /// With `_` for every character that Prometheus's first label names do not have.
    var sanitizedLabelName: String {
        var out = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_": out.append(scalar)
            default: out.append("_")
            }
        }
        return String(out)
    }

    /// A host and a port as an address, with an IPv6 address in brackets.
    static func address(_ host: String, _ port: Int) -> String {
        host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
