import Configuration
import Model

/// An entry of `docker_sd_configs`: targets are the containers of a daemon.
struct DockerTargetSource: TargetSource {
    static let mechanism = "docker"

    let settings: DockerDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let api = DockerAPI(
            host: settings.host, settings.client, timeout: settings.refreshInterval, environment)
        await environment.refresh(
            every: settings.refreshInterval, yield
        ) { () throws(APIError) in
            let containers = try await api.list(
                "/containers/json", filters: settings.filters, DockerContainer.init)
            let networks = try await DockerNetworks(api, prefix: "__meta_docker_")
            let targets = DockerTargets(settings, containers, networks)
            return [DiscoveredGroup(place: "Docker", targets: targets.all)]
        }
    }
}

/// The targets that containers are.
private struct DockerTargets {
    private let settings: DockerDiscovery
    private let containers: [DockerContainer]
    private let byID: [String: DockerContainer]
    private let networks: DockerNetworks

    init(
        _ settings: DockerDiscovery, _ containers: [DockerContainer], _ networks: DockerNetworks
    ) {
        self.settings = settings
        self.containers = containers
        self.networks = networks
        byID = Dictionary(containers.map { ($0.id, $0) }) { _, last in last }
    }

    var all: [Labels] {
        containers.filter { $0.name != nil }.flatMap { container in
            endpoints(of: container).flatMap { targets(of: container, at: $0) }
        }
    }

    private func endpoints(of container: DockerContainer) -> [DockerContainer.Endpoint] {
        var owner = container
        var seen: Set<String> = [container.id]
        while owner.endpoints.isEmpty, let id = owner.sharedContainer, let next = byID[id],
            seen.insert(id).inserted
        {
            owner = next
        }
        return settings.matchFirstNetwork ? Array(owner.endpoints.prefix(1)) : owner.endpoints
    }

    private func targets(
        of container: DockerContainer, at endpoint: DockerContainer.Endpoint
    ) -> [Labels] {
        let own = [Label("__meta_docker_network_ip", endpoint.address)]
        let common = container.labels + networks[endpoint.network]
        let ports = container.ports.filter(\.isTCP)
        if ports.isEmpty {
            // Docker lists no ports of containers in the host's network.
            let address: String =
                container.networkMode == "host"
                ? settings.hostNetworkingHost : .address(endpoint.address, settings.port)
            return [Labels(own + common + [Label("__address__", address)])]
        }
        return ports.map { port in
            var labels = own
            labels.append("__meta_docker_port_private", "\(port.number)")
            if port.published > 0 {
                labels.append("__meta_docker_port_public", "\(port.published)")
                labels.append("__meta_docker_port_public_ip", port.publishedAddress)
            }
            let address = Label("__address__", .address(endpoint.address, port.number))
            return Labels(labels + common + [address])
        }
    }
}
