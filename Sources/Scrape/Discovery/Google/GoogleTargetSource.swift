import Configuration
import Model
import Transport

/// An entry of `gce_sd_configs`: targets are the instances of a zone of Google's Compute Engine.
struct GoogleTargetSource: TargetSource {
    static let mechanism = "gce"
    private static let endpoint = APIEndpoint(base: "https://compute.googleapis.com/compute/v1")

    let settings: GoogleDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let api = AuthorizedAPI(GoogleCredentials(environment), environment)
        await environment.refresh(
            every: settings.refreshInterval, yield
        ) { () throws(APIError) in
            let targets = try await APIPages.all(of: "instances") { (next) throws(APIError) in
                try await page(api, next)
            }
            let place = "GCE_\(settings.project)_\(settings.zone)"
            return [DiscoveredGroup(place: place, targets: targets)]
        }
    }

    private func page(
        _ api: AuthorizedAPI, _ token: String
    ) async throws(APIError) -> (values: [Labels], next: String) {
        let project = PercentEncoding.component(settings.project)
        let zone = PercentEncoding.component(settings.zone)
        let request = GoogleTargetSource.endpoint.request(
            "/projects/\(project)/zones/\(zone)/instances",
            [("filter", settings.filter), ("pageToken", token)].filter { !$0.1.isEmpty },
            timeout: settings.refreshInterval.duration)
        return try await api.json(request) { (root) throws(JSONError) in
            let targets = try root.list("items").map { (node) throws(JSONError) in
                try labels(node)
            }
            return (targets.compactMap(\.self), try root.string("nextPageToken"))
        }
    }

    private func labels(_ instance: JSONNode) throws(JSONError) -> Labels? {
        let prefix = "__meta_gce_"
        let interfaces = try instance.list("networkInterfaces")
        guard let first = interfaces.first else { return nil }
        let address = try first.string("networkIP")
        var labels = [
            Label("__address__", "\(address):\(settings.port)"),
            Label(prefix + "project", settings.project),
            Label(prefix + "zone", try instance.string("zone")),
            Label(prefix + "instance_id", "\(try instance.quotedNumber("id"))"),
            Label(prefix + "instance_name", try instance.string("name")),
            Label(prefix + "instance_status", try instance.string("status")),
            Label(prefix + "machine_type", try instance.string("machineType")),
            Label(prefix + "network", try first.string("network")),
            Label(prefix + "subnetwork", try first.string("subnetwork")),
            Label(prefix + "private_ip", address),
            Label(prefix + "public_ip", try publicAddress(first)),
        ]
        labels.append(
            prefix: prefix + "interface_ipv4_",
            each: try interfaces.map { (interface) throws(JSONError) in
                (name: try interface.string("name"), value: try interface.string("networkIP"))
            })
        let tags = try instance.field("tags")?.strings("items") ?? []
        if !tags.isEmpty {
            let separator = settings.tagSeparator
            labels.append(
                prefix + "tags", separator + tags.joined(separator: separator) + separator)
        }
        labels.append(prefix: prefix + "metadata_", each: try metadata(instance))
        labels.append(prefix: prefix + "label_", each: try instance.textMap("labels"))
        return Labels(labels)
    }

    /// The address that the first way in from outside is translated to.
    private func publicAddress(_ interface: JSONNode) throws(JSONError) -> String {
        guard let access = try interface.list("accessConfigs").first,
            try access.string("type") == "ONE_TO_ONE_NAT"
        else { return "" }
        return try access.string("natIP")
    }

    private func metadata(
        _ instance: JSONNode
    ) throws(JSONError) -> [(name: String, value: String)] {
        let items = try instance.field("metadata")?.list("items") ?? []
        return try items.map { (item) throws(JSONError) in
            (name: try item.string("key"), value: try item.string("value"))
        }
    }
}
