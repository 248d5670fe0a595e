import Model

/// A YAML file as others may see it: what it says, without comments and without secrets.
public struct RedactedYAML: Sendable {
    private let secrets: Secrets

    /// What stands in the place of a secret.
    public static let secret = "<secret>"

    /// Which keys have secrets.
    public struct Secrets: Sendable {
        /// Keys whose values nobody may see.
        var keys: Set<String>
        /// Keys whose values are URLs that nobody may see more of than the host.
        var urls: Set<String> = []
        /// Keys whose lists nobody may see.
        var lists: Set<String> = ["secrets"]

        /// Those of a configuration of scrapes.
        public static let scrapes = Secrets(keys: [
            "password", "bearer_token", "credentials", "client_secret", "secret_key",
            "access_key", "api_key", "api_token", "token", "key", "sharedSecret",
            "shared_secret", "private_key", "application_credential_secret",
        ])

        /// Those of a configuration of notifiers: the URL of a webhook mostly is one.
        public static let notifiers = Secrets(
            keys: scrapes.keys.union([
                "alert_source_token", "api_secret", "app_token", "auth_password", "auth_secret",
                "bot_token", "opsgenie_api_key", "rocketchat_token", "rocketchat_token_id",
                "routing_key", "service_key", "slack_api_url", "slack_app_token",
                "smtp_auth_password", "smtp_auth_secret", "token_id", "user_key",
                "victorops_api_key", "webhook_url", "wechat_api_secret",
            ]),
            urls: ["url", "api_url", "slack_app_url"])
    }

    /// The document again; the empty text where it is none.
    public static func text(
        _ bytes: [UInt8], path: String, secrets: Secrets = .scrapes
    ) -> String {
        let (root, _) = YAMLParser.parse(bytes, file: path)
        guard let root else { return "" }
        var out = ""
        RedactedYAML(secrets: secrets).write(root, indent: 0, isInline: false, &out)
        return out
    }

    /// The parser's depth limit bounds the recursion.
    private func write(
        _ node: YAMLNode, indent: Int, isInline: Bool, _ out: inout String
    ) {
        switch node.content {
        case .scalar(let scalar): out += RedactedYAML.text(scalar) + "\n"
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
            if entry.value.isNull {
                write(entry.value, indent: indent, isInline: true, &out)
            } else if secrets.keys.contains(entry.key) {
                out += RedactedYAML.secret + "\n"
            } else if secrets.urls.contains(entry.key), case .scalar(let url) = entry.value.content
            {
                out += RedactedYAML.withoutPath(url.text).goQuoted + "\n"
            } else {
                write(entry.value, indent: indent, isInline: true, &out)
            }
        case .sequence(let items) where items.isEmpty: out += " []\n"
        case .mapping(let entries) where entries.isEmpty: out += " {}\n"
        case .sequence where secrets.lists.contains(entry.key):
            out += " [" + RedactedYAML.secret + "]\n"
        case .sequence:
            out += "\n"
            write(entry.value, indent: indent, isInline: false, &out)
        case .mapping:
            out += "\n"
            write(entry.value, indent: indent + 1, isInline: false, &out)
        }
    }

    private static func text(_ scalar: YAMLNode.Scalar) -> String {
        let shown = withoutPassword(scalar.text)
        let isPlain =
            scalar.isPlain && !shown.isEmpty
            && shown.utf8.allSatisfy { byte in
                let isWord = (0x61...0x7a).contains(byte | 0x20) || (0x30...0x39).contains(byte)
                return isWord || "_-./+<> ".utf8.contains(byte)
            } && !"-<> ".utf8.contains(shown.utf8.first ?? 0x20) && shown.utf8.last != 0x20
        return isPlain ? shown : shown.goQuoted
    }

    /// A URL's scheme and host.
    private static func withoutPath(_ text: String) -> String {
        guard let scheme = text.firstRange(of: "://") else { return secret }
        let authority = text[scheme.upperBound...].prefix { !"/?# ".contains($0) }
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        return text[..<scheme.upperBound] + host + "/" + secret
    }

    /// `scheme://user:password@host` with the password hidden, as Go hides it.
    private static func withoutPassword(_ text: String) -> String {
        guard let scheme = text.firstRange(of: "://") else { return text }
        let authority = text[scheme.upperBound...].prefix { !"/?# ".contains($0) }
        guard let at = authority.lastIndex(of: "@"),
            let colon = authority[..<at].firstIndex(of: ":")
        else { return text }
        return text[...colon] + "xxxxx" + text[at...]
    }
}
