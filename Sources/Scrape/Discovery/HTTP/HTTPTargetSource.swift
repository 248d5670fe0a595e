import Configuration
import Model
import Transport

/// An entry of `http_sd_configs`: target groups in JSON from an HTTP endpoint.
struct HTTPTargetSource: TargetSource {
    static let mechanism = "http"

    let settings: HTTPDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let api = APIClient(settings.client, environment)
        await environment.refresh(
            every: settings.refreshInterval, yield
        ) { () throws(APIError) in
            try groups(try await api.get(request))
        }
    }

    /// The URL as errors show it: its query may hold a token.
    private var shownURL: String { URLRedaction.hidingCredentials(settings.url) }

    /// The URL as relabelling gets it: its query may tell what the targets are.
    private var metaURL: String { URLRedaction.redact(settings.url) }

    private var request: HTTPRequest {
        var request = HTTPRequest(url: settings.url)
        request.timeout = settings.refreshInterval.duration
        request.headers = [
            .init("Accept", "application/json"),
            .init(
                "X-Prometheus-Refresh-Interval-Seconds",
                GoFloat.fixed(settings.refreshInterval.inSeconds)),
        ]
        return request
    }

    private func groups(_ response: HTTPResponse) throws(APIError) -> [DiscoveredGroup] {
        try APIClient.requireJSON(response, of: request)
        let result = TargetGroup.load(json: response.body, path: shownURL)
        guard let groups = result.value, result.errors.isEmpty else {
            throw APIError(Problems(result.errors).description)
        }
        return groups.enumerated().map { index, group in
            DiscoveredGroup(
                place: "\(shownURL):\(index)",
                targets: group.targets.map { Labels(["__address__": $0]) },
                labels: group.labels.setting(Target.urlLabel, metaURL))
        }
    }
}
