import Configuration
import Model

/// Makes the target group of an object, and notes which others it looked at.
struct KubernetesGroups {
    /// Names an object.
    struct Key: Sendable, Hashable {
        var resource: KubernetesResource
        var name: String
    }

    let attachment: KubernetesDiscovery.Attachment
    /// The objects that may be looked at.
    var objects: [KubernetesResource: [String: KubernetesObject]] = [:]
    var names = KubernetesLabels()
    /// What the last group depends on, whether it is there or not.
    private(set) var used: Set<Key> = []

    init(_ attachment: KubernetesDiscovery.Attachment) { self.attachment = attachment }

    /// The object's group; nil where it has no targets.
    mutating func group(of object: KubernetesObject) -> DiscoveredGroup? {
        used = []
        let group: DiscoveredGroup? =
            switch object {
            case .pod(let pod): self.group(pod)
            case .node(let node): self.group(node)
            case .service(let service): self.group(service)
            case .endpoints(let endpoints): self.group(endpoints)
            case .slice(let slice): self.group(slice)
            case .ingress(let ingress): self.group(ingress)
            case .plain: nil
            }
        return group.flatMap { $0.targets.isEmpty ? nil : $0 }
    }

    // MARK: Other objects

    private mutating func look(_ resource: KubernetesResource, _ name: String) -> KubernetesObject?
    {
        let key = Key(resource: resource, name: name)
        used.insert(key)
        return objects[resource]?[name]
    }

    mutating func pod(_ reference: ObjectReference?) -> PodObject? {
        guard let reference, reference.kind == "Pod" else { return nil }
        let key = ObjectMeta.key(reference.namespace, reference.name)
        guard case .pod(let pod) = look(.pods, key) else { return nil }
        return pod
    }

    mutating func service(_ namespace: String, _ name: String) -> ServiceObject? {
        let key = ObjectMeta.key(namespace, name)
        guard case .service(let service) = look(.services, key) else { return nil }
        return service
    }

    mutating func addNode(_ name: String?, to labels: inout [Label]) {
        guard attachment.node, let name, let node = look(.nodes, name) else { return }
        names.add(node.meta, "node", to: &labels)
    }

    mutating func addNamespace(_ namespace: String, to labels: inout [Label]) {
        guard attachment.namespace, let object = look(.namespaces, namespace) else { return }
        names.addMaps(object.meta, "namespace", to: &labels)
    }

    mutating func addService(_ service: ServiceObject, to labels: inout [Label]) {
        labels.add("__meta_kubernetes_namespace", service.meta.namespace)
        names.add(service.meta, "service", to: &labels)
    }

    // MARK: Pods

    private mutating func group(_ pod: PodObject) -> DiscoveredGroup? {
        // A pod that starts, or was evicted, has no address.
        if pod.ip.isEmpty { return nil }
        // A pod on a node that the selector of nodes leaves out is left out too.
        if attachment.node, look(.nodes, pod.node) == nil { return nil }
        var labels: [Label] = []
        add(pod, to: &labels)
        labels.add("__meta_kubernetes_namespace", pod.meta.namespace)
        addNode(pod.node, to: &labels)
        addNamespace(pod.meta.namespace, to: &labels)
        var targets: [Labels] = []
        for container in pod.containers {
            var own: [Label] = []
            own.add("__meta_kubernetes_pod_container_name", container.name)
            own.add("__meta_kubernetes_pod_container_id", container.id)
            own.add("__meta_kubernetes_pod_container_image", container.image)
            own.add("__meta_kubernetes_pod_container_init", container.isInit)
            if container.ports.isEmpty {
                own.add("__address__", pod.ip)
                targets.append(Labels(own))
                continue
            }
            for port in container.ports {
                var target = own
                target.add("__address__", hostAndPort(pod.ip, port.number))
                target.add("__meta_kubernetes_pod_container_port_name", port.name)
                target.add("__meta_kubernetes_pod_container_port_number", "\(port.number)")
                target.add("__meta_kubernetes_pod_container_port_protocol", port.transport)
                targets.append(Labels(target))
            }
        }
        return DiscoveredGroup(
            place: "pod/\(pod.meta.key)", targets: targets, labels: Labels(labels))
    }

    /// The labels that say which pod it is.
    mutating func add(_ pod: PodObject, to labels: inout [Label]) {
        labels.add("__meta_kubernetes_pod_ip", pod.ip)
        labels.add("__meta_kubernetes_pod_ready", pod.ready)
        labels.add("__meta_kubernetes_pod_phase", pod.phase)
        labels.add("__meta_kubernetes_pod_node_name", pod.node)
        labels.add("__meta_kubernetes_pod_host_ip", pod.hostIP)
        labels.add("__meta_kubernetes_pod_uid", pod.meta.uid)
        names.add(pod.meta, "pod", to: &labels)
        guard let owner = pod.meta.controller else { return }
        labels.add("__meta_kubernetes_pod_controller_kind", owner.kind)
        labels.add("__meta_kubernetes_pod_controller_name", owner.name)
        let key = ObjectMeta.key(pod.meta.namespace, owner.name)
        switch owner.kind {
        case "ReplicaSet" where attachment.deployment:
            let deployment = ownerName(of: .replicasets, key, "Deployment")
            labels.add("__meta_kubernetes_pod_deployment_name", deployment)
        case "Job":
            if attachment.job { labels.add("__meta_kubernetes_pod_job_name", owner.name) }
            if attachment.cronJob {
                let cronJob = ownerName(of: .jobs, key, "CronJob")
                labels.add("__meta_kubernetes_pod_cronjob_name", cronJob)
            }
        default: break
        }
    }

