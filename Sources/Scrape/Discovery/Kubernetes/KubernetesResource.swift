import Configuration
import Model

/// A kind of object of Kubernetes's API that targets are made of.
enum KubernetesResource: String, Sendable, Hashable, CaseIterable {
    case pods, nodes, services, endpoints, endpointslices, ingresses
    /// Those below only lend their labels, or the name of their owner.
    case namespaces, replicasets, jobs

    /// The path of the API group it is in.
    private var group: String {
        switch self {
        case .pods, .nodes, .services, .endpoints, .namespaces: "/api/v1"
        case .endpointslices: "/apis/discovery.k8s.io/v1"
        case .ingresses: "/apis/networking.k8s.io/v1"
        case .replicasets: "/apis/apps/v1"
        case .jobs: "/apis/batch/v1"
        }
    }

    /// Whether its objects are in namespaces.
    var isNamespaced: Bool { self != .nodes && self != .namespaces }

    /// The path of its objects, of one namespace or of all.
    func path(in namespace: String?) -> String {
        guard let namespace, isNamespaced else { return "\(group)/\(rawValue)" }
        return "\(group)/namespaces/\(PercentEncoding.component(namespace))/\(rawValue)"
    }

    /// The role whose selector counts for it.
    var selectorRole: KubernetesDiscovery.Role? {
        switch self {
        case .pods: .pod
        case .nodes: .node
        case .services: .service
        case .endpoints: .endpoints
        case .endpointslices: .endpointslice
        case .ingresses: .ingress
        case .namespaces, .replicasets, .jobs: nil
        }
    }
}

extension KubernetesDiscovery {
    /// What the targets are made of.
    var primary: KubernetesResource {
        switch role {
        case .pod: .pods
        case .service: .services
        case .endpoints: .endpoints
        case .endpointslice: .endpointslices
        case .node: .nodes
        case .ingress: .ingresses
        }
    }

    /// All that has to be known to make them.
    var resources: [KubernetesResource] {
        let hasPods = role == .pod || role == .endpoints || role == .endpointslice
        var resources = [primary]
        if hasPods, role != .pod { resources += [.services, .pods] }
        if hasPods, attachment.node { resources.append(.nodes) }
        if role != .node, attachment.namespace { resources.append(.namespaces) }
        if hasPods, attachment.deployment { resources.append(.replicasets) }
        if hasPods, attachment.job || attachment.cronJob { resources.append(.jobs) }
        return resources
    }
}
