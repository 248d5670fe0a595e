import Configuration
import Model
import Transport

/// An entry of `vultr_sd_configs`: targets are instances.
struct VultrTargetSource: TargetSource {
    static let mechanism = VultrDiscovery.mechanism

    private static let endpoint = APIEndpoint(base: "https://api.vultr.com/v2")
    private static let pageSize = 100

    let settings: VultrDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let api = APIClient(settings.client, environment)
        await environment.refresh(
            every: settings.refreshInterval, yield
        ) { () throws(APIError) in
            [DiscoveredGroup(place: "Vultr", targets: try await targets(api))]
        }
    }

    private func targets(_ api: APIClient) async throws(APIError) -> [Labels] {
        var (targets, cursor): ([Labels], String) = ([], "")
        try await APIPages.each(of: "instances") { (_) throws(APIError) in
            let query =
                (cursor.isEmpty ? [] : [("cursor", cursor)])
                + [("per_page", "\(VultrTargetSource.pageSize)")]
            let request = VultrTargetSource.endpoint
                .request("/instances", query, timeout: settings.refreshInterval.duration)
            let page = try await api.json(request, statuses: 200..<300) {
                (root) throws(JSONError) in
                let links = try root.field("meta")?.field("links")
                return (
                    targets: try root.list("instances").map(labels),
                    next: try links?.string("next") ?? ""
                )
            }.value
            targets += page.targets
            cursor = page.next
            return !page.next.isEmpty
        }
        return targets
    }

    private func labels(_ instance: JSONNode) throws(JSONError) -> Labels {
        let prefix = "__meta_vultr_instance_"
        let address = try instance.string("main_ip")
        var labels = [Label("__address__", .address(address, settings.port))]
        for (label, field) in VultrTargetSource.texts {
            labels.append(prefix + label, try instance.string(field))
        }
        for (label, field) in VultrTargetSource.numbers {
            labels.append(prefix + label, "\(try instance.int(field))")
        }
        labels.append(prefix + "features", try instance.strings("features"))
        labels.append(prefix + "tags", try instance.strings("tags"))
        return Labels(labels)
    }

    private static let texts = [
        ("id", "id"), ("label", "label"), ("os", "os"), ("region", "region"), ("plan", "plan"),
        ("main_ip", "main_ip"), ("main_ipv6", "v6_main_ip"), ("internal_ip", "internal_ip"),
        ("hostname", "hostname"), ("server_status", "server_status"),
    ]

    private static let numbers = [
        ("os_id", "os_id"), ("vcpu_count", "vcpu_count"), ("ram_mb", "ram"),
        ("allowed_bandwidth_gb", "allowed_bandwidth"), ("disk_gb", "disk"),
    ]
}