    private mutating func ownerName(
        of resource: KubernetesResource, _ key: String, _ kind: String
    ) -> String? {
        guard let owner = look(resource, key)?.meta.controller, owner.kind == kind else {
            return nil
        }
        return owner.name
    }

    // MARK: Nodes

    /// The types of address that a target may have, the first one there is taken.
    private static let addressTypes = [
        "InternalIP", "InternalDNS", "ExternalIP", "ExternalDNS", "LegacyHostIP", "Hostname",
    ]

    private mutating func group(_ node: NodeObject) -> DiscoveredGroup? {
        var first: [Label] = []
        for address in node.addresses where !first.contains(where: { $0.name == address.name }) {
            first.append(address)
        }
        let address = KubernetesGroups.addressTypes.lazy
            .compactMap { type in first.first { $0.name == type }?.value }.first
        guard let address else { return nil }
        var target = [
            Label("__address__", hostAndPort(address, node.kubeletPort)),
            Label("instance", node.meta.name),
        ]
        for address in first {
            let type = KubernetesLabels.sanitised(address.name)
            target.add("__meta_kubernetes_node_address_\(type)", address.value)
        }
        var labels: [Label] = []
        labels.add("__meta_kubernetes_node_provider_id", node.providerID)
        for condition in node.conditions {
            let type = KubernetesLabels.sanitised(condition.name.lowercased())
            labels.add("__meta_kubernetes_node_condition_\(type)", condition.value.lowercased())
        }
        names.add(node.meta, "node", to: &labels)
        return DiscoveredGroup(
            place: "node/\(node.meta.name)", targets: [Labels(target)], labels: Labels(labels))
    }

    // MARK: Services

    private mutating func group(_ service: ServiceObject) -> DiscoveredGroup {
        var labels: [Label] = []
        addService(service, to: &labels)
        addNamespace(service.meta.namespace, to: &labels)
        let host = "\(service.meta.name).\(service.meta.namespace).svc"
        let targets = service.ports.map { port in
            var target = [Label("__address__", hostAndPort(host, port.number))]
            target.add("__meta_kubernetes_service_port_name", port.name)
            target.add("__meta_kubernetes_service_port_number", "\(port.number)")
            target.add("__meta_kubernetes_service_port_protocol", port.transport)
            target.add("__meta_kubernetes_service_type", service.type)
            if service.type == "ExternalName" {
                target.add("__meta_kubernetes_service_external_name", service.externalName)
            } else {
                target.add("__meta_kubernetes_service_cluster_ip", service.clusterIP)
            }
            if service.type == "LoadBalancer" {
                let ips = service.ingressIPs.filter { !$0.isEmpty }
                target.add(
                    "__meta_kubernetes_service_loadbalancer_ip",
                    ips.isEmpty ? service.loadBalancerIP : ips.joined(separator: ","))
            }
            return Labels(target)
        }
        return DiscoveredGroup(
            place: "svc/\(service.meta.key)", targets: targets, labels: Labels(labels))
    }

    // MARK: Ingresses

    private mutating func group(_ ingress: IngressObject) -> DiscoveredGroup {
        var labels = [Label("__meta_kubernetes_namespace", ingress.meta.namespace)]
        labels.add("__meta_kubernetes_ingress_class_name", ingress.className)
        names.add(ingress.meta, "ingress", to: &labels)
        addNamespace(ingress.meta.namespace, to: &labels)
        let targets = ingress.rules.flatMap { rule in
            let isSecure = ingress.tlsHosts.contains {
                KubernetesGroups.matches($0, host: rule.host)
            }
            return (rule.paths ?? ["/"]).map { path in
                var target: [Label] = []
                target.add("__address__", rule.host)
                target.add("__meta_kubernetes_ingress_scheme", isSecure ? "https" : "http")
                target.add("__meta_kubernetes_ingress_host", rule.host)
                target.add("__meta_kubernetes_ingress_path", path.isEmpty ? "/" : path)
                return Labels(target)
            }
        }
        return DiscoveredGroup(
            place: "ingress/\(ingress.meta.key)", targets: targets, labels: Labels(labels))
    }

    /// Whether the name in a certificate is the host's, `*` standing for its first part.
    private static func matches(_ pattern: String, host: String) -> Bool {
        if pattern == host { return true }
        let (patterns, parts) = (
            pattern.split(separator: ".", omittingEmptySubsequences: false),
            host.split(separator: ".", omittingEmptySubsequences: false)
        )
        return patterns.first == "*" && patterns.count == parts.count
            && patterns.dropFirst().elementsEqual(parts.dropFirst())
    }
}
