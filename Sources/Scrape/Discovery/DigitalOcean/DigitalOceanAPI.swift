import Configuration
import Model
import Transport

/// The lists of DigitalOcean's API.
struct DigitalOceanAPI {
    private static let endpoint = APIEndpoint(base: "https://api.digitalocean.com/v2")
    private static let databasePageSize = 100

    private let settings: DigitalOceanDiscovery
    private let client: APIClient

    init(_ settings: DigitalOceanDiscovery, _ client: APIClient) {
        self.settings = settings
        self.client = client
    }

    func droplets<Value>(
        _ read: (JSONNode) throws(JSONError) -> Value
    ) async throws(APIError) -> [Value] {
        var (found, number): ([Value], Int?) = ([], nil)
        try await APIPages.each(of: "droplets") { (_) throws(APIError) in
            let page = try await page(
                "droplets", number.map { [("page", "\($0)")] } ?? [], read)
            found += page.values
            number = page.next
            return page.next != nil
        }
        return found
    }

    /// Every page but an empty one may have another behind it, whatever its links say.
    func databases<Value>(
        _ read: (JSONNode) throws(JSONError) -> Value
    ) async throws(APIError) -> [Value] {
        var (found, number): ([Value], Int) = ([], 1)
        try await APIPages.each(of: "databases") { (_) throws(APIError) in
            let size = "\(DigitalOceanAPI.databasePageSize)"
            let page = try await page(
                "databases", [("page", "\(number)"), ("per_page", size)], read)
            found += page.values
            number = page.next ?? number + 1
            return !page.values.isEmpty
        }
        return found
    }

    private func page<Value>(
        _ list: String, _ query: [(String, String)],
        _ read: (JSONNode) throws(JSONError) -> Value
    ) async throws(APIError) -> (values: [Value], next: Int?) {
        let request = DigitalOceanAPI.endpoint
            .request("/\(list)", query, timeout: settings.refreshInterval.duration)
        return try await client.json(request, statuses: 200..<300) { (root) throws(JSONError) in
            let pages = try root.field("links")?.field("pages")
            return (try root.list(list).map(read), try pages.flatMap(next))
        }.value
    }

    /// The number behind that of this page, which the link to the page before tells.
    private func next(_ pages: JSONNode) throws(JSONError) -> Int? {
        if try pages.string("next").isEmpty { return nil }
        let before = try pages.string("prev")
        if before.isEmpty { return 2 }
        let fields = (try? ParsedURL(before)).map { PercentEncoding.fields(ofForm: $0.query) }
        guard let text = fields?.first(where: { $0.name == "page" })?.value,
            let number = Int(text), number < Int.max - 2
        else {
            throw JSONError("prev: no number of a page in \(before.goQuoted)", at: pages.offset)
        }
        return number + 2
    }
}
