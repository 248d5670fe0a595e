import Configuration
import Model
import Scrape
import TestSupport
import Testing

@Suite("Targets from Kubernetes have Prometheus's labels", .timeLimit(.minutes(1)))
struct KubernetesLabelTests {
    private let cluster = FakeCluster()

    private func targets(
        _ role: String, _ more: String = "", watches: Int = 1
    ) async throws -> [[String: String]] {
        let world = try KubernetesWorld("{role: \(role), api_server: 'http://k'\(more)}", cluster)
        await world.untilWatching(watches)
        await world.stop()
        return world.targets
    }

    private let podLabels = [
        "__meta_kubernetes_namespace": "shop", "__meta_kubernetes_pod_name": "web-1",
        "__meta_kubernetes_pod_ip": "10.0.0.1", "__meta_kubernetes_pod_host_ip": "192.168.0.1",
        "__meta_kubernetes_pod_uid": "u1", "__meta_kubernetes_pod_phase": "Running",
        "__meta_kubernetes_pod_ready": "true", "__meta_kubernetes_pod_node_name": "n1",
    ]
    private let container = [
        "__meta_kubernetes_pod_container_name": "c", "__meta_kubernetes_pod_container_image": "i:1",
        "__meta_kubernetes_pod_container_init": "false",
        "__meta_kubernetes_pod_container_port_name": "web",
        "__meta_kubernetes_pod_container_port_number": "80",
        "__meta_kubernetes_pod_container_port_protocol": "TCP",
    ]

    private func merge(_ parts: [String: String]...) -> [String: String] {
        parts.reduce(into: [:]) { $0.merge($1) { $1 } }
    }

