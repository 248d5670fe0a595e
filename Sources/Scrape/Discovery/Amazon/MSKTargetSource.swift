import Configuration
import Model

/// An entry of `msk_sd_configs`: targets are the nodes of clusters of Kafka.
struct MSKTargetSource: TargetSource {
    static let mechanism = "msk"
    /// How many items a page has.
    private static let pageSize = "100"

    let settings: AmazonDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let account = AmazonAccount(settings, environment)
        let api = AmazonAPI(service: "kafka", account: account, endpoint: settings.endpoint)
        let limit = settings.requestConcurrency
        await environment.refresh(
            every: settings.refreshInterval, yield
        ) { () throws(APIError) in
            let region = try await account.region()
            let clusters = try await clusters(api)
            let targets = try await clusters.asked(atOnce: limit) { (cluster) throws(APIError) in
                try await nodes(api, of: cluster)
            }
            return [DiscoveredGroup(place: region, targets: targets.flatMap(\.self))]
        }
    }

    /// Those that have nodes: clusters without servers have none.
    private func clusters(_ api: AmazonAPI) async throws(APIError) -> [MSKCluster] {
        if settings.clusters.isEmpty {
            let query = [("clusterTypeFilter", MSKCluster.provisioned)]
            return try await list(
                api, "/api/v2/clusters", query, "clusterInfoList", MSKCluster.init)
        }
        let limit = settings.requestConcurrency
        let found = try await settings.clusters.asked(atOnce: limit) { (arn) throws(APIError) in
            let path = "/api/v2/clusters/\(PercentEncoding.component(arn))"
            return try await api.get(path, []) { (root) throws(JSONError) in
                try root.field("clusterInfo").map(MSKCluster.init)
            }
        }
        return found.compactMap(\.self).filter { $0.type == MSKCluster.provisioned }
    }

    private func nodes(
        _ api: AmazonAPI, of cluster: MSKCluster
    ) async throws(APIError) -> [Labels] {
        let path = "/v1/clusters/\(PercentEncoding.component(cluster.arn))/nodes"
        return try await list(api, path, [], "nodeInfoList") { (node) throws(JSONError) in
            try cluster.targets(of: node, port: settings.port)
        }.flatMap(\.self)
    }

    private func list<Item>(
        _ api: AmazonAPI, _ path: String, _ query: [(String, String)], _ field: String,
        _ read: (JSONNode) throws(JSONError) -> Item
    ) async throws(APIError) -> [Item] {
        try await api.pages(of: path) { (token) throws(APIError) in
            let next = token.isEmpty ? [] : [("nextToken", token)]
            let page = [("maxResults", Self.pageSize)] + next
            return try await api.get(path, query + page) { (root) throws(JSONError) in
                (try root.list(field).map(read), try root.string("nextToken"))
            }
        }
    }
}

/// A cluster of Kafka as Amazon describes it.
struct MSKCluster: Sendable {
    static let provisioned = "PROVISIONED"
    private static let prefix = "__meta_msk_"

    let arn: String
    let type: String
    private let labels: [Label]
    /// Whether its brokers export what their machines do; nil where nothing is said of it.
    private let exportsNodes: Bool?

    init(_ node: JSONNode) throws(JSONError) {
        arn = try node.string("clusterArn")
        type = try node.string("clusterType")
        let provisioned = try node.field("provisioned")
        let software = try provisioned?.field("currentBrokerSoftwareInfo")
        let revision =
            try software?.field("configurationRevision") == nil
            ? nil : software?.int("configurationRevision")
        let exporters = try provisioned?.field("openMonitoring")?.field("prometheus")
        let jmx = try exporters?.field("jmxExporter")?.bool("enabledInBroker")
        exportsNodes = try exporters?.field("nodeExporter")?.bool("enabledInBroker")
        let values = [
            ("name", try node.string("clusterName")), ("arn", arn), ("type", type),
            ("state", try node.string("state")), ("version", try node.string("currentVersion")),
            ("kafka_version", try software?.string("kafkaVersion")),
            ("configuration_arn", try software?.string("configurationArn")),
            ("configuration_revision", revision.map(String.init)),
            ("jmx_exporter_enabled", jmx.map(String.init)),
        ]
        var labels = values.map { Label(Self.prefix + "cluster_" + $0.0, $0.1 ?? "") }
        labels.append(prefix: Self.prefix + "cluster_tag_", each: try node.textMap("tags"))
        self.labels = labels
    }

    /// A target for each endpoint of a node.
    func targets(of node: JSONNode, port: Int) throws(JSONError) -> [Labels] {
        let broker = try node.field("brokerNodeInfo")
        let controller = try node.field("controllerNodeInfo")
        guard let role = broker ?? controller else { return [] }
        let kind = broker == nil ? "controller" : "broker"
        var values = [
            ("node_type", kind.uppercased()), ("node_arn", try node.string("nodeARN")),
            ("node_added_time", try node.string("addedToClusterTime")),
            ("node_instance_type", try node.string("instanceType")),
        ]
        if let broker {
            values += [
                ("node_attached_eni", try broker.string("attachedENIId")),
                ("broker_id", try Self.whole(broker, "brokerId")),
                ("broker_client_subnet", try broker.string("clientSubnet")),
                ("broker_client_vpc_ip", try broker.string("clientVpcIpAddress")),
                ("broker_node_exporter_enabled", exportsNodes.map(String.init) ?? ""),
            ]
        }
        let known = labels + values.map { Label(Self.prefix + $0.0, $0.1) }
        let endpoints = try role.strings("endpoints")
        return endpoints.enumerated().map { index, endpoint in
            Labels(
                known + [
                    Label(Self.prefix + kind + "_endpoint_index", "\(index)"),
                    Label("__address__", .address(endpoint, port)),
                ])
        }
    }

    /// A number that is written as `1` or `1.0`, without its fraction.
    private static func whole(_ node: JSONNode, _ name: String) throws(JSONError) -> String {
        guard let field = try node.field(name) else { return "0" }
        guard case .number(let text) = field.content, let value = Double(text),
            let whole = Int64(exactly: value.rounded(.toNearestOrEven))
        else { throw JSONError("\(name): expected a number", at: field.offset) }
        return "\(whole)"
    }
}
