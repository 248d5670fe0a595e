import Configuration
import Foundation
import HTTPClient
import Model
import Transport

/// An entry of `outscale_sd_configs`: targets are the virtual machines of a region.
struct OutscaleTargetSource: TargetSource {
    static let mechanism = "outscale"

    let settings: OutscaleDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let api = APIClient(settings.client, environment)
        await environment.refresh(
            every: settings.refreshInterval, yield
        ) { () throws(APIError) in
            let credentials = AWSCredentials(
                accessKey: settings.accessKey, secretKey: try await settings.secretKey.text())
            let targets = try await APIPages.all(of: "machines") { (next) throws(APIError) in
                var request = request(after: next)
                request.sign(
                    as: credentials, region: settings.region, service: "oapi",
                    at: environment.clock.now)
                return try await api.json(request) { (root) throws(JSONError) in
                    let targets = try root.list("Vms").map { (node) throws(JSONError) in
                        try labels(node)
                    }
                    return (targets.compactMap(\.self), try root.string("NextPageToken"))
                }.value
            }
            return [DiscoveredGroup(place: settings.region, targets: targets)]
        }
    }

    private func request(after token: String) -> HTTPRequest {
        let standard = "https://api.\(settings.region).outscale.com/api/v1"
        let endpoint = APIEndpoint(
            base: settings.endpoint.isEmpty ? standard : settings.endpoint)
        var request = endpoint.request(
            "/ReadVms", timeout: settings.refreshInterval.duration)
        request.method = "POST"
        request.headers = [.init("Content-Type", "application/json")]
        let body = token.isEmpty ? [:] : ["NextPageToken": token]
        // A dictionary of texts is always JSON.
        request.body = Array((try? JSONEncoder().encode(body)) ?? Data())
        return request
    }

    private func labels(_ machine: JSONNode) throws(JSONError) -> Labels? {
        let (local, shown) = (try machine.string("PrivateIp"), try machine.string("PublicIp"))
        let address = local.isEmpty ? shown : local
        if address.isEmpty { return nil }
        let prefix = "__meta_outscale_vm_"
        var labels = [
            Label("__address__", .address(address, settings.port)),
            Label(prefix + "instance_id", try machine.string("VmId")),
            Label(prefix + "region", settings.region),
            Label(prefix + "state", try machine.string("State")),
            Label(
                prefix + "subregion",
                try machine.field("Placement")?.string("SubregionName") ?? ""),
            Label(prefix + "private_ip", local), Label(prefix + "public_ip", shown),
        ]
        let tags = try machine.list("Tags").map { (tag) throws(JSONError) in
            (name: try tag.string("Key"), value: try tag.string("Value"))
        }
        labels.append(prefix: prefix + "tag_", each: tags.filter { !$0.name.isEmpty })
        return Labels(labels)
    }
}
