import Configuration
import Model
import Transport

/// An entry of `digitalocean_sd_configs`: targets are droplets or managed databases.
struct DigitalOceanTargetSource: TargetSource {
    static let mechanism = DigitalOceanDiscovery.mechanism

    let settings: DigitalOceanDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let api = DigitalOceanAPI(settings, APIClient(settings.client, environment))
        await environment.refresh(
            every: settings.refreshInterval, yield
        ) { () throws(APIError) in
            let targets =
                switch settings.role {
                case .droplets: try await api.droplets(droplet).compactMap(\.self)
                case .databases: try await api.databases(database)
                }
            return [DiscoveredGroup(place: "DigitalOcean", targets: targets)]
        }
    }

    /// nil for one without an address.
    private func droplet(_ node: JSONNode) throws(JSONError) -> Labels? {
        let networks = try node.field("networks")
        let addresses4 = try addresses(networks, "v4")
        let addresses6 = try addresses(networks, "v6")
        func first(_ kind: String, _ addresses: [(kind: String, address: String)]) -> String {
            addresses.first { $0.kind == kind }?.address ?? ""
        }
        if addresses4.isEmpty { return nil }
        let prefix = "__meta_digitalocean_"
        let address = first("public", addresses4)
        let image = try node.field("image")
        var labels = [
            Label("__address__", .address(address, settings.port)),
            Label(prefix + "droplet_id", "\(try node.int("id"))"),
            Label(prefix + "droplet_name", try node.string("name")),
            Label(prefix + "image", try image?.string("slug") ?? ""),
            Label(prefix + "image_name", try image?.string("name") ?? ""),
            Label(prefix + "private_ipv4", first("private", addresses4)),
            Label(prefix + "public_ipv4", address),
            Label(prefix + "public_ipv6", first("public", addresses6)),
            Label(prefix + "region", try node.field("region")?.string("slug") ?? ""),
            Label(prefix + "size", try node.string("size_slug")),
            Label(prefix + "status", try node.string("status")),
            Label(prefix + "vpc", try node.string("vpc_uuid")),
        ]
        labels.append(prefix + "features", try node.strings("features"))
        labels.append(prefix + "tags", try node.strings("tags"))
        return Labels(labels)
    }

    private func addresses(
        _ networks: JSONNode?, _ version: String
    ) throws(JSONError) -> [(kind: String, address: String)] {
        try (networks?.list(version) ?? []).map { (network) throws(JSONError) in
            (try network.string("type"), try network.string("ip_address"))
        }
    }

    private func database(_ node: JSONNode) throws(JSONError) -> Labels {
        let prefix = "__meta_digitalocean_db_"
        let ownHost = try node.field("private_connection")?.string("host") ?? ""
        let publicHost = try node.field("connection")?.string("host") ?? ""
        let host = ownHost.isEmpty ? publicHost : ownHost
        var labels = [
            Label("__address__", host.isEmpty ? "" : .address(host, settings.port)),
            Label(prefix + "num_nodes", "\(try node.int("num_nodes"))"),
            Label(prefix + "private_host", ownHost), Label(prefix + "host", publicHost),
        ]
        for name in ["id", "name", "engine", "version", "status", "region", "size"] {
            labels.append(prefix + name, try node.string(name))
        }
        // As in Prometheus, a tag stands in the name as it is.
        labels += try node.strings("tags").map { Label(prefix + "tag_" + $0, "true") }
        return Labels(labels)
    }
}
