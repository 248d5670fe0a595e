import Configuration
import Model
import Transport

/// The lists of a zone of Scaleway's.
struct ScalewayAPI {
    private let settings: ScalewayDiscovery
    private let client: APIClient
    private let endpoint: APIEndpoint

    init(_ settings: ScalewayDiscovery, _ client: APIClient) {
        self.settings = settings
        self.client = client
        endpoint = APIEndpoint(base: settings.apiURL)
    }

    func all<Value>(
        _ service: String, _ list: String, _ query: [(String, String)] = [],
        read: (JSONNode) throws(JSONError) -> Value
    ) async throws(APIError) -> [Value] {
        let path = "/\(service)/zones/\(PercentEncoding.component(settings.zone))/\(list)"
        var found: [Value] = []
        var pages: Int?
        try await APIPages.each(of: list) { (number) throws(APIError) in
            let request = endpoint.request(
                path, (query + [("page", "\(number)")]).sorted { $0.0 < $1.0 },
                timeout: settings.refreshInterval.duration)
            let (page, response) = try await client.json(request, statuses: 200..<300) {
                (root) throws(JSONError) in
                (values: try root.list(list).map(read), total: try root.int("total_count"))
            }
            found += page.values
            if page.values.isEmpty { return false }
            if pages == nil {
                // The older of Scaleway's services count in a header.
                let total = response.header("X-Total-Count").flatMap { Int($0) } ?? page.total
                let size = page.values.count
                pages = total / size + (total % size > 0 ? 1 : 0)
            }
            return number < pages ?? 0
        }
        return found
    }
}
