import Configuration
import Model
import Transport

/// An entry of `marathon_sd_configs`: targets are the ports of the tasks of applications.
struct MarathonTargetSource: TargetSource {
    static let mechanism = MarathonDiscovery.mechanism

    let settings: MarathonDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let api = APIClient(settings.client, environment)
        await environment.refresh(
            every: settings.refreshInterval, yield
        ) { () throws(APIError) in
            let applications = try await api.json(try await request(), statuses: 200..<300) {
                (root) throws(JSONError) in
                try root.list("apps").map(MarathonApplication.init)
            }.value
            return groups(applications)
        }
    }

    private func request() async throws(APIError) -> HTTPRequest {
        let endpoint = APIEndpoint(base: settings.servers.randomElement() ?? "")
        var request = endpoint.request(
            "/v2/apps/", [("embed", "apps.tasks")], timeout: APIClient.longTimeout)
        if let token = settings.token {
            // DC/OS takes no other form.
            let text = try await token.text()
            request.headers.append(.init("Authorization", "token=" + text))
        }
        return request
    }

    /// A group an application; of two with one name the last one counts.
    private func groups(_ applications: [MarathonApplication]) -> [DiscoveredGroup] {
        var seen: Set<String> = []
        return applications.reversed().filter { seen.insert($0.id).inserted }.reversed().map {
            DiscoveredGroup(place: $0.id, targets: $0.targets, labels: $0.labels)
        }
    }
}
