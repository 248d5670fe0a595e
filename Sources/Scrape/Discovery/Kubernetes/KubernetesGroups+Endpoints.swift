import Model

// Targets of endpoints: an address and a port each, with the labels of the service and of the pod behind it;
// and a target for every other port of those pods.
extension KubernetesGroups {
    /// A pod behind endpoints, and the ports that it is already a target of.
    private struct SeenPods {
        private var pods: [(pod: PodObject, ports: Set<Int>)] = []
        private var places: [String: Int] = [:]

        mutating func note(_ pod: PodObject, _ port: Int?) {
            let place = places[pod.meta.key] ?? pods.count
            if place == pods.count {
                places[pod.meta.key] = place
                pods.append((pod, []))
            }
            if let port { pods[place].ports.insert(port) }
        }

        /// Containers' ports that no endpoint has.
        var others: [(PodObject, PodObject.Container, PodObject.Port)] {
            pods.filter { !$0.pod.ip.isEmpty }.flatMap { seen in
                seen.pod.containers.flatMap { container in
                    container.ports.filter { !seen.ports.contains($0.number) }
                        .map { (seen.pod, container, $0) }
                }
            }
        }
    }

    /// The label by which a slice names its service.
    private static let serviceName = "kubernetes.io/service-name"

    mutating func group(_ endpoints: EndpointsObject) -> DiscoveredGroup {
        let meta = endpoints.meta
        var labels = [Label("__meta_kubernetes_namespace", meta.namespace)]
        if let service = service(meta.namespace, meta.name) { addService(service, to: &labels) }
        names.add(meta, "endpoints", to: &labels)
        addNamespace(meta.namespace, to: &labels)
        var seen = SeenPods()
        var targets: [Labels] = []
        for subset in endpoints.subsets {
            for port in subset.ports {
                for (addresses, ready) in [(subset.ready, true), (subset.notReady, false)] {
                    for address in addresses {
                        targets.append(target(address, port, ready, &seen))
                    }
                }
            }
        }
        targets += otherTargets(seen)
        return DiscoveredGroup(
            place: "endpoints/\(meta.key)", targets: targets, labels: Labels(labels))
    }

    private mutating func target(
        _ address: EndpointsObject.Address, _ port: PodObject.Port, _ ready: Bool,
        _ seen: inout SeenPods
    ) -> Labels {
        var target = [Label("__address__", hostAndPort(address.ip, port.number))]
        target.add("__meta_kubernetes_endpoint_port_name", port.name)
        target.add("__meta_kubernetes_endpoint_port_protocol", port.transport)
        target.add("__meta_kubernetes_endpoint_ready", ready)
        target.add("__meta_kubernetes_endpoint_address_target_kind", address.target?.kind)
        target.add("__meta_kubernetes_endpoint_address_target_name", address.target?.name)
        target.add("__meta_kubernetes_endpoint_node_name", address.node)
        target.add("__meta_kubernetes_endpoint_hostname", address.hostname)
        let isNode = address.target?.kind == "Node"
        addNode(address.node ?? (isNode ? address.target?.name : nil), to: &target)
        if let pod = pod(address.target) {
            seen.note(pod, port.number)
            add(pod, to: &target)
            addContainer(of: pod, port.number, transport: port.transport, to: &target)
        }
        return Labels(target)
    }

    mutating func group(_ slice: SliceObject) -> DiscoveredGroup? {
        let meta = slice.meta
        var labels = [
            Label("__meta_kubernetes_namespace", meta.namespace),
            Label("__meta_kubernetes_endpointslice_address_type", slice.addressType),
        ]
        names.add(meta, "endpointslice", to: &labels)
        let name = meta.labels.first { $0.name == KubernetesGroups.serviceName }?.value
        if let name, let service = service(meta.namespace, name) {
            addService(service, to: &labels)
            if KubernetesGroups.isSecondary(slice, of: service) { return nil }
        }
        addNamespace(meta.namespace, to: &labels)
        var seen = SeenPods()
        var targets: [Labels] = []
        for endpoint in slice.endpoints {
            for port in slice.ports {
                for address in endpoint.addresses {
                    targets.append(target(address, endpoint, port, &seen))
                }
            }
        }
        targets += otherTargets(seen)
        return DiscoveredGroup(
            place: "endpointslice/\(meta.key)", targets: targets, labels: Labels(labels))
    }

