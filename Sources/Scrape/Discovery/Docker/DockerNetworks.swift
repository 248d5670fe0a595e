import Model

/// The labels of a daemon's networks, by their IDs.
struct DockerNetworks {
    private var labels: [String: [Label]] = [:]

    /// Asks for them; `prefix` begins every label.
    init(_ api: DockerAPI, prefix: String) async throws(APIError) {
        let networks = try await api.list("/networks") { (node) throws(JSONError) in
            (try node.string("Id"), try DockerNetworks.labels(node, prefix + "network_"))
        }
        for (id, labels) in networks { self.labels[id] = labels }
    }

    subscript(_ id: String) -> [Label] { labels[id] ?? [] }

    private static func labels(_ node: JSONNode, _ prefix: String) throws(JSONError) -> [Label] {
        var labels = [
            Label(prefix + "id", try node.string("Id")),
            Label(prefix + "name", try node.string("Name")),
            Label(prefix + "scope", try node.string("Scope")),
            Label(prefix + "internal", "\(try node.bool("Internal"))"),
            Label(prefix + "ingress", "\(try node.bool("Ingress"))"),
        ]
        labels.append(prefix: prefix + "label_", each: try node.textMap("Labels"))
        return labels
    }
}
