import Configuration
import Model

/// An entry of `elasticache_sd_configs`: targets are nodes of clusters, and caches without servers.
struct ElastiCacheTargetSource: TargetSource {
    static let mechanism = "elasticache"

    let settings: AmazonDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let account = AmazonAccount(settings, environment)
        let api = AmazonAPI(service: "elasticache", account: account, endpoint: settings.endpoint)
        await environment.refresh(
            every: settings.refreshInterval, yield
        ) { () throws(APIError) in
            let region = try await account.region()
            var targets: [Labels] = []
            for (kind, caches) in try await caches(api) {
                targets += try await self.targets(api, caches, kind)
            }
            // What is in no replication group is in both lists.
            var known: Set<Labels> = []
            targets = targets.filter { known.insert($0).inserted }
            return [DiscoveredGroup(place: region, targets: targets)]
        }
    }

    private typealias Kind = ElastiCacheKind

    private func caches(
        _ api: AmazonAPI
    ) async throws(APIError) -> [(Kind, [XMLElement])] {
        var found: [(Kind, [XMLElement])] = []
        for kind in Kind.all {
            let names = settings.clusters.compactMap(kind.name)
            let forms = kind.forms(names)
            let caches = try await forms.asked(atOnce: settings.requestConcurrency) {
                (form) throws(APIError) in
                try await self.list(api, kind, form)
            }
            found.append((kind, caches.flatMap(\.self)))
        }
        return found
    }

    private func targets(
        _ api: AmazonAPI, _ caches: [XMLElement], _ kind: Kind
    ) async throws(APIError) -> [Labels] {
        var seen: Set<String> = []
        let names = caches.compactMap { $0.value("ARN") }.filter { seen.insert($0).inserted }
        let lists = try await names.asked(atOnce: settings.requestConcurrency) {
            (arn) throws(APIError) in
            let answer = try await self.ask(api, "ListTagsForResource", [("ResourceName", arn)])
            return answer?.tags("TagList") ?? []
        }
        let tags = Dictionary(zip(names, lists)) { _, last in last }
        return caches.flatMap { cache in
            kind.targets(cache, tags[cache.value("ARN") ?? ""] ?? [])
        }
    }

    private func list(
        _ api: AmazonAPI, _ kind: Kind, _ form: [(String, String)]
    ) async throws(APIError) -> [XMLElement] {
        try await api.pages(of: kind.list) { (token) throws(APIError) in
            let next = token.isEmpty ? [] : [(kind.token, token)]
            let result = try await ask(api, "Describe" + kind.list, form + next)
            return (result?.members(kind.list) ?? [], result?.value(kind.token) ?? "")
        }
    }

    /// What is in an answer's result.
    private func ask(
        _ api: AmazonAPI, _ action: String, _ form: [(String, String)]
    ) async throws(APIError) -> XMLElement? {
        try await api.query(action, version: "2015-02-02", form)[action + "Result"]
    }
}

/// Caches without servers, or those of nodes.
private struct ElastiCacheKind: Sendable {
    /// The list that they are in.
    let list: String
    /// The field of the next page.
    let token: String
    /// What stands in an ARN in front of their name.
    private let resource: String
    private let nameField: String
    /// What is asked for beside a name; each way brings some.
    private let ways: [[(String, String)]]
    /// The targets of one with its tags.
    let targets: @Sendable (XMLElement, [(name: String, value: String)]) -> [Labels]

    static let all = [
        ElastiCacheKind(
            list: "ServerlessCaches", token: "NextToken", resource: "serverlesscache",
            nameField: "ServerlessCacheName", ways: [[("MaxResults", "50")]],
            targets: serverless),
        ElastiCacheKind(
            list: "CacheClusters", token: "Marker", resource: "replicationgroup",
            nameField: "CacheClusterId",
            ways: ["false", "true"].map { isAlone in
                [
                    ("MaxRecords", "100"), ("ShowCacheNodeInfo", "true"),
                    ("ShowCacheClustersNotInReplicationGroups", isAlone),
                ]
            }, targets: nodes),
    ]

    /// The name in an ARN, `arn:aws:elasticache:REGION:ACCOUNT:RESOURCE:NAME`, of this kind.
    @Sendable func name(_ arn: String) -> String? {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count > 6 && parts[5] == resource ? String(parts[6]) : nil
    }

    /// What to ask for; as in Prometheus, all where no name of this kind is configured.
    func forms(_ names: [String]) -> [[(String, String)]] {
        if names.isEmpty { return ways }
        return names.flatMap { name in ways.map { $0 + [(nameField, name)] } }
    }

    private static let prefix = "__meta_elasticache_"

    @Sendable private static func serverless(
        _ cache: XMLElement, _ tags: [(name: String, value: String)]
    ) -> [Labels] {
        let prefix = prefix + "serverless_cache_"
        var labels = cache.labels(prefix, ElastiCacheFields.serverless)
        labels.append(Self.prefix + "deployment_option", "serverless")
        for (label, list) in [
            ("security_group_id", "SecurityGroupIds"), ("subnet_id", "SubnetIds"),
        ] {
            for (index, text) in cache.texts(list).enumerated() {
                labels.append("\(prefix)\(label)_\(index)", text)
            }
        }
        labels.append(prefix: prefix + "tag_", each: tags)
        return [Labels(labels + address(cache))]
    }

    @Sendable private static func nodes(
        _ cluster: XMLElement, _ tags: [(name: String, value: String)]
    ) -> [Labels] {
        let prefix = prefix + "cache_cluster_"
        var labels = cluster.labels(prefix, ElastiCacheFields.cluster)
        labels.append(Self.prefix + "deployment_option", "node")
        let removed = cluster["PendingModifiedValues"]?.texts("CacheNodeIdsToRemove") ?? []
        labels.append(
            prefix + "pending_modified_values_cache_node_ids_to_remove",
            removed.joined(separator: ","))
        for (list, fields) in [
            ("LogDeliveryConfigurations", ElastiCacheFields.log),
            ("SecurityGroups", ElastiCacheFields.securityGroup),
        ] {
            for (index, element) in cluster.members(list).enumerated() {
                labels += element.labels(prefix, fields).map {
                    Label("\($0.name)_\(index)", $0.value)
                }
            }
        }
        labels.append(prefix: prefix + "tag_", each: tags)
        return cluster.members("CacheNodes").map { node in
            Labels(labels + node.labels(prefix, ElastiCacheFields.node) + address(node))
        }
    }

    /// As in Prometheus, the port is the cache's own.
    private static func address(_ element: XMLElement) -> [Label] {
        guard let endpoint = element["Endpoint"], let host = endpoint.value("Address"),
            let port = endpoint.value("Port").flatMap({ Int($0) })
        else { return [] }
        return [Label("__address__", .address(host, port))]
    }
}
