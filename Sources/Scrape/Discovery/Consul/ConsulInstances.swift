import Configuration
import Model

/// The instances of a service as Consul's health API lists them.
struct ConsulInstances {
    let settings: ConsulDiscovery
    let service: String
    let datacenter: String

    func group(_ root: JSONNode) throws(JSONError) -> DiscoveredGroup {
        DiscoveredGroup(
            place: service,
            targets: try root.elements().map { (node) throws(JSONError) in try labels(node) },
            labels: Labels([
                "__meta_consul_service": service, "__meta_consul_dc": datacenter,
            ]))
    }

    private func labels(_ instance: JSONNode) throws(JSONError) -> Labels {
        let node = try instance.field("Node")
        let service = try instance.field("Service")
        let nodeAddress = try node?.string("Address") ?? ""
        let serviceAddress = try service?.string("Address") ?? ""
        let port = try service?.int("Port") ?? 0
        let separator = settings.tagSeparator
        let tags = try service?.strings("Tags").joined(separator: separator) ?? ""
        let prefix = "__meta_consul_"
        // A service may run elsewhere than on the node that it is registered with.
        let host = serviceAddress.isEmpty ? nodeAddress : serviceAddress
        var labels = [
            Label("__address__", .address(host, port)),
            Label(prefix + "address", nodeAddress),
            Label(prefix + "node", try node?.string("Node") ?? ""),
            Label(prefix + "namespace", try service?.string("Namespace") ?? ""),
            Label(prefix + "partition", try service?.string("Partition") ?? ""),
            Label(prefix + "tags", separator + tags + separator),
            Label(prefix + "service_address", serviceAddress),
            Label(prefix + "service_port", "\(port)"),
            Label(prefix + "service_id", try service?.string("ID") ?? ""),
            Label(prefix + "health", try ConsulInstances.health(instance.list("Checks"))),
        ]
        labels.append(prefix: prefix + "metadata_", each: try node?.textMap("Meta") ?? [])
        labels.append(
            prefix: prefix + "service_metadata_", each: try service?.textMap("Meta") ?? [])
        labels.append(
            prefix: prefix + "tagged_address_", each: try node?.textMap("TaggedAddresses") ?? [])
        return Labels(labels)
    }

    /// The worst state of the checks; maintenance counts more than any. An unknown state makes all of it
    /// unknown.
    private static func health(_ checks: [JSONNode]) throws(JSONError) -> String {
        let known = ["maintenance", "critical", "warning", "passing"]
        var found: Set<String> = []
        for check in checks {
            let id = try check.string("CheckID")
            if id == "_node_maintenance" || id.hasPrefix("_service_maintenance:") {
                found.insert("maintenance")
                continue
            }
            let status = try check.string("Status")
            if !known.dropFirst().contains(status) { return "" }
            found.insert(status)
        }
        return known.first(where: found.contains) ?? "passing"
    }
}
