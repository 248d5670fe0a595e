import Configuration
import Model

/// An entry of `rds_sd_configs`: targets are the instances of clusters of databases.
struct RDSTargetSource: TargetSource {
    static let mechanism = "rds"
    private static let prefix = "__meta_rds_"

    let settings: AmazonDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let account = AmazonAccount(settings, environment)
        let api = AmazonAPI(service: "rds", account: account, endpoint: settings.endpoint)
        let limit = settings.requestConcurrency
        await environment.refresh(
            every: settings.refreshInterval, yield
        ) { () throws(APIError) in
            let region = try await account.region()
            let clusters = try await clusters(api)
            let targets = try await clusters.asked(atOnce: limit) { (cluster) throws(APIError) in
                try await self.targets(api, of: cluster)
            }
            return [DiscoveredGroup(place: region, targets: targets.flatMap(\.self))]
        }
    }

    private func clusters(_ api: AmazonAPI) async throws(APIError) -> [XMLElement] {
        if settings.clusters.isEmpty { return try await list(api, "DBClusters", []) }
        let limit = settings.requestConcurrency
        return try await settings.clusters.asked(atOnce: limit) { (arn) throws(APIError) in
            let found = try await list(api, "DBClusters", [("DBClusterIdentifier", arn)])
            if found.isEmpty { throw APIError("RDS knows no cluster \(arn.goQuoted)") }
            return found
        }.flatMap(\.self)
    }

    private func targets(
        _ api: AmazonAPI, of cluster: XMLElement
    ) async throws(APIError) -> [Labels] {
        guard let arn = cluster.value("DBClusterArn") else { return [] }
        let filters = [DiscoveryFilter(name: "db-cluster-id", values: [arn])] + settings.filters
        var known = cluster.labels(Self.prefix + "cluster_", RDSFields.cluster)
        known.append(prefix: Self.prefix + "cluster_tag_", each: cluster.tags("TagList"))
        let writers = Dictionary(
            cluster.members("DBClusterMembers").map {
                ($0.value("DBInstanceIdentifier"), $0.value("IsClusterWriter"))
            }, uniquingKeysWith: { $1 })
        return try await list(api, "DBInstances", Self.form(filters)).map { instance in
            let prefix = Self.prefix + "instance_"
            var labels = known + instance.labels(prefix, RDSFields.instance)
            if let name = instance.value("DBInstanceIdentifier"), let isWriter = writers[name] {
                labels.append(prefix + "is_cluster_writer", isWriter ?? "")
            }
            labels.append(prefix: prefix + "tag_", each: instance.tags("TagList"))
            // An instance that is being made has no endpoint yet.
            if let endpoint = instance["Endpoint"], let address = endpoint.value("Address"),
                endpoint.value("Port") != nil
            {
                labels.append("__address__", .address(address, settings.port))
            }
            return Labels(labels)
        }
    }

    private static func form(_ filters: [DiscoveryFilter]) -> [(String, String)] {
        filters.enumerated().flatMap { index, filter in
            let name = "Filters.Filter.\(index + 1)"
            return [(name + ".Name", filter.name)]
                + filter.values.enumerated().map { ("\(name).Values.Value.\($0 + 1)", $1) }
        }
    }

    /// All pages of a list, e.g. `DBClusters`.
    private func list(
        _ api: AmazonAPI, _ name: String, _ form: [(String, String)]
    ) async throws(APIError) -> [XMLElement] {
        try await api.pages(of: name) { (token) throws(APIError) in
            let marker = token.isEmpty ? [] : [("Marker", token)]
            let answer = try await api.query(
                "Describe" + name, version: "2014-10-31", form + [("MaxRecords", "100")] + marker)
            let result = answer["Describe\(name)Result"]
            return (result?.members(name) ?? [], result?.value("Marker") ?? "")
        }
    }
}
