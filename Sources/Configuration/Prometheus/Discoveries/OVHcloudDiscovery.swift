import Model

/// An element of `ovhcloud_sd_configs`.
public struct OVHcloudDiscovery: Sendable, Hashable {
    /// What is a target.
    public enum Service: String, Sendable, Hashable, CaseIterable {
        case virtualServer = "vps"
        case dedicatedServer = "dedicated_server"
    }

    /// `endpoint`: the API's name, or its URL.
    public var endpoint = "ovh-eu"
    /// `application_key`.
    public var applicationKey = ""
    /// `application_secret`.
    public var applicationSecret = Secret(.inline(""))
    /// `consumer_key`.
    public var consumerKey = Secret(.inline(""))
    /// `service`.
    public var service = Service.virtualServer
    /// `refresh_interval`.
    public var refreshInterval = Milliseconds.minutes(1)

    /// Prometheus's defaults.
    public init() {}
}

extension OVHcloudDiscovery {
    init(_ keys: KeyedElement) {
        keys.string("endpoint", &endpoint)
        if endpoint.isEmpty { keys.error("endpoint can not be empty") }
        keys.string("application_key", &applicationKey)
        _ = keys["application_key"]?.secret()
        keys.read("application_secret", into: &applicationSecret) { $0.secret() }
        keys.read("consumer_key", into: &consumerKey) { $0.secret() }
        for key in ["application_key", "application_secret", "consumer_key"] where !keys.has(key) {
            keys.error("\(key.replacing("_", with: " ")) can not be empty")
        }
        if keys.has("service"), let element = keys["service"] {
            let word = element.word(Service.allCases.map(\.rawValue), "service")
            service = word.flatMap(Service.init) ?? service
        } else {
            keys.error("unknown service: ")
        }
        keys.duration("refresh_interval", &refreshInterval)
    }
}
