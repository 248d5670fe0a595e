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
        let shown = withoutCredentials(scalar.text)
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
        guard let scheme = text.firstRange(of: "://") else { return secret }
        let authority = text[scheme.upperBound...].prefix { !"/?# ".contains($0) }
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        return text[..<scheme.upperBound] + host + "/" + secret
    }

    /// A URL with `xxxxx`, as Go writes it, for its user information and for the values of its query;
    /// any other text as it is.
    private static func withoutCredentials(_ text: String) -> String {
        guard let scheme = text.firstRange(of: "://"), !text.contains(" ") else { return text }
        var rest = text[scheme.upperBound...]
        var shown = String(text[..<scheme.upperBound])
        let authority = rest.prefix { !"/?#".contains($0) }
        if let at = authority.lastIndex(of: "@") {
            shown += "xxxxx"
            rest = rest[at...]
        }
        guard let question = rest.firstIndex(of: "?") else { return shown + rest }
        let query = rest[rest.index(after: question)...].split(
            separator: "&", omittingEmptySubsequences: false)
        let hidden = query.map { pair in
            pair.contains("=") ? pair.prefix { $0 != "=" } + "=xxxxx" : "xxxxx"
        }
        return shown + rest[...question] + hidden.joined(separator: "&")
    }
}
