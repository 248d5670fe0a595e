import Configuration
import Model
import Transport

/// An entry of `hetzner_sd_configs`: targets are servers of the cloud, or those that Robot manages.
struct HetznerTargetSource: TargetSource {
    static let mechanism = HetznerDiscovery.mechanism

    let settings: HetznerDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let api = APIClient(settings.client, environment)
        await environment.refresh(
            every: settings.refreshInterval, yield
        ) { () throws(APIError) in
            let targets =
                switch settings.role {
                case .hcloud: try await HetznerCloud(settings, api).targets()
                case .robot: try await HetznerRobot(settings, api).targets()
                }
            return [DiscoveredGroup(place: "Hetzner", targets: targets)]
        }
    }
}

/// The servers that Hetzner's Robot manages.
private struct HetznerRobot {
    private static let endpoint = APIEndpoint(base: "https://robot-ws.your-server.de")

    private let settings: HetznerDiscovery
    private let api: APIClient

    init(_ settings: HetznerDiscovery, _ api: APIClient) {
        self.settings = settings
        self.api = api
    }

    func targets() async throws(APIError) -> [Labels] {
        let request = HetznerRobot.endpoint
            .request("/server", timeout: settings.refreshInterval.duration)
        return try await api.json(request, statuses: 200..<300) { (root) throws(JSONError) in
            // Of an element without a server every field is missing.
            try root.elements().map { (element) throws(JSONError) in
                try labels(try element.field("server") ?? element)
            }
        }.value
    }

    private func labels(_ server: JSONNode) throws(JSONError) -> Labels {
        let prefix = "__meta_hetzner_"
        let address = try server.string("server_ip")
        let center = try server.string("dc").lowercased()
        var labels = [
            Label("__address__", .address(address, settings.port)),
            Label(prefix + "role", settings.role.rawValue),
            Label(prefix + "server_id", "\(try server.int("server_number"))"),
            Label(prefix + "server_name", try server.string("server_name")),
            Label(prefix + "server_status", try server.string("status")),
            Label(prefix + "public_ipv4", address), Label(prefix + "datacenter", center),
            Label(prefix + "robot_datacenter", center),
            Label(prefix + "robot_product", try server.string("product")),
            Label(prefix + "robot_cancelled", "\(try server.bool("cancelled"))"),
        ]
        let networks = try server.list("subnet").map { (node) throws(JSONError) in
            (address: try node.string("ip"), mask: try node.string("mask"))
        }
        let network6 = networks.first { GoIPAddress($0.address)?.isVersion4 != true }
        if let network6 {
            labels.append(prefix + "public_ipv6_network", "\(network6.address)/\(network6.mask)")
        }
        return Labels(labels)
    }
}
