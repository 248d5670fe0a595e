import Configuration
import Model

/// An entry of `scaleway_sd_configs`: targets are instances, or servers of bare metal.
struct ScalewayTargetSource: TargetSource {
    static let mechanism = ScalewayDiscovery.mechanism

    let settings: ScalewayDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let api = ScalewayAPI(settings, APIClient(settings.client, environment))
        await environment.refresh(
            every: settings.refreshInterval, yield
        ) { () throws(APIError) in
            let targets =
                switch settings.role {
                case .instance: try await instances(api)
                case .baremetal: try await baremetal(api)
                }
            return [DiscoveredGroup(place: "Scaleway", targets: targets)]
        }
    }

    private func instances(_ api: ScalewayAPI) async throws(APIError) -> [Labels] {
        // Instances are asked for with all tags in one field, other servers with a field a tag.
        let tags = settings.tagsFilter.joined(separator: ",")
        return try await api.all(
            "instance/v1", "servers",
            nameQuery + [("order", "creation_date_desc")] + (tags.isEmpty ? [] : [("tags", tags)])
        ) { (server) throws(JSONError) in
            try ScalewayInstance(server, port: settings.port).labels
        }.compactMap(\.self)
    }

    private func baremetal(_ api: ScalewayAPI) async throws(APIError) -> [Labels] {
        let service = "baremetal/v1"
        let servers = try await api.all(
            service, "servers",
            nameQuery + [("order_by", "created_at_asc")] + settings.tagsFilter.map { ("tags", $0) },
            read: ScalewayServer.init)
        let offers = try await api.all(service, "offers") { (offer) throws(JSONError) in
            (id: try offer.string("id"), name: try offer.string("name"))
        }
        let systems = try await api.all(service, "os", read: ScalewaySystem.init)
        return servers.map { server in
            server.labels(
                offer: offers.first { $0.id == server.offer }?.name ?? "",
                system: systems.first { $0.id == server.system }, port: settings.port)
        }
    }

    private var nameQuery: [(String, String)] {
        settings.nameFilter.isEmpty ? [] : [("name", settings.nameFilter)]
    }
}
