import Configuration
import Model
import Scrape
import Testing
import Transport

/// The API of a swarm's manager, answered in its documented form.
@Suite(.timeLimit(.minutes(1))) struct DockerSwarmDiscoveryTests {
    private static let node = """
        {"ID": "node1", "Spec": {"Role": "manager", "Availability": "active",
           "Labels": {"disk.type": "ssd"}},
         "Description": {"Hostname": "alpha", "Platform": {"Architecture": "x86_64", "OS": "linux"},
           "Engine": {"EngineVersion": "28.1"}},
         "Status": {"State": "ready", "Addr": "10.1.0.1"},
         "ManagerStatus": {"Leader": true, "Reachability": "reachable", "Addr": "10.1.0.1:2377"}}
        """

    private static let service = """
        {"ID": "svc1", "Spec": {"Name": "web", "Labels": {"team": "a"},
           "TaskTemplate": {"ContainerSpec": {"Image": "web:2", "Hostname": "h"}},
           "Mode": {"Replicated": {"Replicas": 2}}},
         "UpdateStatus": {"State": "completed"},
         "Endpoint": {"Ports": [
             {"Name": "http", "Protocol": "tcp", "PublishedPort": 80, "PublishMode": "ingress"},
             {"Protocol": "udp", "PublishedPort": 53, "PublishMode": "ingress"}],
           "VirtualIPs": [{"NetworkID": "net1", "Addr": "10.0.0.2/24"}]}}
        """

    private static let task = """
        {"ID": "task1", "ServiceID": "svc1", "NodeID": "node1", "Slot": 2,
         "DesiredState": "running", "Spec": {"ContainerSpec": {"Labels": {"app": "x"}}},
         "Status": {"State": "running", "ContainerStatus": {"ContainerID": "cont1"},
           "PortStatus": {"Ports": [
             {"Protocol": "tcp", "PublishedPort": 9100, "PublishMode": "host"}]}},
         "NetworksAttachments": [{"Network": {"ID": "net1"}, "Addresses": ["10.0.0.7/24"]}]}
        """

    private static let network = """
        {"Id": "net1", "Name": "ingress", "Scope": "swarm", "Internal": false, "Ingress": true}
        """

    private static let networkLabels = [
        "__meta_dockerswarm_network_id": "net1", "__meta_dockerswarm_network_name": "ingress",
        "__meta_dockerswarm_network_scope": "swarm",
        "__meta_dockerswarm_network_internal": "false",
        "__meta_dockerswarm_network_ingress": "true",
    ]

    private static let nodeLabels = [
        "__meta_dockerswarm_node_id": "node1", "__meta_dockerswarm_node_address": "10.1.0.1",
        "__meta_dockerswarm_node_role": "manager",
        "__meta_dockerswarm_node_availability": "active",
        "__meta_dockerswarm_node_hostname": "alpha",
        "__meta_dockerswarm_node_platform_architecture": "x86_64",
        "__meta_dockerswarm_node_platform_os": "linux",
        "__meta_dockerswarm_node_status": "ready",
        "__meta_dockerswarm_node_label_disk_type": "ssd",
    ]

    private static let serviceLabels = [
        "__meta_dockerswarm_service_id": "svc1", "__meta_dockerswarm_service_name": "web",
        "__meta_dockerswarm_service_mode": "replicated",
        "__meta_dockerswarm_service_label_team": "a",
    ]

    private func api(
        nodes: String = node, services: String = service, tasks: String = task
    ) -> ScriptedAPI {
        let api = ScriptedAPI([
            "/v1.44/nodes": "[\(nodes)]", "/v1.44/services": "[\(services)]",
            "/v1.44/tasks": "[\(tasks)]", "/v1.44/networks": "[\(Self.network)]",
        ])
        api.set("/_ping", "OK", headers: ["Api-Version": "1.44"])
        return api
    }

    private func look(_ keys: String, _ api: ScriptedAPI) async throws -> SourceUpdate {
        try await DiscoveryLooks().take(
            1, "dockerswarm_sd_configs: [{host: 'unix:///var/run/docker.sock', \(keys)}]",
            transport: api)[0]
    }

    private func merged(_ parts: [String: String]...) -> [String: String] {
        parts.reduce(into: [:]) { $0.merge($1) { _, new in new } }
    }

    @Test func nodesAreTargets() async throws {
        let worker = #"{"ID": "node2", "Status": {"Addr": "10.1.0.2"}, "ManagerStatus": null}"#
        let update = try await look(
            "role: nodes, port: 9323", api(nodes: "\(Self.node), \(worker)"))
        let manager = [
            "__address__": "10.1.0.1:9323", "__meta_dockerswarm_node_engine_version": "28.1",
            "__meta_dockerswarm_node_manager_leader": "true",
            "__meta_dockerswarm_node_manager_reachability": "reachable",
            "__meta_dockerswarm_node_manager_address": "10.1.0.1:2377",
        ]
        #expect(
            update.labels == [
                merged(Self.nodeLabels, manager),
                [
                    "__address__": "10.1.0.2:9323", "__meta_dockerswarm_node_id": "node2",
                    "__meta_dockerswarm_node_address": "10.1.0.2",
                ],
            ])
    }

    @Test func servicesAreTargetsAtTheirVirtualAddresses() async throws {
        let update = try await look("role: services", api())
        let own = [
            "__address__": "10.0.0.2:80",
            "__meta_dockerswarm_service_endpoint_port_name": "http",
            "__meta_dockerswarm_service_endpoint_port_publish_mode": "ingress",
            "__meta_dockerswarm_service_task_container_image": "web:2",
            "__meta_dockerswarm_service_task_container_hostname": "h",
            "__meta_dockerswarm_service_updating_status": "completed",
        ]
        #expect(update.labels == [merged(Self.serviceLabels, Self.networkLabels, own)])
    }

    @Test func aServiceWithoutPortsGetsTheConfiguredOne() async throws {
        let plain = """
            {"ID": "svc2", "Spec": {"Name": "agent", "Mode": {"Global": {}}},
             "Endpoint": {"VirtualIPs": [{"NetworkID": "other", "Addr": "10.0.3.4/24"}]}}
            """
        let update = try await look("role: services, port: 99", api(services: plain))
        #expect(
            update.labels == [
                [
                    "__address__": "10.0.3.4:99", "__meta_dockerswarm_service_id": "svc2",
                    "__meta_dockerswarm_service_name": "agent",
                    "__meta_dockerswarm_service_mode": "global",
                ]
            ])
    }

    @Test func tasksAreTargetsOnTheirNodeAndInTheirNetworks() async throws {
        let update = try await look("role: tasks", api())
        let task = [
            "__meta_dockerswarm_task_id": "task1",
            "__meta_dockerswarm_task_desired_state": "running",
            "__meta_dockerswarm_task_state": "running", "__meta_dockerswarm_task_slot": "2",
            "__meta_dockerswarm_task_container_id": "cont1",
            "__meta_dockerswarm_container_label_app": "x",
        ]
        let common = merged(task, Self.serviceLabels, Self.nodeLabels)
        let onNode = [
            "__address__": "10.1.0.1:9100", "__meta_dockerswarm_task_port_publish_mode": "host",
        ]
        let inNetwork = [
            "__address__": "10.0.0.7:80", "__meta_dockerswarm_task_port_publish_mode": "ingress",
        ]
        #expect(
            update.labels == [
                merged(common, onNode), merged(common, Self.networkLabels, inNetwork),
            ])
    }

    @Test func filtersAreThoseOfTheRolesListAlone() async throws {
        let api = api()
        _ = try await look("role: tasks, filters: [{name: desired-state, values: [running]}]", api)
        let filtered = api.requests.filter { $0.url.contains("filters=") }.map(\.url)
        #expect(filtered.count == 1)
        #expect(filtered.first?.contains("/v1.44/tasks?filters=%7B%22desired-state%22") == true)
    }

    @Test(arguments: [
        ("services", "services", #"[{"Endpoint": {"VirtualIPs": [{"Addr": ""}]}}]"#, true),
        // Tasks do not need the virtual addresses of their services.
        ("tasks", "services", #"[{"Endpoint": {"VirtualIPs": [{"Addr": ""}]}}]"#, false),
        ("tasks", "tasks", #"[{"NetworksAttachments": [{"Addresses": ["x"]}]}]"#, true),
    ])
    func anAddressThatIsNoneKeepsTheTargets(
        role: String, list: String, body: String, isWrong: Bool
    ) async throws {
        let api = api()
        api.set("/v1.44/\(list)", body)
        let update = try await look("role: \(role)", api)
        #expect((update.groups == nil) == isWrong)
        #expect(
            update.problems.contains { $0.contains("error while parsing address") } == isWrong)
    }

    @Test(arguments: ["nodes", "services", "tasks"])
    func aSwarmOfNothingHasNoTargets(role: String) async throws {
        let update = try await look("role: \(role)", api(nodes: "", services: "", tasks: ""))
        #expect(update.problems == [] && update.groups?.map(\.targets) == [[]])
    }

    @Test func aDaemonOutsideASwarmIsAProblem() async throws {
        let api = api()
        api.set("/v1.44/nodes", #"{"message": "This node is not a swarm manager."}"#, status: 503)
        let update = try await look("role: nodes", api)
        #expect(update.groups == nil)
        #expect(update.problems.first?.contains("503: {\"message\": \"This node is not") == true)
    }
}
