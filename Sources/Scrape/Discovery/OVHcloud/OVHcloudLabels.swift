import Configuration
import Model

/// The labels of OVHcloud's servers.
enum OVHcloudLabels {
    private static func prefix(_ service: OVHcloudDiscovery.Service) -> String {
        "__meta_ovhcloud_\(service.rawValue)_"
    }

    static func virtualServer(_ node: JSONNode) throws(JSONError) -> [Label] {
        let prefix = prefix(.virtualServer)
        let model = try node.object("model")
        let name = try node.string("name")
        return [
            Label("instance", name), Label(prefix + "name", name),
            Label(prefix + "offer", try model.string("offer")),
            // As Go writes a list.
            Label(
                prefix + "datacenter",
                "[\(try model.strings("datacenter").joined(separator: " "))]"),
            Label(prefix + "model_vcore", "\(try model.int("vcore"))"),
            Label(prefix + "maximum_additional_ip", "\(try model.int("maximumAdditionnalIp"))"),
            Label(prefix + "version", try model.string("version")),
            Label(prefix + "model_name", try model.string("name")),
            Label(prefix + "disk", "\(try model.int("disk"))"),
            Label(prefix + "memory", "\(try model.int("memory"))"),
            Label(prefix + "zone", try node.string("zone")),
            Label(prefix + "display_name", try node.string("displayName")),
            Label(prefix + "cluster", try node.string("cluster")),
            Label(prefix + "state", try node.string("state")),
            Label(prefix + "netboot_mode", try node.string("netbootMode")),
            Label(prefix + "memory_limit", "\(try node.int("memoryLimit"))"),
            Label(prefix + "offer_type", try node.string("offerType")),
            Label(prefix + "vcore", "\(try node.int("vcore"))"),
        ]
    }

    static func dedicatedServer(_ node: JSONNode) throws(JSONError) -> [Label] {
        let prefix = prefix(.dedicatedServer)
        let name = try node.string("name")
        return [
            Label("instance", name), Label(prefix + "name", name),
            Label(prefix + "state", try node.string("state")),
            Label(prefix + "commercial_range", try node.string("commercialRange")),
            Label(prefix + "link_speed", "\(try node.int("linkSpeed"))"),
            Label(prefix + "rack", try node.string("rack")),
            Label(prefix + "no_intervention", "\(try node.bool("noIntervention"))"),
            Label(prefix + "os", try node.string("os")),
            Label(prefix + "support_level", try node.string("supportLevel")),
            Label(prefix + "server_id", "\(try node.int("serverId"))"),
            Label(prefix + "reverse", try node.string("reverse")),
            Label(prefix + "datacenter", try node.string("datacenter")),
        ]
    }

    /// The last address of each version. Networks count only where they are one address of version 4.
    static func addresses(
        _ texts: [String], _ service: OVHcloudDiscovery.Service
    ) throws(APIError) -> [Label] {
        var (version4, version6) = ("", "")
        for text in texts {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            let address = String(parts.first ?? "")
            let isVersion4 = IPAddress.isVersion4(address)
            guard isVersion4 || IPAddress.isVersion6(address), parts.count <= 2 else {
                throw noAddress
            }
            if parts.count == 2 {
                guard let bits = Int(parts[1]), (0...(isVersion4 ? 32 : 128)).contains(bits) else {
                    throw noAddress
                }
                if bits != 32 { continue }
            }
            if ["0.0.0.0", "::"].contains(address) { continue }
            if isVersion4 { version4 = address } else { version6 = address }
        }
        if version4.isEmpty, version6.isEmpty { throw noAddress }
        let prefix = prefix(service)
        return [
            Label("__address__", version4.isEmpty ? version6 : version4),
            Label(prefix + "ipv4", version4), Label(prefix + "ipv6", version6),
        ]
    }

    private static let noAddress = APIError("could not parse IP addresses from list")
}
