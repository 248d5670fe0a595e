import Model

/// The little of URLs that configurations are checked for.
enum URLCheck {
    /// A text's scheme in lower case and its host with port; "" for what it has not.
    static func parts(_ text: String) -> (scheme: String, host: String) {
        let bytes = Array(text.utf8)
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0 else {
            return ("", "")
        }
        let scheme = String(decoding: bytes[..<colon], as: UTF8.self)
        guard
            scheme.utf8.allSatisfy({
                (0x61...0x7a).contains($0 | 0x20) || (0x30...0x39).contains($0)
                    || [0x2b, 0x2d, 0x2e].contains($0)
            })
        else { return ("", "") }
        let rest = bytes[(colon + 1)...]
        guard rest.starts(with: Array("//".utf8)) else { return (scheme.lowercased(), "") }
        let authority = rest.dropFirst(2).prefix { ![0x2f, 0x3f, 0x23].contains($0) }
        let host = authority.split(
            separator: UInt8(ascii: "@"), omittingEmptySubsequences: false
        ).last
        return (scheme.lowercased(), String(decoding: host ?? [], as: UTF8.self))
    }

    /// A URL of HTTP with a host, as Alertmanager asks for. A secret one is not in the error.
    static func http(_ element: Element, isSecret: Bool = false) -> String? {
        guard let text = element.string("a URL") else { return nil }
        let (scheme, host) = parts(text)
        if scheme != "http", scheme != "https" {
            element.error(
                isSecret
                    ? "unsupported scheme for URL, expected http or https"
                    : "unsupported scheme \(scheme.goQuoted) for URL")
            return nil
        }
        if host.isEmpty {
            element.error("missing host for URL")
            return nil
        }
        return text
    }
}
