import Configuration
import Model

/// An entry of `lightsail_sd_configs`: targets are instances of a region.
struct LightsailTargetSource: TargetSource {
    static let mechanism = "lightsail"

    let settings: AmazonDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let account = AmazonAccount(settings, environment)
        let api = AmazonAPI(service: "lightsail", account: account, endpoint: settings.endpoint)
        await environment.refresh(
            every: settings.refreshInterval, yield
        ) { () throws(APIError) in
            let region = try await account.region()
            // As in Prometheus, the first page is all that is asked for.
            let targets = try await api.json(
                "Lightsail_20161128.GetInstances", Array("{}".utf8)
            ) { (root) throws(JSONError) in
                try root.list("instances").map { (node) throws(JSONError) in
                    try labels(node, region)
                }
            }
            return [DiscoveredGroup(place: region, targets: targets.compactMap(\.self))]
        }
    }

    private func labels(_ instance: JSONNode, _ region: String) throws(JSONError) -> Labels? {
        let address = try instance.string("privateIpAddress")
        if address.isEmpty { return nil }
        let prefix = "__meta_lightsail_"
        let zone = try instance.field("location")?.string("availabilityZone")
        let addresses6 = try instance.strings("ipv6Addresses")
        var labels = [
            Label("__address__", .address(address, settings.port)),
            Label(prefix + "private_ip", address), Label(prefix + "region", region),
            Label(prefix + "availability_zone", zone ?? ""),
            Label(prefix + "blueprint_id", try instance.string("blueprintId")),
            Label(prefix + "bundle_id", try instance.string("bundleId")),
            Label(prefix + "instance_name", try instance.string("name")),
            Label(
                prefix + "instance_state", try instance.field("state")?.string("name") ?? ""),
            Label(prefix + "instance_support_code", try instance.string("supportCode")),
            Label(prefix + "public_ip", try instance.string("publicIpAddress")),
        ]
        if !addresses6.isEmpty {
            labels.append(prefix + "ipv6_addresses", ",\(addresses6.joined(separator: ",")),")
        }
        let tags = try instance.list("tags").map { (tag) throws(JSONError) in
            (name: try tag.string("key"), value: try tag.string("value"))
        }
        labels.append(prefix: prefix + "tag_", each: tags)
        return Labels(labels)
    }
}
