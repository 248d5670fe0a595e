import Model

/// An instance of Scaleway's as a target.
struct ScalewayInstance {
    private static let prefix = "__meta_scaleway_instance_"

    /// nil for one without an address.
    let labels: Labels?

    init(_ server: JSONNode, port: Int) throws(JSONError) {
        let prefix = ScalewayInstance.prefix
        var labels: [Label] = []
        for (label, field) in ScalewayInstance.texts {
            labels.append(prefix + label, try server.string(field))
        }
        for (field, names) in ScalewayInstance.parts {
            guard let part = try server.field(field) else { continue }
            for name in names {
                labels.append("\(prefix)\(field)_\(name)", try part.string(name))
            }
        }
        let zone = try server.string("zone").split(separator: "-", omittingEmptySubsequences: false)
        if zone.count == 3 { labels.append(prefix + "region", "\(zone[0])-\(zone[1])") }
        labels.append(prefix + "tags", try server.strings("tags"))
        labels += try ScalewayInstance.lists(server)
        var address = ""
        if let six = try server.field("ipv6") {
            address = try ScalewayInstance.address(six)
            labels.append(prefix + "public_ipv6", address)
        }
        if let ip = try server.field("public_ip") {
            address = try ScalewayInstance.address(ip)
            if try ip.string("family") != "inet6" { labels.append(prefix + "public_ipv4", address) }
        }
        if try server.field("private_ip") != nil {
            address = try server.string("private_ip")
            labels.append(prefix + "private_ipv4", address)
        }
        labels.append("__address__", .address(address, port))
        self.labels = address.isEmpty ? nil : Labels(labels)
    }

    /// An address as Go shows it.
    private static func address(_ node: JSONNode) throws(JSONError) -> String {
        let text = try node.string("address")
        if text.isEmpty { return GoIPAddress.none }
        guard let address = GoIPAddress(text) else {
            throw JSONError("address: \(text.goQuoted) is no IP address", at: node.offset)
        }
        return address.description
    }

    private static func lists(_ server: JSONNode) throws(JSONError) -> [Label] {
        let all = try server.list("public_ips").map { (ip) throws(JSONError) in
            (family: try ip.string("family"), address: try address(ip))
        }
        var labels: [Label] = []
        for (label, family) in [("public_ipv4", "inet"), ("public_ipv6", "inet6")] {
            let some = all.filter { $0.family == family }.map(\.address)
            labels.append(prefix + label + "_addresses", some)
        }
        return labels
    }

    private static let texts = [
        ("boot_type", "boot_type"), ("hostname", "hostname"), ("id", "id"), ("name", "name"),
        ("organization_id", "organization"), ("project_id", "project"), ("status", "state"),
        ("type", "commercial_type"), ("zone", "zone"),
    ]

    private static let parts = [
        ("image", ["arch", "id", "name"]),
        ("location", ["cluster_id", "hypervisor_id", "node_id"]),
        ("security_group", ["id", "name"]),
    ]
}
