import Model

/// An element of `kubernetes_sd_configs`.
public struct KubernetesDiscovery: Sendable, Hashable {
    /// What becomes a target.
    public enum Role: String, Sendable, Hashable, CaseIterable {
        case pod, service, endpoints, endpointslice, node, ingress
    }

    /// Which objects of a role are asked for.
    public struct Selector: Sendable, Hashable {
        /// `label`, as `labelSelector` of Kubernetes's API takes it.
        public var label = ""
        /// `field`, as `fieldSelector` takes it.
        public var field = ""

        /// All.
        public init() {}
    }

    /// `attach_metadata`: whose labels targets get beside their own.
    public struct Attachment: Sendable, Hashable {
        /// `node`: those of the node that a target runs on.
        public var node = false
        /// `namespace`: those of its namespace.
        public var namespace = false
        /// `deployment`: the name of the deployment that its pod belongs to.
        public var deployment = false
        /// `job`: the name of the job.
        public var job = false
        /// `cronjob`: the name of the cron job.
        public var cronJob = false

        /// None.
        public init() {}
    }

    /// `role`.
    public var role = Role.pod
    /// `api_server`; nil where there is a kubeconfig file, or where the pod's own service account counts.
    public var apiServer: String?
    /// `kubeconfig_file`.
    public var kubeconfigFile: String?
    /// How to ask `api_server`.
    public var client = HTTPClientConfiguration()
    /// `namespaces.names`; where there are none and not `ownNamespace`, all count.
    public var namespaces: [String] = []
    /// `namespaces.own_namespace`: the pod's own one counts.
    public var ownNamespace = false
    /// `selectors` by role.
    public var selectors: [Role: Selector] = [:]
    /// `attach_metadata`.
    public var attachment = Attachment()

    /// Prometheus's defaults.
    public init() {}
}

// MARK: Reading

extension KubernetesDiscovery {
    /// The roles, and of which roles their selectors may be.
    private static let selectable: [(role: Role, by: [Role])] = [
        (.pod, [.pod, .node]),
        (.service, [.service]),
        (.endpoints, [.pod, .service, .endpoints]),
        (.endpointslice, [.pod, .service, .endpointslice]),
        (.node, [.node]),
        (.ingress, [.ingress]),
    ]

    init(_ keys: KeyedElement) {
        client = HTTPClientReader.read(keys)
        let role = KubernetesDiscovery.role(keys)
        self.role = role ?? .pod
        if keys.has("api_server"), let element = keys["api_server"] {
            apiServer = URLCheck.http(element)
        }
        if keys.has("kubeconfig_file") {
            kubeconfigFile = keys["kubeconfig_file"].flatMap { $0.file() }
        }
        _ = keys.object("namespaces") { (inner) -> Void in
            namespaces = inner.strings("names")
            inner.bool("own_namespace", &ownNamespace)
        }
        _ = keys.object("attach_metadata") { (inner) -> Void in
            inner.bool("node", &attachment.node)
            inner.bool("namespace", &attachment.namespace)
            inner.bool("deployment", &attachment.deployment)
            inner.bool("job", &attachment.job)
            inner.bool("cronjob", &attachment.cronJob)
        }
        checkAccess(keys)
        readSelectors(keys, role)
    }

    private func checkAccess(_ keys: KeyedElement) {
        let isCustom = client != HTTPClientConfiguration() || keys.has("oauth2")
        let (hasServer, hasFile) = (keys.has("api_server"), keys.has("kubeconfig_file"))
        if hasServer, hasFile {
            keys.error("cannot use 'kubeconfig_file' and 'api_server' simultaneously")
        }
        if hasFile, isCustom {
            keys.error(
                "cannot use a custom HTTP client configuration together with 'kubeconfig_file'")
        }
        if !hasServer, !hasFile, isCustom {
            keys.error(
                "to use custom HTTP client configuration please provide the 'api_server' URL explicitly"
            )
        }
        if ownNamespace, hasServer {
            keys.error("cannot use 'api_server' and 'namespaces.own_namespace' simultaneously")
        }
        if ownNamespace, hasFile {
            keys.error(
                "cannot use 'kubeconfig_file' and 'namespaces.own_namespace' simultaneously")
        }
    }

    private static func role(_ keys: KeyedElement) -> Role? {
        let names = selectable.map(\.role.rawValue)
        let name = keys.string("role") ?? ""
        let role = Role(rawValue: name)
        if name.isEmpty {
            keys.error("role missing (one of: \(names.joined(separator: ", ")))")
        } else if role == nil {
            keys.error(
                at: "role",
                "unknown Kubernetes SD role \(name.goQuoted)" + suggestion(name, names))
        }
        return role
    }

    private mutating func readSelectors(_ keys: KeyedElement, _ role: Role?) {
        let found = keys.list("selectors") { element in
            element.object { inner -> (role: String, selector: Selector)? in
                var selector = Selector()
                inner.string("label", &selector.label)
                inner.string("field", &selector.field)
                if inner.has("field") { inner["field"].map(KubernetesDiscovery.checkField) }
                return (inner.string("role") ?? "", selector)
            }
        }
        let allowed =
            KubernetesDiscovery.selectable.first { $0.role == role }?.by.map(\.rawValue)
            ?? found.map(\.role)
        var seen: Set<String> = []
        for (name, selector) in found {
            if !seen.insert(name).inserted {
                keys.error(at: "selectors", "duplicated selector role: \(name)")
            }
            if !allowed.contains(name) {
                keys.error(
                    at: "selectors",
                    "\(role?.rawValue ?? "") role supports only \(allowed.joined(separator: ", ")) selectors"
                )
            }
            if let role = Role(rawValue: name) { selectors[role] = selector }
        }
    }

    private static func checkField(_ element: Element) {
        guard let text = element.string() else { return }
        for term in text.split(separator: ",") where !term.contains("=") {
            element.error("invalid selector: '\(text)'; can't understand '\(term)'")
        }
    }
}
