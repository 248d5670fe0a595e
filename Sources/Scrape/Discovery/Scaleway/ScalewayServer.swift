import Model

/// A server of bare metal.
struct ScalewayServer {
    let offer: String
    /// The ID of the operating system; nil before it is installed.
    let system: String?
    private let labels: [Label]
    private let address4: String?
    private let address6: String?

    init(_ server: JSONNode) throws(JSONError) {
        let prefix = "__meta_scaleway_baremetal_"
        offer = try server.string("offer_id")
        system = try server.field("install")?.string("os_id")
        var labels: [Label] = []
        for name in ["id", "name", "zone", "status", "project_id"] {
            labels.append(prefix + name, try server.string(name))
        }
        labels.append(prefix + "tags", try server.strings("tags"))
        let addresses = try server.list("ips").map { (ip) throws(JSONError) in
            let version = try ip.string("version")
            guard ["IPv4", "IPv6"].contains(version) else {
                throw JSONError("unknown IP version: \(version)", at: ip.offset)
            }
            return (version: version, text: GoIPAddress.shown(try ip.string("address")))
        }
        address4 = addresses.first { $0.version == "IPv4" }?.text
        address6 = addresses.first { $0.version == "IPv6" }?.text
        labels.append(prefix + "public_ipv4", address4 ?? "")
        labels.append(prefix + "public_ipv6", address6 ?? "")
        self.labels = labels
    }

    func labels(offer: String, system: ScalewaySystem?, port: Int) -> Labels {
        let prefix = "__meta_scaleway_baremetal_"
        let address = address4 ?? address6
        return Labels(
            labels + [
                Label("__address__", address.map { .address($0, port) } ?? ""),
                Label(prefix + "type", offer), Label(prefix + "os_name", system?.name ?? ""),
                Label(prefix + "os_version", system?.version ?? ""),
            ])
    }
}

/// An operating system that can be installed.
struct ScalewaySystem {
    let id: String
    let name: String
    let version: String

    init(_ node: JSONNode) throws(JSONError) {
        id = try node.string("id")
        name = try node.string("name")
        version = try node.string("version")
    }
}