    /// Whether the slice has the addresses of the second family of a service with two, which are other
    /// ways to the same targets.
    private static func isSecondary(_ slice: SliceObject, of service: ServiceObject) -> Bool {
        guard ["PreferDualStack", "RequireDualStack"].contains(service.familyPolicy),
            let primary = service.families.first
        else { return false }
        return slice.addressType != primary
    }

    private mutating func target(
        _ address: String, _ endpoint: SliceObject.Endpoint, _ port: SliceObject.Port,
        _ seen: inout SeenPods
    ) -> Labels {
        var target = [
            Label("__address__", port.number.map { hostAndPort(address, $0) } ?? address)
        ]
        target.add("__meta_kubernetes_endpointslice_port_name", port.name)
        target.add("__meta_kubernetes_endpointslice_port_protocol", port.transport)
        target.add("__meta_kubernetes_endpointslice_port", port.number.map(String.init))
        target.add("__meta_kubernetes_endpointslice_port_app_protocol", port.application)
        add(endpoint, to: &target)
        let isNode = endpoint.target?.kind == "Node"
        addNode(isNode ? endpoint.target?.name : endpoint.node, to: &target)
        if let pod = pod(endpoint.target) {
            seen.note(pod, port.number)
            add(pod, to: &target)
            if let number = port.number {
                addContainer(of: pod, number, transport: nil, to: &target)
            }
        }
        return Labels(target)
    }

    private mutating func add(_ endpoint: SliceObject.Endpoint, to target: inout [Label]) {
        target.add("__meta_kubernetes_endpointslice_endpoint_conditions_ready", endpoint.ready)
        target.add("__meta_kubernetes_endpointslice_endpoint_conditions_serving", endpoint.serving)
        target.add(
            "__meta_kubernetes_endpointslice_endpoint_conditions_terminating", endpoint.terminating)
        target.add("__meta_kubernetes_endpointslice_endpoint_hostname", endpoint.hostname)
        target.add("__meta_kubernetes_endpointslice_endpoint_node_name", endpoint.node)
        target.add("__meta_kubernetes_endpointslice_endpoint_zone", endpoint.zone)
        target.add("__meta_kubernetes_endpointslice_address_target_kind", endpoint.target?.kind)
        target.add("__meta_kubernetes_endpointslice_address_target_name", endpoint.target?.name)
        for entry in endpoint.topology {
            let prefix = "__meta_kubernetes_endpointslice_endpoint_topology_"
            let name = KubernetesLabels.sanitised(entry.name)
            target.add(prefix + name, entry.value)
            target.add(prefix + "present_" + name, true)
        }
    }

    // MARK: Pods' ports

    /// The container whose port it is; of several the last one.
    private func addContainer(
        of pod: PodObject, _ number: Int, transport: String?, to target: inout [Label]
    ) {
        for container in pod.containers.reversed() {
            guard let port = container.ports.first(where: { $0.number == number }) else { continue }
            return add(container, port, transport: transport ?? port.transport, to: &target)
        }
    }

    private func add(
        _ container: PodObject.Container, _ port: PodObject.Port, transport: String,
        to target: inout [Label]
    ) {
        target.add("__meta_kubernetes_pod_container_name", container.name)
        target.add("__meta_kubernetes_pod_container_image", container.image)
        target.add("__meta_kubernetes_pod_container_port_name", port.name)
        target.add("__meta_kubernetes_pod_container_port_number", "\(port.number)")
        target.add("__meta_kubernetes_pod_container_port_protocol", transport)
        target.add("__meta_kubernetes_pod_container_init", container.isInit)
    }

    private mutating func otherTargets(_ seen: SeenPods) -> [Labels] {
        seen.others.map { pod, container, port in
            var target = [Label("__address__", hostAndPort(pod.ip, port.number))]
            add(container, port, transport: port.transport, to: &target)
            add(pod, to: &target)
            return Labels(target)
        }
    }
}
