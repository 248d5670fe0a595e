import Model

/// What receivers look at of a URL that was checked when the configuration was loaded.
enum ReceiverURL {
    /// The host without its port; "" where there is none.
    static func host(of url: String) -> String {
        (try? ParsedURL(url))?.host.lowercased() ?? ""
    }
}
