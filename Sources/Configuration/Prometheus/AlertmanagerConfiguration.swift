import Model

/// An element of `alerting.alertmanagers`: Alertmanagers that are sent every alert.
public struct AlertmanagerConfiguration: Sendable, Hashable {
    /// `scheme`.
    public var scheme = "http"
    /// `path_prefix`: what stands before `/api/v2/alerts`.
    public var pathPrefix = ""
    /// `timeout` of a request.
    public var timeout = Milliseconds.seconds(10)
    /// Where their addresses come from.
    public var discoveries = ServiceDiscoveries()
    /// `relabel_configs`: of the Alertmanagers' addresses.
    public var relabeling: [RelabelRule] = []
    /// `alert_relabel_configs`: of alerts on the way to these Alertmanagers alone.
    public var alertRelabeling: [RelabelRule] = []
    /// How to speak HTTP to them.
    public var client = HTTPClientConfiguration()

    /// Prometheus's defaults.
    public init() {}
}

/// Reads `alerting`.
enum AlertingReader {
    static func alertmanagers(
        _ keys: KeyedElement, _ global: GlobalConfiguration
    ) -> [AlertmanagerConfiguration] {
        keys.list("alertmanagers") { element in
            if element.isNull {
                element.error("empty or null Alertmanager config section")
                return nil
            }
            return element.object { alertmanager($0, global) }
        }
    }

    private static func alertmanager(
        _ keys: KeyedElement, _ global: GlobalConfiguration
    ) -> AlertmanagerConfiguration {
        var configuration = AlertmanagerConfiguration()
        configuration.client = HTTPClientReader.read(keys)
        keys.string("scheme", &configuration.scheme)
        keys.string("path_prefix", &configuration.pathPrefix)
        keys.duration("timeout", &configuration.timeout)
        if keys.has("api_version"), let version = keys.string("api_version"), version != "v2" {
            keys.error(
                at: "api_version",
                "expected Alertmanager api version to be one of [v2] but got \(version)")
        }
        configuration.relabeling = RelabelReader.list(
            keys, "relabel_configs", empty: "Alertmanager target relabeling rule",
            global.nameValidation)
        configuration.alertRelabeling = RelabelReader.list(
            keys, "alert_relabel_configs", empty: "Alertmanager alert relabeling rule",
            global.nameValidation)
        let signs = keys.object("sigv4", AWSIdentity.init(signing:)) != nil
        let client = configuration.client
        if signs, client.basicAuth != nil || client.authorization != nil || client.oauth2 != nil {
            keys.error(
                "at most one of basic_auth, authorization, oauth2, & sigv4 must be configured")
        }
        configuration.discoveries = DiscoverySchemas.read(keys, global.nameValidation) {
            mechanism in
            "is not acted on: no Alertmanager is found by \(mechanism) discovery"
        }
        if configuration.relabeling.isEmpty {
            TargetReader.checkAddresses(keys, configuration.discoveries.staticTargets)
        }
        warn(keys)
        return configuration
    }

    private static func warn(_ keys: KeyedElement) {
        if keys.has("sigv4") {
            keys.warn(at: "sigv4", "is not acted on: requests are not signed")
        }
    }
}
