import Foundation
import Model

/// The API of Amazon's container service.
struct ECSAPI: Sendable {
    /// How many clusters, tasks or container instances one request names, and how many items a page has.
    static let batch = 100
    /// How many services one request names.
    static let serviceBatch = 10

    private let service: AmazonAPI

    init(_ account: AmazonAccount, endpoint: String) {
        service = AmazonAPI(service: "ecs", account: account, endpoint: endpoint)
    }

    private struct Body: Encodable {
        var cluster: String?
        var clusters: [String]?
        var containerInstances: [String]?
        var services: [String]?
        var tasks: [String]?
        var include: [String]?
        var maxResults: Int?
        var nextToken: String?
    }

    /// The ARNs of all clusters.
    func clusters() async throws(APIError) -> [String] {
        try await list("Clusters", "clusterArns", Body())
    }

    /// The ARNs of a cluster's `Tasks` or `Services`.
    func list(_ what: String, of cluster: String) async throws(APIError) -> [String] {
        try await list(what, what.lowercased().dropLast() + "Arns", Body(cluster: cluster))
    }

    private func list(
        _ what: String, _ field: String, _ body: Body
    ) async throws(APIError) -> [String] {
        try await service.pages(of: what.lowercased()) { (token) throws(APIError) in
            var body = body
            body.maxResults = ECSAPI.batch
            body.nextToken = token.isEmpty ? nil : token
            return try await ask("List\(what)", body) { (root) throws(JSONError) in
                (try root.strings(field), try root.string("nextToken"))
            }
        }
    }

    func describeClusters(_ clusters: [String]) async throws(APIError) -> [ECSCluster] {
        let found = try await ask(
            "DescribeClusters", Body(clusters: clusters, include: ["TAGS"])
        ) { (root) throws(JSONError) in
            try root.list("clusters").map { (node) throws(JSONError) in try ECSCluster(node) }
        }
        for cluster in clusters
        where !found.contains(where: { $0.arn == cluster || $0.name == cluster }) {
            throw APIError("ECS knows no cluster \(cluster.goQuoted)")
        }
        return found
    }

    func describeServices(
        _ services: [String], of cluster: ECSCluster
    ) async throws(APIError) -> [ECSService] {
        try await ask(
            "DescribeServices",
            Body(cluster: cluster.arn, services: services, include: ["TAGS"])
        ) { (root) throws(JSONError) in
            try root.list("services").map { (node) throws(JSONError) in try ECSService(node) }
        }
    }

    func describeTasks(
        _ tasks: [String], of cluster: ECSCluster
    ) async throws(APIError) -> [ECSTask] {
        try await ask(
            "DescribeTasks", Body(cluster: cluster.arn, tasks: tasks, include: ["TAGS"])
        ) { (root) throws(JSONError) in
            try root.list("tasks").map { (node) throws(JSONError) in try ECSTask(node, cluster) }
        }
    }

    /// The machines of container instances, by their ARNs.
    func describeContainerInstances(
        _ instances: [String], of cluster: String
    ) async throws(APIError) -> [(String, String)] {
        try await ask(
            "DescribeContainerInstances", Body(cluster: cluster, containerInstances: instances)
        ) { (root) throws(JSONError) in
            try root.list("containerInstances").map { (node) throws(JSONError) in
                (try node.string("containerInstanceArn"), try node.string("ec2InstanceId"))
            }.filter { !$0.0.isEmpty && !$0.1.isEmpty }
        }
    }

    private func ask<Value>(
        _ action: String, _ body: Body, read: (JSONNode) throws(JSONError) -> Value
    ) async throws(APIError) -> Value {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts and numbers are always encoded.
        let text = (try? encoder.encode(body)).map(Array.init) ?? []
        return try await service.json(
            "AmazonEC2ContainerServiceV20141113.\(action)", text, read: read)
    }
}
