import Model

/// How configurations' URLs are checked.
public enum URLCheck {
    /// Why a text that is a secret is no URL of HTTP with a host, or nil. The reason holds nothing of it. A
    /// template, as webhooks have them, is a URL only when it is rendered.
    public static func problem(ofSecret text: String) -> String? {
        if text.contains("{{") { return nil }
        do throws(ParsedURL.ParseError) {
            return problem(of: try ParsedURL(text), isSecret: true)
        } catch {
            return hiding(error)
        }
    }

    private static func problem(of url: ParsedURL, isSecret: Bool) -> String? {
        if !isHTTP(url) {
            return isSecret
                ? "unsupported scheme for URL, expected http or https"
                : "unsupported scheme \(url.scheme.goQuoted) for URL"
        }
        return url.hostAndPort.isEmpty ? "missing host for URL" : nil
    }

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
        if let problem = problem(of: url, isSecret: isSecret) {
            element.error(problem)
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
