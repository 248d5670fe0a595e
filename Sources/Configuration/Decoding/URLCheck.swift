import Model

/// How configurations' URLs are checked.
enum URLCheck {
    /// A URL of HTTP with a host, as Alertmanager asks for. A secret one is not in the error.
    static func http(_ element: Element, isSecret: Bool = false) -> String? {
        guard let text = element.string("a URL") else { return nil }
        let url: ParsedURL
        do throws(ParsedURL.ParseError) {
            url = try ParsedURL(text)
        } catch {
            // Go's words may hold a piece of the URL, and a URL may be a secret.
            element.error(isSecret ? hiding(error) : "parse \(text.goQuoted): \(error)")
            return nil
        }
        if !isHTTP(url) {
            element.error(
                isSecret
                    ? "unsupported scheme for URL, expected http or https"
                    : "unsupported scheme \(url.scheme.goQuoted) for URL")
            return nil
        }
        if url.hostAndPort.isEmpty {
            element.error("missing host for URL")
            return nil
        }
        return text
    }

    /// Whether it is a URL at all, as Go reads one. What it holds may be a secret.
    static func check(_ element: Element) {
        guard let text = element.string("a URL") else { return }
        do throws(ParsedURL.ParseError) { _ = try ParsedURL(text) } catch {
            element.error(hiding(error))
        }
    }

    static func isHTTP(_ url: ParsedURL) -> Bool { ["http", "https"].contains(url.scheme) }

    /// The error without what it quotes.
    static func hiding(_ error: ParsedURL.ParseError) -> String {
        let parts = error.description.split(separator: "\"", omittingEmptySubsequences: false)
        guard parts.count > 2 else { return error.description }
        return "\(parts[0])\"<secret>\"\(parts[parts.count - 1])"
    }
}
