import Model

/// `kubernetes_sd_configs`, checked as Prometheus does it.
enum KubernetesDiscovery {
    /// The roles, and of which roles their selectors may be.
    private static let selectable: [(role: String, by: [String])] = [
        ("pod", ["pod", "node"]),
        ("service", ["service"]),
        ("endpoints", ["pod", "service", "endpoints"]),
        ("endpointslice", ["pod", "service", "endpointslice"]),
        ("node", ["node"]),
        ("ingress", ["ingress"]),
    ]

    static func check(_ keys: KeyedElement) {
        let client = HTTPClientReader.read(keys)
        let isCustom = client != HTTPClientConfiguration() || keys.has("oauth2")
        let role = role(keys)
        let hasServer = keys.has("api_server")
        let hasKubeconfig = keys.has("kubeconfig_file")
        if hasServer, let element = keys["api_server"] { _ = URLCheck.http(element) }
        if hasServer, hasKubeconfig {
            keys.error("cannot use 'kubeconfig_file' and 'api_server' simultaneously")
        }
        if hasKubeconfig, isCustom {
            keys.error(
                "cannot use a custom HTTP client configuration together with 'kubeconfig_file'")
        }
        if !hasServer, !hasKubeconfig, isCustom {
            keys.error(
                "to use custom HTTP client configuration please provide the 'api_server' URL explicitly"
            )
        }
        let isOwn = keys.object("namespaces") { namespaces in
            _ = namespaces.strings("names")
            return namespaces.bool("own_namespace")
        }
        if isOwn == true, hasServer {
            keys.error("cannot use 'api_server' and 'namespaces.own_namespace' simultaneously")
        }
        if isOwn == true, hasKubeconfig {
            keys.error(
                "cannot use 'kubeconfig_file' and 'namespaces.own_namespace' simultaneously")
        }
        _ = keys.object("attach_metadata") { (inner) -> Void in
            for key in ["node", "namespace", "deployment", "job", "cronjob"] { _ = inner.bool(key) }
        }
        checkSelectors(keys, role)
    }

    private static func role(_ keys: KeyedElement) -> String {
        let names = selectable.map(\.role)
        let role = keys.string("role") ?? ""
        if role.isEmpty {
            keys.error("role missing (one of: \(names.joined(separator: ", ")))")
        } else if !names.contains(role) {
            keys.error(
                at: "role",
                "unknown Kubernetes SD role \(role.goQuoted)" + suggestion(role, names))
        }
        return role
    }

    private static func checkSelectors(_ keys: KeyedElement, _ role: String) {
        let roles = keys.list("selectors") { element in
            element.object { selector -> String? in
                _ = selector["label"]
                if selector.has("field") { selector["field"].map(checkField) }
                return selector.string("role") ?? ""
            }
        }
        let allowed = selectable.first { $0.role == role }?.by ?? roles
        var seen: Set<String> = []
        for selector in roles {
            if !seen.insert(selector).inserted {
                keys.error(at: "selectors", "duplicated selector role: \(selector)")
            }
            if !allowed.contains(selector) {
                keys.error(
                    at: "selectors",
                    "\(role) role supports only \(allowed.joined(separator: ", ")) selectors")
            }
        }
    }

    private static func checkField(_ element: Element) {
        guard let text = element.string() else { return }
        for term in text.split(separator: ",") where !term.contains("=") {
            element.error("invalid selector: '\(text)'; can't understand '\(term)'")
        }
    }
}
