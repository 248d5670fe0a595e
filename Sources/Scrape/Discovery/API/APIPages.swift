/// Lists that come in pages.
enum APIPages {
    /// How many pages of one list are asked for: a list whose pages name each other would never end.
    static let maximum = 10_000

    /// The elements of all pages. `ask` is told what the page before named as the next, "" at first, and
    /// brings a page and what it names; "" ends the list.
    static func all<Value>(
        of what: String,
        ask: (_ next: String) async throws(APIError) -> (values: [Value], next: String)
    ) async throws(APIError) -> [Value] {
        var values: [Value] = []
        var next = ""
        for _ in 0..<maximum {
            let page = try await ask(next)
            values += page.values
            next = page.next
            if next.isEmpty { return values }
        }
        throw APIError("more than \(maximum) pages of \(what) (APIPages.maximum)")
    }
}
