import Configuration
import Model
import Transport

/// The lists of Linode's API.
struct LinodeAPI {
    private static let endpoint = APIEndpoint(base: "https://api.linode.com/v4")
    private static let pageSize = 500
    private static let eventPageSize = 25

    /// What the targets are made of.
    struct Lists {
        var instances: [LinodeInstance]
        var addresses: [LinodeAddress]
        var ranges: [LinodeRange]
    }

    private let settings: LinodeDiscovery
    private let client: APIClient

    init(_ settings: LinodeDiscovery, _ client: APIClient) {
        self.settings = settings
        self.client = client
    }

    func instances() async throws(APIError) -> Lists {
        Lists(
            instances: try await all("linode/instances", LinodeInstance.init),
            addresses: try await all("networking/ips", LinodeAddress.init),
            ranges: try await all("networking/ipv6/ranges", LinodeRange.init))
    }

    /// Whether nothing happened since then; nil where the token may not ask that.
    func hasNoEvents(since: Timestamp) async throws(APIError) -> Bool? {
        let second = Timestamp(milliseconds: since.wholeSeconds * 1000).description.dropLast()
        let request = request(
            "account/events", page: 1, size: LinodeAPI.eventPageSize,
            filter: "{\"created\": {\"+gte\": \"\(second)\"}}")
        let response = try await client.send(request)
        if response.status == 401 { return nil }
        return try APIClient.parse(
            try APIClient.require(response, of: request, statuses: 200..<300), of: request
        ) { (root) throws(JSONError) in try root.list("data").isEmpty }
    }

    private func all<Value>(
        _ list: String, _ read: (JSONNode) throws(JSONError) -> Value
    ) async throws(APIError) -> [Value] {
        let region = settings.region
        let filter = region.isEmpty ? nil : "{\"region\": \(region.jsonQuoted)}"
        var (found, pages): ([Value], Int?) = ([], nil)
        try await APIPages.each(of: list) { (number) throws(APIError) in
            let page = try await client.json(
                request(list, page: number, size: LinodeAPI.pageSize, filter: filter),
                statuses: 200..<300
            ) { (root) throws(JSONError) in
                (values: try root.list("data").map(read), pages: try root.int("pages"))
            }.value
            found += page.values
            if pages == nil { pages = page.pages }
            return number < pages ?? 0
        }
        return found
    }

    private func request(
        _ list: String, page: Int, size: Int, filter: String?
    ) -> HTTPRequest {
        var request = LinodeAPI.endpoint.request(
            "/\(list)", [("page", "\(page)"), ("page_size", "\(size)")],
            timeout: settings.refreshInterval.duration)
        if let filter { request.headers.append(.init("X-Filter", filter)) }
        return request
    }
}
