import Configuration
import Model
import Transport

/// An entry of `stackit_sd_configs`: targets are the servers of a project of STACKIT.
struct StackitTargetSource: TargetSource {
    static let mechanism = "stackit"
    private static let prefix = "__meta_stackit_"

    let settings: StackitDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let api = AuthorizedAPI(StackitIdentity(settings, environment), environment)
        await environment.refresh(
            every: settings.refreshInterval, yield
        ) { () throws(APIError) in
            let targets = try await api.json(request) { (root) throws(JSONError) in
                try root.list("items").map { (node) throws(JSONError) in try labels(node) }
                    .compactMap(\.self)
            }
            return [DiscoveredGroup(place: "stackit", targets: targets)]
        }
    }

    private var request: HTTPRequest {
        let standard = "https://iaas.api.\(settings.region).stackit.cloud"
        let endpoint = APIEndpoint(
            base: settings.endpoint.isEmpty ? standard : settings.endpoint)
        let project = PercentEncoding.component(settings.project)
        var request = endpoint.request(
            "/v1/projects/\(project)/servers", [("details", "true")],
            timeout: settings.refreshInterval.duration)
        request.headers = [.init("Accept", "application/json")]
        return request
    }

    private func labels(_ server: JSONNode) throws(JSONError) -> Labels? {
        let prefix = StackitTargetSource.prefix
        let cards = try server.list("nics").map { (node) throws(JSONError) in
            (
                network: try node.string("networkName"), local: try node.string("ipv4"),
                shown: try node.string("publicIp")
            )
        }
        let shown = cards.map(\.shown).first { !$0.isEmpty } ?? ""
        let local = cards.map(\.local).first { !$0.isEmpty } ?? ""
        let address = shown.isEmpty ? local : shown
        if address.isEmpty { return nil }
        var labels = [
            Label("__address__", .address(address, settings.port)),
            Label(prefix + "project", settings.project),
            Label(prefix + "id", try server.string("id")),
            Label(prefix + "name", try server.string("name")),
            Label(prefix + "availability_zone", try server.string("availabilityZone")),
            Label(prefix + "status", try server.string("status")),
            Label(prefix + "power_status", try server.string("powerStatus")),
            Label(prefix + "type", try server.string("machineType")),
            Label(prefix + "public_ipv4", shown),
        ]
        labels.append(
            prefix: prefix + "private_ipv4_",
            each: cards.filter { !$0.local.isEmpty }.map { (name: $0.network, value: $0.local) })
        // Only those that are texts count.
        for member in try server.map("labels") {
            guard case .string(let text) = member.value.content else { continue }
            let name = member.name.sanitizedLabelName
            labels.append(prefix + "labelpresent_" + name, "true")
            labels.append(prefix + "label_" + name, text)
        }
        return Labels(labels)
    }
}
