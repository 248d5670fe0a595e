/// Lists that come in pages.
enum APIPages {
    /// How many pages of one list are asked for: a list whose pages name each other would never end.
    static let maximum = 10_000

    /// Has `look` ask for page 1, 2, … until it says that there is no other. `limit` is the name of the
    /// limit in the error.
    static func each(
        of list: String, limit: String = "APIPages.maximum",
        _ look: (_ page: Int) async throws(APIError) -> Bool
    ) async throws(APIError) {
        for page in 1...maximum where try await !look(page) { return }
        throw APIError("more than \(maximum) pages of \(list) (\(limit))")
    }

    /// The elements of all pages. `ask` is told what the page before named as the next, "" at first, and
    /// brings a page and what it names; "" ends the list.
    static func all<Value>(
        of list: String, limit: String = "APIPages.maximum",
        ask: (_ next: String) async throws(APIError) -> (values: [Value], next: String)
    ) async throws(APIError) -> [Value] {
        var (values, next): ([Value], String) = ([], "")
        try await each(of: list, limit: limit) { (_) throws(APIError) in
            let page = try await ask(next)
            values += page.values
            next = page.next
            return !next.isEmpty
        }
        return values
    }
}
