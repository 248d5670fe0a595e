import Configuration
import Model

/// An instance without what the lists of addresses say of it.
struct LinodeInstance {
    let labels: [Label]
    let tags: [String]
    let addresses4: [String]
    let address6: String

    init(_ node: JSONNode) throws(JSONError) {
        let prefix = LinodeTargets.prefix
        let specs = try node.field("specs")
        let isBackedUp = try node.field("backups")?.bool("enabled") ?? false
        var labels = [
            Label(prefix + "instance_id", "\(try node.int("id"))"),
            Label(prefix + "instance_label", try node.string("label")),
            Label(prefix + "backups", isBackedUp ? "enabled" : "disabled"),
            Label(prefix + "gpus", "\(try specs?.int("gpus") ?? 0)"),
            Label(prefix + "specs_vcpus", "\(try specs?.int("vcpus") ?? 0)"),
        ]
        for name in ["image", "region", "type", "status", "group", "hypervisor"] {
            labels.append(prefix + name, try node.string(name))
        }
        for name in ["disk", "memory", "transfer"] {
            let mebibytes = try specs?.int(name) ?? 0
            labels.append(prefix + "specs_\(name)_bytes", "\(mebibytes &<< 20)")
        }
        self.labels = labels
        tags = try node.strings("tags")
        address6 = try node.string("ipv6")
        addresses4 = try node.list("ipv4").map { (node) throws(JSONError) in
            guard case .string(let text) = node.content, let address = GoIPAddress(text) else {
                throw JSONError("ipv4: expected an IP address", at: node.offset)
            }
            return address.description
        }
    }
}

/// An address of an instance.
struct LinodeAddress {
    let address: String
    let isPublic: Bool
    let name: String

    init(_ node: JSONNode) throws(JSONError) {
        address = try node.string("address")
        isPublic = try node.bool("public")
        let name = try node.string("rdns")
        self.name = name == "null" ? "" : name
    }
}

/// A range of addresses that is routed to an instance.
struct LinodeRange {
    let target: String
    let range: String

    init(_ node: JSONNode) throws(JSONError) {
        target = try node.string("route_target")
        range = "\(try node.string("range"))/\(try node.int("prefix"))"
    }
}

/// The targets that instances are.
struct LinodeTargets {
    static let prefix = "__meta_linode_"

    private let settings: LinodeDiscovery
    private let instances: [LinodeInstance]
    private let addresses: [String: [LinodeAddress]]
    private let ranges: [String: [LinodeRange]]

    init(_ settings: LinodeDiscovery, _ lists: LinodeAPI.Lists) {
        self.settings = settings
        instances = lists.instances
        addresses = Dictionary(grouping: lists.addresses, by: \.address)
        ranges = Dictionary(grouping: lists.ranges, by: \.target)
    }

    var all: [Labels] { instances.filter { !$0.addresses4.isEmpty }.map(labels) }

    private func labels(_ instance: LinodeInstance) -> Labels {
        let prefix = LinodeTargets.prefix
        let known = instance.addresses4.flatMap { addresses[$0] ?? [] }
        let shared = known.first(where: \.isPublic)
        let own = known.first { !$0.isPublic }
        var firsts = [shared, own].compactMap { $0?.address }
        let extra = known.filter { address in
            guard let index = firsts.firstIndex(of: address.address) else { return true }
            firsts.remove(at: index)
            return false
        }
        var labels = instance.labels
        labels.append("__address__", .address(shared?.address ?? "", settings.port))
        func append(_ kind: String, _ address: LinodeAddress?) {
            labels.append(prefix + kind, address?.address ?? "")
            labels.append(prefix + kind + "_rdns", address?.name ?? "")
        }
        append("public_ipv4", shared)
        append("private_ipv4", own)
        let slaac = String(instance.address6.prefix { $0 != "/" })
        if !slaac.isEmpty { append("public_ipv6", addresses[slaac]?.last) }
        let separator = settings.tagSeparator
        labels.append(prefix + "tags", instance.tags, separator: separator)
        labels.append(prefix + "extra_ips", extra.map(\.address), separator: separator)
        let routed = slaac.isEmpty ? [] : ranges[slaac] ?? []
        labels.append(prefix + "ipv6_ranges", routed.map(\.range), separator: separator)
        return Labels(labels)
    }
}
