import Configuration
import Model

/// An entry of `ionos_sd_configs`: targets are the servers of a data center of IONOS Cloud.
struct IonosTargetSource: TargetSource {
    static let mechanism = "ionos"
    private static let endpoint = APIEndpoint(base: "https://api.ionos.com/cloudapi/v6")
    private static let prefix = "__meta_ionos_server_"

    let settings: IonosDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let api = APIClient(settings.client, environment)
        let center = PercentEncoding.component(settings.datacenter)
        let request = IonosTargetSource.endpoint.request(
            "/datacenters/\(center)/servers", [("depth", "3")],
            timeout: settings.refreshInterval.duration)
        await environment.refresh(
            every: settings.refreshInterval, yield
        ) { () throws(APIError) in
            let targets = try await api.json(request) { (root) throws(JSONError) in
                let list = try root.string("id")
                return try root.list("items").map { (node) throws(JSONError) in
                    try labels(node, list: list)
                }.compactMap(\.self)
            }.value
            return [DiscoveredGroup(place: "ionos", targets: targets)]
        }
    }

    private func labels(_ server: JSONNode, list: String) throws(JSONError) -> Labels? {
        let cards = try IonosTargetSource.cards(server)
        let all = cards.flatMap(\.addresses)
        guard let first = all.first else { return nil }
        let prefix = IonosTargetSource.prefix
        let properties = try server.field("properties")
        let entities = try server.field("entities")
        let volumes = try entities?.field("volumes")?.list("items") ?? []
        func property(_ name: String) throws(JSONError) -> String {
            try properties?.string(name) ?? ""
        }
        var labels = [
            Label("__address__", .address(first, settings.port)),
            Label(prefix + "ip", IonosTargetSource.joined(all)),
            Label(prefix + "availability_zone", try property("availabilityZone")),
            Label(prefix + "cpu_family", try property("cpuFamily")),
            Label(prefix + "servers_id", list), Label(prefix + "id", try server.string("id")),
            Label(prefix + "lifecycle", try server.field("metadata")?.string("state") ?? ""),
            Label(prefix + "name", try property("name")),
            Label(prefix + "state", try property("vmState")),
            Label(prefix + "type", try property("type")),
            Label(
                prefix + "boot_cdrom_id", try properties?.field("bootCdrom")?.string("id") ?? ""),
            Label(
                prefix + "boot_volume_id",
                try properties?.field("bootVolume")?.string("id") ?? ""),
            Label(
                prefix + "boot_image_id",
                try volumes.first?.field("properties")?.string("image") ?? ""),
        ]
        for (name, group) in Dictionary(grouping: cards, by: \.name) {
            labels.append(
                prefix + "nic_ip_" + name.sanitizedLabelName,
                IonosTargetSource.joined(group.flatMap(\.addresses)))
        }
        return Labels(labels)
    }

    /// The server's network cards and their addresses, the last one first as in Prometheus.
    private static func cards(
        _ server: JSONNode
    ) throws(JSONError) -> [(name: String, addresses: [String])] {
        let nodes = try server.field("entities")?.field("nics")?.list("items") ?? []
        let cards = try nodes.map {
            (node) throws(JSONError) -> (name: String, addresses: [String])? in
            guard let properties = try node.field("properties") else { return nil }
            return (
                try properties.optionalString("name") ?? "unnamed", try properties.strings("ips")
            )
        }
        return cards.compactMap(\.self).reversed()
    }

    private static func joined(_ addresses: [String]) -> String {
        ",\(addresses.joined(separator: ",")),"
    }
}
