import Model

/// Tags of a resource, in JSON.
private func tags(_ node: JSONNode) throws(JSONError) -> [(name: String, value: String)] {
    try node.list("tags").map { (tag) throws(JSONError) in
        (name: try tag.string("key"), value: try tag.string("value"))
    }
}

/// A cluster as ECS describes it.
struct ECSCluster: Sendable {
    let arn: String
    let name: String
    let tags: [(name: String, value: String)]

    init(_ node: JSONNode) throws(JSONError) {
        arn = try node.string("clusterArn")
        name = try node.string("clusterName")
        tags = try Scrape.tags(node)
    }
}

/// A service as ECS describes it.
struct ECSService: Sendable {
    let arn: String
    let name: String
    let status: String
    let tags: [(name: String, value: String)]

    init(_ node: JSONNode) throws(JSONError) {
        arn = try node.string("serviceArn")
        name = try node.string("serviceName")
        status = try node.string("status")
        tags = try Scrape.tags(node)
    }
}

/// A task as ECS describes it.
struct ECSTask: Sendable {
    let cluster: ECSCluster
    /// Labels whose values stand in the task.
    let labels: [Label]
    let tags: [(name: String, value: String)]
    /// The name of its service; nil where none started it.
    let service: String?
    let containerInstance: String?
    /// What is said of the task's own network interface; nil where it uses its machine's.
    private let interface: [String: String]?

    /// Labels and the fields that they are of.
    private static let fields = [
        ("task_group", "group"), ("task_arn", "taskArn"), ("task_definition", "taskDefinitionArn"),
        ("availability_zone", "availabilityZone"), ("desired_status", "desiredStatus"),
        ("last_status", "lastStatus"), ("launch_type", "launchType"),
        ("health_status", "healthStatus"), ("platform_family", "platformFamily"),
        ("platform_version", "platformVersion"),
        ("container_instance_arn", "containerInstanceArn"),
    ]

    init(_ node: JSONNode, _ cluster: ECSCluster) throws(JSONError) {
        self.cluster = cluster
        labels = try Self.fields.map { (field) throws(JSONError) in
            Label(ECSTarget.prefix + field.0, try node.string(field.1))
        }
        tags = try Scrape.tags(node)
        let group = try node.string("group")
        service = group.hasPrefix("service:") ? String(group.dropFirst("service:".count)) : nil
        let instance = try node.string("containerInstanceArn")
        containerInstance = instance.isEmpty ? nil : instance
        interface = try Self.interface(node)
    }

    private static func interface(_ node: JSONNode) throws(JSONError) -> [String: String]? {
        for attachment in try node.list("attachments")
        where try attachment.string("type") == "ElasticNetworkInterface" {
            var details: [String: String] = [:]
            for detail in try attachment.list("details") {
                details[try detail.string("name")] = try detail.string("value")
            }
            return details
        }
        return nil
    }

    var hasInterface: Bool { interface != nil }
    var networkInterface: String? {
        interface?["networkInterfaceId"].flatMap { $0.isEmpty ? nil : $0 }
    }
    var privateAddress: String { interface?["privateIPv4Address"] ?? "" }
    var subnet: String { interface?["subnetId"] ?? "" }
}

/// What tasks run on.
struct ECSHosts: Sendable {
    /// The machines of container instances.
    var instances: [String: String]
    /// Machines as EC2 describes them, by their IDs.
    var machines: [String: XMLElement] = [:]
    /// The public addresses of network interfaces, by their IDs.
    var publicAddresses: [String: String] = [:]
}

/// A task as a target.
struct ECSTarget {
    static let prefix = "__meta_ecs_"

    let task: ECSTask
    let service: ECSService?
    let hosts: ECSHosts

    /// Its labels; nil where it has no address.
    func labels(_ region: String, port: Int) -> Labels? {
        let id = task.containerInstance.flatMap { hosts.instances[$0] }
        // As in Prometheus, a machine without a private address is not known.
        let machine = id.flatMap { hosts.machines[$0] }
            .flatMap { $0.value("privateIpAddress") == nil ? nil : $0 }
        let own = task.hasInterface
        let machinePublic = machine?.value("ipAddress")
        let address = own ? task.privateAddress : machine?.value("privateIpAddress") ?? ""
        if address.isEmpty { return nil }
        let mode = own ? "awsvpc" : "bridge"
        let values: [(String, String?)] = [
            ("ip_address", address), ("region", region), ("network_mode", mode),
            ("cluster_arn", task.cluster.arn), ("cluster", task.cluster.name),
            ("subnet_id", own ? task.subnet : machine?.value("subnetId")),
            (
                "public_ip",
                own
                    ? task.networkInterface.flatMap { hosts.publicAddresses[$0] } : machinePublic
            ),
            ("ec2_instance_id", id), ("ec2_instance_type", machine?.value("instanceType")),
            ("ec2_instance_private_ip", machine?.value("privateIpAddress")),
            ("ec2_instance_public_ip", machinePublic),
            ("service", service?.name), ("service_arn", service?.arn),
            ("service_status", service?.status),
        ]
        var labels = task.labels + values.map { Label(Self.prefix + $0.0, $0.1 ?? "") }
        labels.append("__address__", .address(address, port))
        let tag = Self.prefix + "tag_"
        labels.append(prefix: tag + "cluster_", each: task.cluster.tags)
        labels.append(prefix: tag + "service_", each: service?.tags ?? [])
        labels.append(prefix: tag + "task_", each: task.tags)
        labels.append(prefix: tag + "ec2_", each: machine?.tags ?? [])
        return Labels(labels)
    }
}
