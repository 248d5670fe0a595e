import Configuration
import Model

/// An entry of `openstack_sd_configs`: targets are what its role names.
struct OpenStackTargetSource: TargetSource {
    static let mechanism = "openstack"
    static let prefix = "__meta_openstack_"

    let settings: OpenStackDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let client = APIClient(settings.client, environment)
        await environment.refresh(
            every: settings.refreshInterval, yield
        ) { () throws(APIError) in
            // As in Prometheus, each look signs in anew.
            let cloud = try await OpenStackCloud.signIn(
                settings, client, environment.variables)
            let targets =
                switch settings.role {
                case .hypervisor: try await hypervisors(cloud)
                case .instance: try await OpenStackInstances(settings, cloud).targets
                case .loadbalancer: try await OpenStackLoadBalancers.targets(cloud)
                }
            return [DiscoveredGroup(place: "OS_\(settings.region)", targets: targets)]
        }
    }

    private func hypervisors(_ cloud: OpenStackCloud) async throws(APIError) -> [Labels] {
        let service = try cloud.service("compute")
        return try await cloud.list(
            "hypervisors", service, "os-hypervisors/detail"
        ) { (node) throws(JSONError) in
            let address = try node.string("host_ip")
            let prefix = OpenStackTargetSource.prefix
            return Labels([
                Label("__address__", .address(address, settings.port)),
                Label(prefix + "hypervisor_id", try node.textOrNumber("id")),
                Label(prefix + "hypervisor_hostname", try node.string("hypervisor_hostname")),
                Label(prefix + "hypervisor_host_ip", address),
                Label(prefix + "hypervisor_status", try node.string("status")),
                Label(prefix + "hypervisor_state", try node.string("state")),
                Label(prefix + "hypervisor_type", try node.string("hypervisor_type")),
            ])
        }
    }
}
