import Configuration
import Model

/// Where an Alertmanager is, and how it is spoken to.
public struct AlertmanagerEndpoint: Sendable, Hashable {
    /// What `alerting.alertmanagers` says of it.
    public var configuration: AlertmanagerConfiguration
    /// Where alerts are posted.
    public var url: String
}

/// The Alertmanagers that a configuration's addresses come to.
public struct AlertmanagerTargets: Sendable, Hashable {
    /// Those that are sent alerts, in order, each once.
    public private(set) var endpoints: [AlertmanagerEndpoint] = []
    /// The URLs of those that relabelling dropped.
    public private(set) var dropped: [String] = []
    /// Addresses that are none.
    public private(set) var problems: [String] = []

    private static let pathLabel = "__alerts_path__"

    /// The targets of `alerting.alertmanagers`.
    public init(_ configurations: [AlertmanagerConfiguration]) {
        for configuration in configurations {
            for group in configuration.discoveries.staticTargets {
                for address in group.targets { add(address, group.labels, configuration) }
            }
        }
    }

    private mutating func add(
        _ address: String, _ labels: Labels, _ configuration: AlertmanagerConfiguration
    ) {
        let path = AlertmanagerTargets.path(configuration.pathPrefix)
        let discovered = labels.merging(
            Labels([
                "__address__": address, "__scheme__": configuration.scheme,
                AlertmanagerTargets.pathLabel: path,
            ]))
        guard let relabelled = Relabel.apply(configuration.relabeling, to: discovered) else {
            dropped.append(AlertmanagerTargets.url(discovered))
            return
        }
        let host = relabelled.value("__address__")
        if host.isEmpty || host.contains("/") {
            problems.append("Alertmanager \(host.goQuoted) is not a valid hostname")
            return
        }
        // Which addresses stand beside it is no part of what it is: its queue outlives them.
        var own = configuration
        own.discoveries = ServiceDiscoveries()
        own.relabeling = []
        let endpoint = AlertmanagerEndpoint(
            configuration: own, url: AlertmanagerTargets.url(relabelled))
        if !endpoints.contains(endpoint) { endpoints.append(endpoint) }
    }

    private static func url(_ labels: Labels) -> String {
        "\(labels.value("__scheme__"))://\(labels.value("__address__"))\(labels.value(pathLabel))"
    }

    /// The API's path behind a prefix, with single slashes between.
    private static func path(_ prefix: String) -> String {
        var parts: [Substring] = []
        for part in prefix.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + (parts + ["api", "v2", "alerts"]).joined(separator: "/")
    }
}
