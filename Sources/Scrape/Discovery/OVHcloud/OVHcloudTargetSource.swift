import Configuration
import HTTPClient
import Model
import Transport

/// An entry of `ovhcloud_sd_configs`: targets are virtual or dedicated servers.
struct OVHcloudTargetSource: TargetSource {
    static let mechanism = "ovhcloud"

    let settings: OVHcloudDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        await environment.poll(
            every: settings.refreshInterval, from: SourceUpdate(groups: nil)
        ) { _, now in
            do throws(APIError) {
                return try await look(try await OVHcloudAPI.open(settings, environment, at: now))
            } catch {
                return .failure(error.description)
            }
        } found: { update in
            yield(update)
        }
    }

    /// As in Prometheus, a server whose details cannot be had is left out; that is told.
    private func look(_ api: OVHcloudAPI) async throws(APIError) -> SourceUpdate {
        let root = settings.service == .virtualServer ? "/vps" : "/dedicated/server"
        let names = try await api.get(root) { (node) throws(JSONError) in try node.texts() }
        var targets: [Labels] = []
        var problems: [String] = []
        for name in names {
            do throws(APIError) {
                targets.append(try await server(api, root, name))
            } catch {
                problems.append("could not get details of \(name): \(error)")
            }
        }
        let place = "ovhcloud_\(settings.service.rawValue)"
        return SourceUpdate(
            groups: [DiscoveredGroup(place: place, targets: targets)], problems: problems)
    }

    private func server(
        _ api: OVHcloudAPI, _ root: String, _ name: String
    ) async throws(APIError) -> Labels {
        let path = "\(root)/\(PercentEncoding.formValue(name))"
        let details = try await api.get(path) { (node) throws(JSONError) in
            switch settings.service {
            case .virtualServer: try OVHcloudLabels.virtualServer(node)
            case .dedicatedServer: try OVHcloudLabels.dedicatedServer(node)
            }
        }
        let texts = try await api.get(path + "/ips") { (node) throws(JSONError) in
            try node.texts()
        }
        return Labels(details + (try OVHcloudLabels.addresses(texts, settings.service)))
    }
}

/// OVHcloud's API, for one look.
private struct OVHcloudAPI: Sendable {
    /// How long a request may take.
    private static let timeout: Duration = .seconds(180)
    private static let endpoints = [
        "ovh-eu": "https://eu.api.ovh.com/1.0", "ovh-ca": "https://ca.api.ovh.com/1.0",
        "ovh-us": "https://api.us.ovhcloud.com/1.0",
        "kimsufi-eu": "https://eu.api.kimsufi.com/1.0",
        "kimsufi-ca": "https://ca.api.kimsufi.com/1.0",
        "soyoustart-eu": "https://eu.api.soyoustart.com/1.0",
        "soyoustart-ca": "https://ca.api.soyoustart.com/1.0",
    ]

    private let client: APIClient
    private let endpoint: APIEndpoint
    private let credentials: OVHcloudCredentials
    private let clock: any PipelineClock
    /// How far our clock is ahead of OVHcloud's.
    private let ahead: Int64

    /// Asks for the time, because signatures hold only by OVHcloud's own clock.
    static func open(
        _ settings: OVHcloudDiscovery, _ environment: SourceEnvironment, at now: Timestamp
    ) async throws(APIError) -> OVHcloudAPI {
        var configuration = HTTPClientConfiguration()
        configuration.proxyFromEnvironment = true
        let client = APIClient(configuration, environment)
        let endpoint = try self.endpoint(settings.endpoint)
        let request = endpoint.request("/auth/time", timeout: timeout)
        let time = try await client.json(request) { (node) throws(JSONError) in
            guard case .number(let text) = node.content, let seconds = Int64(text) else {
                throw JSONError("expected seconds, found \(node.kindName)", at: node.offset)
            }
            return seconds
        }.value
        return OVHcloudAPI(
            client: client, endpoint: endpoint,
            credentials: OVHcloudCredentials(
                application: settings.applicationKey,
                secret: try await settings.applicationSecret.text(),
                consumer: try await settings.consumerKey.text()),
            clock: environment.clock, ahead: now.seconds &- time)
    }

    private static func endpoint(_ name: String) throws(APIError) -> APIEndpoint {
        if name.contains("/") { return APIEndpoint(base: name) }
        if let known = endpoints[name] { return APIEndpoint(base: known) }
        let names = endpoints.keys.sorted().joined(separator: ", ")
        throw APIError("unknown endpoint \(name.goQuoted): expected a URL or one of \(names)")
    }

    func get<Value>(
        _ path: String, _ read: (JSONNode) throws(JSONError) -> Value
    ) async throws(APIError) -> Value {
        var request = endpoint.request(path, timeout: OVHcloudAPI.timeout)
        request.sign(as: credentials, at: clock.now.seconds &- ahead)
        return try await client.json(request, read: read).value
    }
}

extension Timestamp {
    /// Whole seconds.
    fileprivate var seconds: Int64 { milliseconds / 1000 }
}
