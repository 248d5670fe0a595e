import Model

/// What receivers look at of a URL that was checked when the configuration was loaded.
enum ReceiverURL {
    /// The host without its port; "" where there is none.
    static func host(of url: String) -> String {
        (try? ParsedURL(url))?.host.lowercased() ?? ""
    }

    /// The host with its port, as a header says it.
    static func authority(of url: String) -> String { (try? ParsedURL(url))?.hostAndPort ?? "" }

    /// The path, "/" where there is none.
    static func path(of url: String) -> String {
        let path = (try? ParsedURL(url))?.escapedPath ?? ""
        return path.isEmpty ? "/" : path
    }
}
