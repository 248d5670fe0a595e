import Configuration
import Model

/// An entry of `serverset_sd_configs`: targets are the members of Twitter's server sets.
struct ServersetTargetSource: TargetSource {
    static let mechanism = "serverset"

    let settings: ZooKeeperDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        // As in Prometheus, a node that holds something else is no target.
        await ZooKeeperWatch(settings, environment.clock) { path, data in
            try? labels(path, try JSONNode.parse(data))
        }.run(yield)
    }

    private func labels(_ path: String, _ member: JSONNode) throws(JSONError) -> Labels {
        let prefix = "__meta_serverset_"
        let endpoint = try member.object("serviceEndpoint")
        let (host, port) = (try endpoint.string("host"), try endpoint.int("port"))
        var labels = [
            Label("__address__", .address(host, port)), Label(prefix + "path", path),
            Label(prefix + "endpoint_host", host), Label(prefix + "endpoint_port", "\(port)"),
            Label(prefix + "status", try member.string("status")),
            Label(prefix + "shard", "\(try member.int("shard"))"),
        ]
        for entry in try member.map("additionalEndpoints") {
            let name = entry.name.sanitizedLabelName
            labels.append(prefix + "endpoint_host_" + name, try entry.value.string("host"))
            labels.append(prefix + "endpoint_port_" + name, "\(try entry.value.int("port"))")
        }
        return Labels(labels)
    }
}

/// An entry of `nerve_sd_configs`: targets are the members that Airbnb's Nerve registers.
struct NerveTargetSource: TargetSource {
    static let mechanism = "nerve"

    let settings: ZooKeeperDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        await ZooKeeperWatch(settings, environment.clock) { path, data in
            try? labels(path, try JSONNode.parse(data))
        }.run(yield)
    }

    private func labels(_ path: String, _ member: JSONNode) throws(JSONError) -> Labels {
        let prefix = "__meta_nerve_"
        let (host, port) = (try member.string("host"), try member.int("port"))
        return Labels([
            Label("__address__", .address(host, port)), Label(prefix + "path", path),
            Label(prefix + "endpoint_host", host), Label(prefix + "endpoint_port", "\(port)"),
            Label(prefix + "endpoint_name", try member.string("name")),
        ])
    }
}
