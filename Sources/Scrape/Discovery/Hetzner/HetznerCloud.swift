import Configuration
import Model
import Transport

/// The servers of Hetzner's cloud.
struct HetznerCloud {
    private static let endpoint = APIEndpoint(base: "https://api.hetzner.cloud/v1")
    private static let pageSize = 50

    private let settings: HetznerDiscovery
    private let api: APIClient

    init(_ settings: HetznerDiscovery, _ api: APIClient) {
        self.settings = settings
        self.api = api
    }

    func targets() async throws(APIError) -> [Labels] {
        let selector = settings.labelSelector
        let query = selector.isEmpty ? [] : [("label_selector", selector)]
        let servers = try await all("servers", query, HetznerServer.init)
        let networks = try await all("networks") { (network) throws(JSONError) in
            (id: try network.int("id"), name: try network.string("name"))
        }
        return servers.map { $0.labels(networks, port: settings.port) }
    }

    private func all<Value>(
        _ list: String, _ query: [(String, String)] = [],
        _ read: (JSONNode) throws(JSONError) -> Value
    ) async throws(APIError) -> [Value] {
        var (found, number): ([Value], Int) = ([], 1)
        try await APIPages.each(of: list) { (_) throws(APIError) in
            let request = HetznerCloud.endpoint.request(
                "/\(list)",
                query + [("page", "\(number)"), ("per_page", "\(HetznerCloud.pageSize)")],
                timeout: settings.refreshInterval.duration)
            let page = try await api.json(request, statuses: 200..<400) {
                (root) throws(JSONError) in
                let pagination = try root.field("meta")?.field("pagination")
                return (
                    values: try root.list(list).map(read),
                    next: try pagination?.int("next_page") ?? 0
                )
            }.value
            found += page.values
            number = page.next
            return page.next != 0
        }
        return found
    }
}

private struct HetznerServer {
    private static let prefix = "__meta_hetzner_"

    private let fixed: [Label]
    private let address: String
    private let networks: [(id: Int, address: String)]

    init(_ server: JSONNode) throws(JSONError) {
        let prefix = HetznerServer.prefix
        let cloud = prefix + "hcloud_"
        let net = try server.field("public_net")
        // As in Prometheus, an address that a server does not have is `<nil>`.
        address = GoIPAddress.shown(try net?.field("ipv4")?.string("ip") ?? "")
        let network6 = try net?.field("ipv6")?.string("ip") ?? ""
        var labels = [
            Label(prefix + "role", HetznerDiscovery.Role.hcloud.rawValue),
            Label(prefix + "server_id", "\(try server.int("id"))"),
            Label(prefix + "server_name", try server.string("name")),
            Label(prefix + "server_status", try server.string("status")),
            Label(prefix + "public_ipv4", address),
            Label(prefix + "public_ipv6_network", GoIPAddress.shown(network: network6)),
            Label(prefix + "datacenter", try server.field("datacenter")?.string("name") ?? ""),
        ]
        let location = try server.field("location")
        let zone = try location?.string("network_zone") ?? ""
        for kind in ["location", "datacenter_location"] {
            labels.append(cloud + kind, try location?.string("name") ?? "")
            labels.append(cloud + kind + "_network_zone", zone)
        }
        labels += try HetznerServer.typeLabels(try server.field("server_type"), cloud)
        if let image = try server.field("image") {
            for name in ["name", "description", "os_version", "os_flavor"] {
                labels.append(cloud + "image_" + name, try image.string(name))
            }
        }
        let own = try server.textMap("labels")
        labels.append(prefix: cloud + "labelpresent_", each: own.map { ($0.name, "true") })
        labels.append(prefix: cloud + "label_", each: own)
        fixed = labels
        networks = try server.list("private_net").map { (node) throws(JSONError) in
            (try node.int("network"), GoIPAddress.shown(try node.string("ip")))
        }
    }

    private static func typeLabels(
        _ type: JSONNode?, _ prefix: String
    ) throws(JSONError) -> [Label] {
        let memory = Int(exactly: (try type?.double("memory") ?? 0).rounded(.towardZero)) ?? 0
        return [
            Label(prefix + "server_type", try type?.string("name") ?? ""),
            Label(prefix + "cpu_cores", "\(try type?.int("cores") ?? 0)"),
            Label(prefix + "cpu_type", try type?.string("cpu_type") ?? ""),
            Label(prefix + "memory_size_gb", "\(memory)"),
            Label(prefix + "disk_size_gb", "\(try type?.int("disk") ?? 0)"),
        ]
    }

    func labels(_ known: [(id: Int, name: String)], port: Int) -> Labels {
        var labels = fixed
        labels.append("__address__", .address(address, port))
        for network in networks {
            let names = known.filter { $0.id == network.id }.map { ($0.name, network.address) }
            labels.append(prefix: HetznerServer.prefix + "hcloud_private_ipv4_", each: names)
        }
        return Labels(labels)
    }
}
