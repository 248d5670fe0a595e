import Configuration
import Model

/// The targets that load balancers are: those with a listener of Prometheus's own protocol.
enum OpenStackLoadBalancers {
    private struct Listener: Sendable {
        var balancers: [String]
        var port: Int
    }

    static func targets(_ cloud: OpenStackCloud) async throws(APIError) -> [Labels] {
        let service = try cloud.versionedService("load-balancer")
        let network = try cloud.versionedService("network")
        let balancers = try await cloud.list(
            "loadbalancers", service, "lbaas/loadbalancers"
        ) { (node) throws(JSONError) in
            try labels(node)
        }
        let ports = try await ports(cloud, service)
        let floating = Dictionary(
            try await OpenStackFloatingAddress.list(cloud, network).filter { !$0.port.isEmpty }
                .map { ($0.port, $0.floating) }
        ) { _, last in last }
        return balancers.compactMap { balancer in
            guard let port = ports[balancer.id] else { return nil }
            let prefix = OpenStackTargetSource.prefix + "loadbalancer_"
            return Labels(
                balancer.labels + [
                    Label("__address__", .address(balancer.address, port)),
                    Label(prefix + "floating_ip", floating[balancer.port] ?? ""),
                ])
        }
    }

    /// The port of each balancer's first listener for Prometheus.
    private static func ports(
        _ cloud: OpenStackCloud, _ service: APIEndpoint
    ) async throws(APIError) -> [String: Int] {
        let listeners = try await cloud.list(
            "listeners", service, "lbaas/listeners"
        ) { (node) throws(JSONError) -> Listener in
            let isOurs = try node.string("protocol") == "PROMETHEUS"
            let balancers = try node.list("loadbalancers").map { (balancer) throws(JSONError) in
                try balancer.string("id")
            }
            return Listener(
                balancers: isOurs ? balancers : [], port: try node.int("protocol_port"))
        }
        let pairs = listeners.flatMap { listener in
            listener.balancers.map { ($0, listener.port) }
        }
        return Dictionary(pairs) { first, _ in first }
    }

    private static func labels(
        _ node: JSONNode
    ) throws(JSONError) -> (id: String, address: String, port: String, labels: [Label]) {
        let prefix = OpenStackTargetSource.prefix + "loadbalancer_"
        let id = try node.string("id")
        let address = try node.string("vip_address")
        let labels = [
            Label(prefix + "id", id), Label(prefix + "name", try node.string("name")),
            Label(prefix + "operating_status", try node.string("operating_status")),
            Label(prefix + "provisioning_status", try node.string("provisioning_status")),
            Label(prefix + "availability_zone", try node.string("availability_zone")),
            Label(prefix + "vip", address), Label(prefix + "provider", try node.string("provider")),
            Label(prefix + "tags", try node.strings("tags").joined(separator: ",")),
            Label(OpenStackTargetSource.prefix + "project_id", try node.string("project_id")),
        ]
        return (id, address, try node.string("vip_port_id"), labels)
    }
}