    @Test func ofPods() async throws {
        let metadata = #"""
            "uid":"u1","labels":{"app.kubernetes.io/name":"web","empty":""},
            "annotations":{"note":"a \"b\" \u00e9"},
            "ownerReferences":[{"kind":"X","name":"x"},{"kind":"ReplicaSet","name":"web-7f","controller":true}]
            """#
        cluster.put("pods", .pod("web-1", in: "shop", metadata: metadata))
        let expected = merge(
            podLabels, container,
            [
                "__address__": "10.0.0.1:80",
                "__meta_kubernetes_pod_container_id": "containerd://abc",
                "__meta_kubernetes_pod_label_app_kubernetes_io_name": "web",
                "__meta_kubernetes_pod_labelpresent_app_kubernetes_io_name": "true",
                "__meta_kubernetes_pod_labelpresent_empty": "true",
                "__meta_kubernetes_pod_annotation_note": "a \"b\" é",
                "__meta_kubernetes_pod_annotationpresent_note": "true",
                "__meta_kubernetes_pod_controller_kind": "ReplicaSet",
                "__meta_kubernetes_pod_controller_name": "web-7f",
            ])
        #expect(try await targets("pod") == [expected])
    }

    @Test func ofPodsWithContainersOfAllKinds() async throws {
        cluster.put(
            "pods",
            FakeObject(
                namespace: "d", name: "p",
                rest: """
                    "status":{"podIP":"fd00::1","phase":"Pending",
                      "initContainerStatuses":[{"name":"init","containerID":"x://1"}]},
                    "spec":{"initContainers":[{"name":"init","image":"j"}],
                      "containers":[{"name":"a","ports":null},
                        {"name":"b","ports":[{"containerPort":1},{"containerPort":2,"protocol":"UDP"}]}]}
                    """))
        cluster.put("pods", .pod("starts", ip: ""))
        let found = try await targets("pod")
        #expect(
            found.map { $0["__address__"] } == ["fd00::1", "[fd00::1]:1", "[fd00::1]:2", "fd00::1"])
        #expect(
            found.map { $0["__meta_kubernetes_pod_container_init"] } == [
                "false", "false", "false", "true",
            ])
        #expect(found[3]["__meta_kubernetes_pod_container_id"] == "x://1")
        #expect(found[0]["__meta_kubernetes_pod_container_id"] == nil)
        #expect(found[0]["__meta_kubernetes_pod_ready"] == "unknown")
        #expect(found[2]["__meta_kubernetes_pod_container_port_protocol"] == "UDP")
    }

    @Test func ofPodsWithWhatTheyBelongTo() async throws {
        let owner =
            #""uid":"u1","ownerReferences":[{"kind":"KIND","name":"NAME","controller":true}]"#
        func owned(_ kind: String, _ name: String) -> String {
            owner.replacing("KIND", with: kind).replacing("NAME", with: name)
        }
        cluster.put("pods", .pod("a", metadata: owned("ReplicaSet", "web-7f")))
        cluster.put("pods", .pod("b", metadata: owned("Job", "nightly-1")))
        cluster.put("pods", .pod("elsewhere", node: "unknown"))
        cluster.put(
            "replicasets",
            FakeObject(namespace: "default", name: "web-7f", metadata: owned("Deployment", "web")))
        cluster.put(
            "jobs",
            FakeObject(
                namespace: "default", name: "nightly-1", metadata: owned("CronJob", "nightly")))
        cluster.put("nodes", FakeObject(name: "n1", metadata: #""labels":{"zone":"z"}"#))
        cluster.put(
            "namespaces", FakeObject(name: "default", metadata: #""annotations":{"team":"t"}"#))
        let found = try await targets(
            "pod",
            ", attach_metadata: {node: true, namespace: true, deployment: true, job: true, cronjob: true}",
            watches: 5)
        // A pod on a node that is not among those asked for is left out.
        try #require(found.count == 2)
        for target in found {
            #expect(target["__meta_kubernetes_node_name"] == "n1")
            #expect(target["__meta_kubernetes_node_label_zone"] == "z")
            #expect(target["__meta_kubernetes_namespace_annotation_team"] == "t")
            #expect(target["__meta_kubernetes_namespace_annotationpresent_team"] == "true")
        }
        #expect(found[0]["__meta_kubernetes_pod_deployment_name"] == "web")
        #expect(found[1]["__meta_kubernetes_pod_job_name"] == "nightly-1")
        #expect(found[1]["__meta_kubernetes_pod_cronjob_name"] == "nightly")
    }

    @Test func ofNodes() async throws {
        cluster.put(
            "nodes",
            FakeObject(
                name: "n1", metadata: #""labels":{"a-b":"c"}"#,
                rest: """
                    "spec":{"providerID":"aws:///i-1"},"status":{
                      "conditions":[{"type":"Ready","status":"True"},{"type":"DiskPressure","status":"Unknown"}],
                      "addresses":[{"type":"ExternalIP","address":"8.8.8.8"},{"type":"InternalIP","address":"10.1.1.1"},
                        {"type":"InternalIP","address":"10.1.1.2"},{"type":"Hostname","address":"h"}],
                      "daemonEndpoints":{"kubeletEndpoint":{"Port":10250}}}
                    """))
        cluster.put("nodes", FakeObject(name: "lost"))
        #expect(
            try await targets("node") == [
                [
                    "__address__": "10.1.1.1:10250", "instance": "n1",
                    "__meta_kubernetes_node_name": "n1",
                    "__meta_kubernetes_node_provider_id": "aws:///i-1",
                    "__meta_kubernetes_node_label_a_b": "c",
                    "__meta_kubernetes_node_labelpresent_a_b": "true",
                    "__meta_kubernetes_node_condition_ready": "true",
                    "__meta_kubernetes_node_condition_diskpressure": "unknown",
                    "__meta_kubernetes_node_address_InternalIP": "10.1.1.1",
                    "__meta_kubernetes_node_address_ExternalIP": "8.8.8.8",
                    "__meta_kubernetes_node_address_Hostname": "h",
                ]
            ])
    }

    @Test(arguments: [
        (
            #""spec":{"type":"ClusterIP","clusterIP":"10.2.0.1","ports":[{"name":"w","port":80,"protocol":"TCP"}]}"#,
            ["__meta_kubernetes_service_cluster_ip": "10.2.0.1"], "ClusterIP"
        ),
        (
            #""spec":{"type":"ExternalName","externalName":"x.org","ports":[{"name":"w","port":80,"protocol":"TCP"}]}"#,
            ["__meta_kubernetes_service_external_name": "x.org"], "ExternalName"
        ),
        (
            #""spec":{"type":"LoadBalancer","clusterIP":"10.2.0.1","loadBalancerIP":"9","ports":[{"name":"w","port":80,"protocol":"TCP"}]},"status":{"loadBalancer":{"ingress":[{"ip":"1.1.1.1"},{"hostname":"h"},{"ip":"1.1.1.2"}]}}"#,
            [
                "__meta_kubernetes_service_cluster_ip": "10.2.0.1",
                "__meta_kubernetes_service_loadbalancer_ip": "1.1.1.1,1.1.1.2",
            ], "LoadBalancer"
        ),
    ])
    func ofServices(rest: String, more: [String: String], type: String) async throws {
        cluster.put(
            "services",
            FakeObject(namespace: "shop", name: "web", metadata: #""labels":{"a":"b"}"#, rest: rest)
        )
        let expected = merge(
            [
                "__address__": "web.shop.svc:80", "__meta_kubernetes_namespace": "shop",
                "__meta_kubernetes_service_name": "web", "__meta_kubernetes_service_type": type,
                "__meta_kubernetes_service_label_a": "b",
                "__meta_kubernetes_service_labelpresent_a": "true",
                "__meta_kubernetes_service_port_name": "w",
                "__meta_kubernetes_service_port_number": "80",
                "__meta_kubernetes_service_port_protocol": "TCP",
            ], more)
        #expect(try await targets("service") == [expected])
    }

    @Test func ofEndpoints() async throws {
        cluster.put("pods", .pod("web-1", in: "shop"))
        cluster.put(
            "services",
            FakeObject(namespace: "shop", name: "web", metadata: #""labels":{"a":"b"}"#))
        cluster.put("nodes", FakeObject(name: "n1", metadata: #""labels":{"zone":"z"}"#))
        cluster.put(
            "endpoints",
            FakeObject(
                namespace: "shop", name: "web", metadata: #""labels":{"e":"f"}"#,
                rest: """
                    "subsets":[{"addresses":[{"ip":"10.0.0.1","nodeName":"n1","hostname":"h",
                      "targetRef":{"kind":"Pod","namespace":"shop","name":"web-1"}}],
                      "notReadyAddresses":[{"ip":"9.9.9.9","targetRef":{"kind":"Node","name":"n1"}}],
                      "ports":[{"name":"m","port":9100,"protocol":"TCP"}]}]
                    """))
        let service = [
            "__meta_kubernetes_namespace": "shop", "__meta_kubernetes_service_name": "web",
            "__meta_kubernetes_service_label_a": "b",
            "__meta_kubernetes_service_labelpresent_a": "true",
            "__meta_kubernetes_endpoints_name": "web",
            "__meta_kubernetes_endpoints_label_e": "f",
            "__meta_kubernetes_endpoints_labelpresent_e": "true",
        ]
        let port = [
            "__meta_kubernetes_endpoint_port_name": "m",
            "__meta_kubernetes_endpoint_port_protocol": "TCP",
        ]
        let node = [
            "__meta_kubernetes_node_name": "n1", "__meta_kubernetes_node_label_zone": "z",
            "__meta_kubernetes_node_labelpresent_zone": "true",
        ]
        let found = try await targets("endpoints", ", attach_metadata: {node: true}", watches: 4)
        #expect(
            found == [
                merge(
                    service, port, node, podLabels,
                    [
                        "__address__": "10.0.0.1:9100", "__meta_kubernetes_endpoint_ready": "true",
                        "__meta_kubernetes_endpoint_node_name": "n1",
                        "__meta_kubernetes_endpoint_hostname": "h",
                        "__meta_kubernetes_endpoint_address_target_kind": "Pod",
                        "__meta_kubernetes_endpoint_address_target_name": "web-1",
                    ]),
                merge(
                    service, port, node,
                    [
                        "__address__": "9.9.9.9:9100", "__meta_kubernetes_endpoint_ready": "false",
                        "__meta_kubernetes_endpoint_address_target_kind": "Node",
                        "__meta_kubernetes_endpoint_address_target_name": "n1",
                    ]),
                // The pod's port that no endpoint has.
                merge(service, podLabels, container, ["__address__": "10.0.0.1:80"]),
            ])
    }

    private func slice(_ type: String, _ address: String) -> FakeObject {
        FakeObject(
            namespace: "shop", name: "web-\(type.lowercased())",
            metadata: #""labels":{"kubernetes.io/service-name":"web"}"#,
            rest: """
                "addressType":"\(type)","ports":[{"name":"w","port":80,"protocol":"TCP","appProtocol":"http"}],
                "endpoints":[{"addresses":["\(address)"],"nodeName":"n1","zone":"z","hostname":"h",
                  "conditions":{"ready":true,"serving":true,"terminating":false,"new":{}},
                  "deprecatedTopology":{"a/b":"c"},
                  "targetRef":{"kind":"Pod","namespace":"shop","name":"web-1"}}]
                """)
    }

    @Test func ofEndpointSlices() async throws {
        cluster.put("pods", .pod("web-1", in: "shop"))
        cluster.put("services", FakeObject(namespace: "shop", name: "web"))
        cluster.put("endpointslices", slice("IPv4", "10.0.0.1"))
        let name = "kubernetes_io_service_name"
        let expected = merge(
            podLabels, container,
            [
                "__address__": "10.0.0.1:80", "__meta_kubernetes_service_name": "web",
                "__meta_kubernetes_endpointslice_name": "web-ipv4",
                "__meta_kubernetes_endpointslice_address_type": "IPv4",
                "__meta_kubernetes_endpointslice_label_\(name)": "web",
                "__meta_kubernetes_endpointslice_labelpresent_\(name)": "true",
                "__meta_kubernetes_endpointslice_port": "80",
                "__meta_kubernetes_endpointslice_port_name": "w",
                "__meta_kubernetes_endpointslice_port_protocol": "TCP",
                "__meta_kubernetes_endpointslice_port_app_protocol": "http",
                "__meta_kubernetes_endpointslice_endpoint_conditions_ready": "true",
                "__meta_kubernetes_endpointslice_endpoint_conditions_serving": "true",
                "__meta_kubernetes_endpointslice_endpoint_conditions_terminating": "false",
                "__meta_kubernetes_endpointslice_endpoint_hostname": "h",
                "__meta_kubernetes_endpointslice_endpoint_node_name": "n1",
                "__meta_kubernetes_endpointslice_endpoint_zone": "z",
                "__meta_kubernetes_endpointslice_address_target_kind": "Pod",
                "__meta_kubernetes_endpointslice_address_target_name": "web-1",
                "__meta_kubernetes_endpointslice_endpoint_topology_a_b": "c",
                "__meta_kubernetes_endpointslice_endpoint_topology_present_a_b": "true",
            ])
        #expect(try await targets("endpointslice", watches: 3) == [expected])
    }

    @Test func ofTheFirstFamilyOfAServiceWithTwo() async throws {
        cluster.put(
            "services",
            FakeObject(
                namespace: "shop", name: "web",
                rest:
                    #""spec":{"ipFamilyPolicy":"PreferDualStack","ipFamilies":["IPv6","IPv4"]}"#))
        cluster.put("endpointslices", slice("IPv4", "10.0.0.1"))
        cluster.put("endpointslices", slice("IPv6", "fd00::1"))
        let found = try await targets("endpointslice", watches: 3)
        #expect(found.map { $0["__address__"] } == ["[fd00::1]:80"])
    }

    @Test func ofIngresses() async throws {
        cluster.put(
            "ingresses",
            FakeObject(
                namespace: "shop", name: "in", metadata: #""annotations":{"a":"b"}"#,
                rest: """
                    "spec":{"ingressClassName":"nginx","tls":[{"hosts":["*.x.org"]}],"rules":[
                      {"host":"a.x.org","http":{"paths":[{"path":"/p"},{"backend":{}}]}},
                      {"host":"a.b.x.org"},{"host":"y.org","http":{"paths":[]}}]}
                    """))
        let common = [
            "__meta_kubernetes_namespace": "shop", "__meta_kubernetes_ingress_name": "in",
            "__meta_kubernetes_ingress_class_name": "nginx",
            "__meta_kubernetes_ingress_annotation_a": "b",
            "__meta_kubernetes_ingress_annotationpresent_a": "true",
        ]
        func target(_ host: String, _ scheme: String, _ path: String) -> [String: String] {
            merge(
                common,
                [
                    "__address__": host, "__meta_kubernetes_ingress_host": host,
                    "__meta_kubernetes_ingress_scheme": scheme,
                    "__meta_kubernetes_ingress_path": path,
                ])
        }
        #expect(
            try await targets("ingress") == [
                target("a.x.org", "https", "/p"), target("a.x.org", "https", "/"),
                target("a.b.x.org", "http", "/"),
            ])
    }

    /// The job of the guide that says how pods are scraped by their annotations.
    @Test(.enabled(if: SharedData.has("lynex-guide.md"), "\(SharedData.missing)"))
    func theGuidesJobFindsAnnotatedPods() async throws {
        let text = try #require(SharedData.text("lynex-guide.md"))
        let job = try #require(text.range(of: "lynex-k8s"))
        let start = try #require(
            text.range(of: "    relabel_configs:\n", range: job.upperBound..<text.endIndex))
        let end = try #require(text.range(of: "```", range: start.upperBound..<text.endIndex))
        let relabelling = text[start.lowerBound..<end.lowerBound].split(separator: "\n")
            .map { $0.dropFirst(2) }.joined(separator: "\n")
        let annotations =
            #""annotations":{"prometheus.io/scrape":"true","prometheus.io/path":"/m","prometheus.io/port":"9999"}"#
        cluster.put("pods", .pod("yes", metadata: annotations))
        cluster.put("pods", .pod("no", ip: "10.0.0.2"))
        let world = try KubernetesWorld(
            "{role: pod, api_server: 'http://k'}", cluster, more: relabelling)
        await world.untilWatching()
        await world.stop()
        #expect(world.targets.count == 2)
        #expect(world.built.map(\.url) == ["http://10.0.0.1:9999/m"])
    }
}
