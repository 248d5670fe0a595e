import Configuration
import Model

/// An entry of `ecs_sd_configs`: targets are tasks of clusters.
struct ECSTargetSource: TargetSource {
    static let mechanism = "ecs"
    /// How many identifiers one request to EC2 names.
    static let identifiersOfEC2 = 1000

    let settings: AmazonDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let account = AmazonAccount(settings, environment)
        let api = ECSAPI(account, endpoint: settings.endpoint)
        // As in Prometheus, `endpoint` is that of ECS alone.
        let machines = EC2API(account)
        await environment.refresh(
            every: settings.refreshInterval, yield
        ) { () throws(APIError) in
            let region = try await account.region()
            let targets = try await targets(api, machines, region)
            return [DiscoveredGroup(place: region, targets: targets)]
        }
    }

    private func targets(
        _ api: ECSAPI, _ machines: EC2API, _ region: String
    ) async throws(APIError) -> [Labels] {
        let listed = settings.clusters.isEmpty ? try await api.clusters() : settings.clusters
        let clusters = try await asked(listed.batches(of: ECSAPI.batch)) {
            (batch) throws(APIError) in
            try await api.describeClusters(batch)
        }.flatMap(\.self)
        let tasks = try await asked(clusters) { (cluster) throws(APIError) in
            try await api.list("Tasks", of: cluster.arn)
        }
        let busy = zip(clusters, tasks).filter { !$0.1.isEmpty }
        let services = try await services(api, busy.map(\.0))
        let batches = busy.flatMap { cluster, tasks in
            tasks.batches(of: ECSAPI.batch).map { (cluster, $0) }
        }
        let described = try await asked(batches) { (batch) throws(APIError) in
            try await api.describeTasks(batch.1, of: batch.0)
        }.flatMap(\.self)
        let hosts = try await hosts(api, machines, described)
        return described.compactMap { task in
            let service = task.service.flatMap { services[task.cluster.arn]?[$0] }
            return ECSTarget(task: task, service: service, hosts: hosts)
                .labels(region, port: settings.port)
        }
    }

    /// The services of clusters by the cluster and the name.
    private func services(
        _ api: ECSAPI, _ clusters: [ECSCluster]
    ) async throws(APIError) -> [String: [String: ECSService]] {
        let listed = try await asked(clusters) { (cluster) throws(APIError) in
            try await api.list("Services", of: cluster.arn)
        }
        let batches = zip(clusters, listed).flatMap { cluster, services in
            services.batches(of: ECSAPI.serviceBatch).map { (cluster, $0) }
        }
        let described = try await asked(batches) { (batch) throws(APIError) in
            try await api.describeServices(batch.1, of: batch.0)
        }
        var services: [String: [String: ECSService]] = [:]
        for (batch, found) in zip(batches, described) {
            for service in found { services[batch.0.arn, default: [:]][service.name] = service }
        }
        return services
    }

    /// The machines that tasks run on, and the public addresses of their interfaces.
    private func hosts(
        _ api: ECSAPI, _ machines: EC2API, _ tasks: [ECSTask]
    ) async throws(APIError) -> ECSHosts {
        let byCluster = Dictionary(grouping: tasks, by: \.cluster.arn)
        let batches = byCluster.sorted { $0.key < $1.key }.flatMap { cluster, tasks in
            Set(tasks.compactMap(\.containerInstance)).sorted().batches(of: ECSAPI.batch)
                .map { (cluster, $0) }
        }
        let pairs = try await asked(batches) { (batch) throws(APIError) in
            try await api.describeContainerInstances(batch.1, of: batch.0)
        }.flatMap(\.self)
        var hosts = ECSHosts(instances: Dictionary(pairs) { _, last in last })
        let limit = Self.identifiersOfEC2
        let instances = Set(hosts.instances.values).sorted().batches(of: limit)
        for instance in try await asked(
            instances,
            { (batch) throws(APIError) in
                try await machines.instances(Self.form("InstanceId", batch))
            }
        ).flatMap(\.self) {
            if let id = instance.xml.value("instanceId") { hosts.machines[id] = instance.xml }
        }
        let interfaces = Set(tasks.compactMap(\.networkInterface)).sorted().batches(of: limit)
        for interface in try await asked(
            interfaces,
            { (batch) throws(APIError) in
                try await machines.networkInterfaces(Self.form("NetworkInterfaceId", batch))
            }
        ).flatMap(\.self) {
            guard let id = interface.value("networkInterfaceId") else { continue }
            hosts.publicAddresses[id] = interface["association"]?.value("publicIp")
        }
        return hosts
    }

    private static func form(_ name: String, _ values: [String]) -> [(String, String)] {
        values.enumerated().map { ("\(name).\($0 + 1)", $1) }
    }

    private func asked<Element: Sendable, Answer: Sendable>(
        _ elements: [Element],
        _ ask: @escaping @Sendable (Element) async throws(APIError) -> Answer
    ) async throws(APIError) -> [Answer] {
        try await elements.asked(atOnce: settings.requestConcurrency, ask)
    }
}
