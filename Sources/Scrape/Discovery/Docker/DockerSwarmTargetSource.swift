import Configuration
import Model

/// An entry of `dockerswarm_sd_configs`: targets are the services, tasks or nodes of a swarm.
struct DockerSwarmTargetSource: TargetSource {
    static let mechanism = "dockerswarm"

    let settings: DockerSwarmDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let api = DockerAPI(
            host: settings.host, settings.client, timeout: settings.refreshInterval, environment)
        await environment.refresh(
            every: settings.refreshInterval, yield
        ) { () throws(APIError) in
            let targets =
                switch settings.role {
                case .nodes: try await nodes(api)
                case .services: try await services(api)
                case .tasks: try await tasks(api)
                }
            return [DiscoveredGroup(place: "DockerSwarm", targets: targets)]
        }
    }

    private func nodes(_ api: DockerAPI) async throws(APIError) -> [Labels] {
        try await api.list("/nodes", filters: settings.filters, SwarmNode.init).map { node in
            let address = Label("__address__", .address(node.address, settings.port))
            return Labels(node.labels + node.ownLabels + [address])
        }
    }

    // MARK: Services

    private func services(_ api: DockerAPI) async throws(APIError) -> [Labels] {
        let services = try await api.list("/services", filters: settings.filters) {
            (node) throws(JSONError) in
            let service = try SwarmService(node)
            return (service, try service.addresses.get())
        }
        let networks = try await DockerNetworks(api, prefix: swarmLabel)
        return services.flatMap { service, addresses in
            addresses.flatMap { targets(of: service, at: $0, networks) }
        }
    }

    private func targets(
        of service: SwarmService, at address: SwarmAddress, _ networks: DockerNetworks
    ) -> [Labels] {
        let common = service.labels + service.ownLabels + networks[address.network]
        let prefix = swarmLabel + "service_endpoint_port_"
        return targets(service.ports, at: address.host, with: common) { port in
            [Label(prefix + "name", port.name), Label(prefix + "publish_mode", port.mode)]
        }
    }

    // MARK: Tasks

    private func tasks(_ api: DockerAPI) async throws(APIError) -> [Labels] {
        let tasks = try await api.list("/tasks", filters: settings.filters, SwarmTask.init)
        let services = try await api.list("/services", SwarmService.init)
        let nodes = try await api.list("/nodes", SwarmNode.init)
        let networks = try await DockerNetworks(api, prefix: swarmLabel)
        let serviceByID = Dictionary(services.map { ($0.id, $0) }) { _, last in last }
        let nodeByID = Dictionary(nodes.map { ($0.id, $0) }) { _, last in last }
        return tasks.flatMap { task in
            targets(of: task, serviceByID[task.service], nodeByID[task.node], networks)
        }
    }

    private func targets(
        of task: SwarmTask, _ service: SwarmService?, _ node: SwarmNode?,
        _ networks: DockerNetworks
    ) -> [Labels] {
        let common = task.labels + (service?.labels ?? []) + (node?.labels ?? [])
        let onNode = task.ports.filter(\.isTCP).map { port in
            let address = Label("__address__", .address(node?.address ?? "", port.published))
            return Labels([DockerSwarmTargetSource.mode(port)] + common + [address])
        }
        let inNetworks = task.addresses.flatMap { address in
            targets(
                service?.ports ?? [], at: address.host, with: common + networks[address.network]
            ) { [DockerSwarmTargetSource.mode($0)] }
        }
        return onNode + inNetworks
    }

    private static func mode(_ port: SwarmPort) -> Label {
        Label(swarmLabel + "task_port_publish_mode", port.mode)
    }

    /// A target for each TCP port, or one with the configured port where there is none.
    private func targets(
        _ ports: [SwarmPort], at host: String, with common: [Label],
        labels: (SwarmPort) -> [Label]
    ) -> [Labels] {
        let ports = ports.filter(\.isTCP)
        if ports.isEmpty {
            return [Labels(common + [Label("__address__", .address(host, settings.port))])]
        }
        return ports.map { port in
            let address = Label("__address__", .address(host, port.published))
            return Labels(labels(port) + common + [address])
        }
    }
}
