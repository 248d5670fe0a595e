import Model

/// What of a value nobody may see. Its reader says so, and nothing else does.
enum Redaction {
    /// All of it.
    case whole
    /// Of a URL, all but its scheme and host.
    case path
    /// Of a URL, its user information and the values of its query.
    case credentials
}

/// A YAML file as others may see it: what it says, without comments and without secrets.
struct RedactedYAML {
    /// What stands in the place of a secret.
    static let secret = "<secret>"

    private let redactions: [SourcePlace: Redaction]

    /// The document again.
    static func text(_ root: YAMLNode, _ redactions: [SourcePlace: Redaction]) -> String {
        var out = ""
        RedactedYAML(redactions: redactions).write(root, indent: 0, isInline: false, &out)
        return out
    }

    /// The parser's depth limit bounds the recursion.
    private func write(
        _ node: YAMLNode, indent: Int, isInline: Bool, _ out: inout String
    ) {
        switch node.content {
        case .scalar(let scalar): out += text(scalar, of: node) + "\n"
        case .sequence(let items):
            if items.isEmpty { out += "[]\n" }
            for (index, item) in items.enumerated() {
                if index > 0 || !isInline { out += String(repeating: "  ", count: indent) }
                out += "- "
                write(item, indent: indent + 1, isInline: true, &out)
            }
        case .mapping(let entries):
            if entries.isEmpty { out += "{}\n" }
            for (index, entry) in entries.enumerated() {
                if index > 0 || !isInline { out += String(repeating: "  ", count: indent) }
                out += RedactedYAML.text(YAMLNode.Scalar(text: entry.key, isPlain: true)) + ":"
                write(value: entry, indent: indent, &out)
            }
        }
    }

    private func write(value entry: YAMLNode.Entry, indent: Int, _ out: inout String) {
        switch entry.value.content {
        case .scalar:
            out += " "
            write(entry.value, indent: indent, isInline: true, &out)
        case .sequence(let items) where items.isEmpty: out += " []\n"
        case .mapping(let entries) where entries.isEmpty: out += " {}\n"
        case .sequence:
            out += "\n"
            write(entry.value, indent: indent, isInline: false, &out)
        case .mapping:
            out += "\n"
            write(entry.value, indent: indent + 1, isInline: false, &out)
        }
    }

    private func text(_ scalar: YAMLNode.Scalar, of node: YAMLNode) -> String {
        if node.isNull || scalar.text.isEmpty { return RedactedYAML.text(scalar) }
        return switch redactions[node.place] {
        case .whole: RedactedYAML.secret
        case .path: RedactedYAML.host(of: scalar.text).goQuoted
        case .credentials, nil: RedactedYAML.text(scalar)
        }
    }

    private static func text(_ scalar: YAMLNode.Scalar) -> String {
        let shown = URLRedaction.hidingCredentials(scalar.text)
        let isPlain =
            scalar.isPlain && !shown.isEmpty
            && shown.utf8.allSatisfy { byte in
                let isWord = (0x61...0x7a).contains(byte | 0x20) || (0x30...0x39).contains(byte)
                return isWord || "_-./+<> ".utf8.contains(byte)
            } && !"-<> ".utf8.contains(shown.utf8.first ?? 0x20) && shown.utf8.last != 0x20
        return isPlain ? shown : shown.goQuoted
    }

    /// A URL's scheme and host.
    private static func host(of text: String) -> String {
        guard let origin = (try? ParsedURL(text))?.origin else { return secret }
        return origin + "/" + secret
    }
}
