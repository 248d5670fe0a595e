/// URLs as they may be shown.
public enum URLRedaction {
    /// What stands in the place of what is hidden, as in Go.
    static let mark = "xxxxx"

    /// The URL with the password of its user part, if any, replaced by `xxxxx`, as Go shows it; of a user
    /// part without a name or a password nothing is shown. Of a text that is no URL everything in front of
    /// its last `@` is hidden.
    public static func redact(_ text: String) -> String {
        guard let url = try? ParsedURL(text) else { return hidingFront(text) }
        guard let user = url.userInformation else { return text }
        let (name, password) = Array(user.utf8)[...].cut(UInt8(ascii: ":"))
        let hasName = !name.isEmpty && password != nil
        let shown = hasName ? String(decoding: name, as: UTF8.self) + ":" + mark : mark
        return replacing(user, by: shown, in: text)
    }

    /// The URL without user information and without the values of its query; of
    /// what was meant as a URL and is none, neither what is in front of its last `@` nor its query. Another
    /// text is shown as it is.
    public static func hidingCredentials(_ text: String) -> String {
        guard let url = try? ParsedURL(text) else {
            // A URL that is a template is none, and a text with spaces was not meant to be one.
            guard text.contains("://"), !text.contains(" ") else { return text }
            let front = String(hidingFront(text).prefix { $0 != "?" })
            return front + (text.contains("?") ? "?" + mark : "")
        }
        guard url.origin != nil else { return text }
        var shown = text
        if let user = url.userInformation { shown = replacing(user, by: mark, in: shown) }
        if url.query.isEmpty { return shown }
        let values = url.query.split(separator: "&", omittingEmptySubsequences: false).map {
            $0.contains("=") ? $0.prefix { $0 != "=" } + "=" + mark : mark
        }
        // The first one is the query's: in front of it no question mark can stand.
        guard let range = shown.firstRange(of: "?" + url.query) else { return mark }
        return shown.replacingCharacters(range, with: "?" + values.joined(separator: "&"))
    }

    private static func hidingFront(_ text: String) -> String {
        guard let at = text.lastIndex(of: "@") else { return text }
        return mark + text[at...]
    }

    /// The user information stands behind the first two slashes, and holds none itself.
    private static func replacing(_ user: String, by shown: String, in text: String) -> String {
        guard let range = text.firstRange(of: "//\(user)@") else { return mark }
        return text.replacingCharacters(range, with: "//\(shown)@")
    }
}

extension String {
    fileprivate func replacingCharacters(
        _ range: Range<String.Index>, with text: String
    ) -> String {
        self[..<range.lowerBound] + text + self[range.upperBound...]
    }
}
