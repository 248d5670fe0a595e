extension String {
    /// The path of an address `scheme://host/path`, without what follows a `?` or `#`; empty where there is
    /// none.
    public var pathOfURL: String {
        // Three parts before the path, the second of them empty.
        let parts = split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].hasSuffix(":"), parts[1].isEmpty else { return "" }
        return "/" + parts[3].prefix { $0 != "?" && $0 != "#" }
    }
}
