extension String {
    /// The path of an address `scheme://host/path`, without what follows a `?` or `#`; empty where there is
    /// none.
    public var pathOfURL: String {
        guard let url = try? ParsedURL(self), !url.hostAndPort.isEmpty else { return "" }
        return url.escapedPath
    }
}
