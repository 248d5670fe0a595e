import Model

/// Where others reach Tocsin: what links in messages begin with.
public enum ExternalURL {
    /// Why a text is none, or nil. It may be a URL of HTTP, or a path alone such as `/prometheus`.
    public static func problem(in text: String) -> String? {
        if let first = text.first, let last = text.last,
            "\"'".contains(first) || "\"'".contains(last)
        {
            return "URL must not begin or end with quotes"
        }
        let url: ParsedURL
        do throws(ParsedURL.ParseError) {
            url = try ParsedURL(text)
        } catch {
            return "parse \(text.goQuoted): \(error)"
        }
        if text.hasPrefix("/"), url.hostAndPort.isEmpty { return nil }
        if URLCheck.isHTTP(url), !url.hostAndPort.isEmpty { return nil }
        return
            "expected a URL that begins with http:// or https://, or a path such as /prometheus, "
            + "found \(text.goQuoted)"
    }

    /// The URL without a slash at its end. What is not written follows from where Tocsin listens; an
    /// address that stands for all of the machine's gives way to the machine's name.
    public static func text(
        _ written: String?, listenAddress: String, hostName: String
    ) -> String {
        var text = written ?? ""
        if text.isEmpty || text.hasPrefix("/") {
            let colon = listenAddress.lastIndex(of: ":") ?? listenAddress.endIndex
            let host = listenAddress[..<colon]
            let isEverywhere = ["", "0.0.0.0", "[::]", "*"].contains(host)
            text =
                "http://" + (isEverywhere ? hostName : String(host)) + listenAddress[colon...]
                + text
        }
        while text.hasSuffix("/") { text.removeLast() }
        return text
    }
}
