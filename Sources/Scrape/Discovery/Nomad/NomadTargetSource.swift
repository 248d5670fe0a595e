import Configuration
import Model

/// An entry of `nomad_sd_configs`: targets are the instances of the services that Nomad itself registers.
struct NomadTargetSource: TargetSource {
    static let mechanism = "nomad"

    let settings: NomadDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let api = APIClient(settings.client, environment)
        await environment.refresh(
            every: settings.refreshInterval, yield
        ) { () throws(APIError) in
            var targets: [Labels] = []
            for name in try await list(api, "/v1/services", names).flatMap(\.self) {
                let path = "/v1/service/" + PercentEncoding.component(name)
                targets += try await list(api, path, labels)
            }
            return [DiscoveredGroup(place: "Nomad", targets: targets)]
        }
    }

    private func list<Value>(
        _ api: APIClient, _ path: String, _ read: (JSONNode) throws(JSONError) -> Value
    ) async throws(APIError) -> [Value] {
        var query = [("namespace", settings.namespace), ("region", settings.region)]
            .filter { !$0.1.isEmpty }
        if settings.allowsStale { query.append(("stale", "")) }
        let request = endpoint.request(path, query, timeout: settings.refreshInterval.duration)
        return try await api.json(request) { (root) throws(JSONError) in
            try root.elements().map(read)
        }.value
    }

    private var endpoint: APIEndpoint {
        if let (scheme, path) = settings.server.schemeAndRest, scheme == "unix" {
            return APIEndpoint(base: "http://localhost", unixSocket: path)
        }
        return APIEndpoint(base: settings.server)
    }

    /// The names of a namespace's services.
    private func names(_ namespace: JSONNode) throws(JSONError) -> [String] {
        try namespace.list("Services").map { (service) throws(JSONError) in
            try service.string("ServiceName")
        }
    }

    private func labels(_ instance: JSONNode) throws(JSONError) -> Labels {
        let address = try instance.string("Address")
        let port = try instance.int("Port")
        let prefix = "__meta_nomad_"
        var labels = [
            Label("__address__", .address(address, port)),
            Label(prefix + "address", address),
            Label(prefix + "dc", try instance.string("Datacenter")),
            Label(prefix + "node_id", try instance.string("NodeID")),
            Label(prefix + "namespace", try instance.string("Namespace")),
            Label(prefix + "service", try instance.string("ServiceName")),
            Label(prefix + "service_address", address),
            Label(prefix + "service_id", try instance.string("ID")),
            Label(prefix + "service_port", "\(port)"),
        ]
        let tags = try instance.strings("Tags")
        if !tags.isEmpty {
            let separator = settings.tagSeparator
            labels.append(
                prefix + "tags", separator + tags.joined(separator: separator) + separator)
        }
        return Labels(labels)
    }
}
