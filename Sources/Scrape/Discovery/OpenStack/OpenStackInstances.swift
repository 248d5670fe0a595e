import Configuration
import Model

/// The targets that instances are: one for each fixed address.
struct OpenStackInstances: Sendable {
    private struct FixedAddress: Hashable {
        var device: String
        var address: String
    }

    let targets: [Labels]

    init(_ settings: OpenStackDiscovery, _ cloud: OpenStackCloud) async throws(APIError) {
        let compute = try cloud.service("compute")
        let network = try cloud.versionedService("network")
        let ports = try await cloud.list("ports", network, "ports") { (node) throws(JSONError) in
            (try node.string("id"), try node.string("device_id"))
        }
        let devices = Dictionary(ports) { _, last in last }
        var floating: [FixedAddress: String] = [:]
        for entry in try await OpenStackFloatingAddress.list(cloud, network) {
            guard !entry.port.isEmpty, !entry.fixed.isEmpty, let device = devices[entry.port]
            else { continue }
            floating[FixedAddress(device: device, address: entry.fixed)] = entry.floating
        }
        let moving = Set(floating.values)
        let servers = try await cloud.list(
            "servers", compute, "servers/detail",
            settings.allTenants ? [("all_tenants", "true")] : []
        ) { (node) throws(JSONError) -> [Labels] in
            let id = try node.string("id")
            guard let common = try OpenStackInstances.labels(node, id) else { return [] }
            return try OpenStackInstances.addresses(node).filter { !moving.contains($0.address) }
                .map { (pool, address) in
                    let prefix = OpenStackTargetSource.prefix
                    let key = FixedAddress(device: id, address: address)
                    return Labels(
                        common + [
                            Label("__address__", .address(address, settings.port)),
                            Label(prefix + "address_pool", pool),
                            Label(prefix + "private_ip", address),
                            Label(prefix + "public_ip", floating[key] ?? ""),
                        ])
                }
        }
        targets = servers.flatMap(\.self)
    }

    /// The labels of all addresses; nil for an instance whose flavor has no name.
    private static func labels(_ server: JSONNode, _ id: String) throws(JSONError) -> [Label]? {
        let flavor = try server.map("flavor")
        guard let flavor = flavor.text("original_name") ?? flavor.text("id") else { return nil }
        let prefix = OpenStackTargetSource.prefix
        // An instance that was started from a volume has "" for its image.
        let image = try? server.map("image").text("id")
        var labels = [
            Label(prefix + "instance_id", id),
            Label(prefix + "instance_status", try server.string("status")),
            Label(prefix + "instance_name", try server.string("name")),
            Label(prefix + "project_id", try server.string("tenant_id")),
            Label(prefix + "user_id", try server.string("user_id")),
            Label(prefix + "instance_flavor", flavor),
            Label(prefix + "instance_image", image ?? ""),
        ]
        labels.append(prefix: prefix + "tag_", each: try server.textMap("metadata"))
        return labels
    }

    /// Pools and addresses; what has another form is passed over.
    private static func addresses(
        _ server: JSONNode
    ) throws(JSONError) -> [(pool: String, address: String)] {
        try server.map("addresses").flatMap { member in
            let entries = (try? member.value.elements()) ?? []
            return entries.compactMap { entry in
                (try? entry.members())?.text("addr").map { (member.name, $0) }
            }
        }
    }
}

/// An address that can be moved from one port to another.
struct OpenStackFloatingAddress: Sendable {
    var port: String
    var fixed: String
    var floating: String

    static func list(
        _ cloud: OpenStackCloud, _ network: APIEndpoint
    ) async throws(APIError) -> [OpenStackFloatingAddress] {
        try await cloud.list("floatingips", network, "floatingips") { (node) throws(JSONError) in
            OpenStackFloatingAddress(
                port: try node.string("port_id"), fixed: try node.string("fixed_ip_address"),
                floating: try node.string("floating_ip_address"))
        }
    }
}

extension [JSONNode.Member] {
    /// The text of a name; nil where there is none, or something else.
    fileprivate func text(_ name: String) -> String? {
        guard case .string(let text) = last(where: { $0.name == name })?.value.content else {
            return nil
        }
        return text
    }
}
