import Configuration
import Model

/// An entry of `triton_sd_configs`: targets are containers, or the nodes that they run on.
struct TritonTargetSource: TargetSource {
    static let mechanism = "triton"

    let settings: TritonDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let api = APIClient(settings.client, environment)
        let base = "https://\(settings.endpoint):\(settings.port)/v\(settings.version)"
        let isContainer = settings.role == .container
        let request = APIEndpoint(base: base).request(
            isContainer ? "/discover" : "/gz/discover",
            settings.groups.isEmpty ? [] : [("groups", settings.groups.joined(separator: ","))],
            timeout: settings.refreshInterval.duration)
        await environment.refresh(
            every: settings.refreshInterval, yield
        ) { () throws(APIError) in
            let targets = try await api.json(request) { (root) throws(JSONError) in
                try root.list(isContainer ? "containers" : "cns").map { (node) throws(JSONError) in
                    try isContainer ? container(node) : computeNode(node)
                }
            }.value
            return [DiscoveredGroup(place: request.url, targets: targets)]
        }
    }

    private static let prefix = "__meta_triton_"

    private func container(_ node: JSONNode) throws(JSONError) -> Labels {
        let prefix = TritonTargetSource.prefix
        let id = try node.string("vm_uuid")
        let groups = try node.strings("groups")
        return Labels([
            Label("__address__", address(id)), Label(prefix + "machine_id", id),
            Label(prefix + "machine_alias", try node.string("vm_alias")),
            Label(prefix + "machine_brand", try node.string("vm_brand")),
            Label(prefix + "machine_image", try node.string("vm_image_uuid")),
            Label(prefix + "server_id", try node.string("server_uuid")),
            Label(prefix + "groups", groups.isEmpty ? "" : ",\(groups.joined(separator: ",")),"),
        ])
    }

    private func computeNode(_ node: JSONNode) throws(JSONError) -> Labels {
        let prefix = TritonTargetSource.prefix
        let id = try node.string("server_uuid")
        return Labels([
            Label("__address__", address(id)), Label(prefix + "machine_id", id),
            Label(prefix + "machine_alias", try node.string("server_hostname")),
        ])
    }

    private func address(_ id: String) -> String { "\(id).\(settings.dnsSuffix):\(settings.port)" }
}
