import Model

/// An element of `azure_sd_configs`.
public struct AzureDiscovery: Sendable, Hashable {
    /// As whom Azure is asked.
    public enum Authentication: String, Sendable, Hashable, CaseIterable {
        /// An application with a secret.
        case oauth = "OAuth"
        /// The machine's own identity.
        case managedIdentity = "ManagedIdentity"
        /// Whatever the environment says.
        case sdk = "SDK"
        /// A token of the cluster's.
        case workloadIdentity = "WorkloadIdentity"
    }

    /// `environment`: which of Microsoft's clouds.
    public var environment = "AzurePublicCloud"
    /// `port` of the targets.
    public var port = 80
    /// `subscription_id`.
    public var subscription = ""
    /// `tenant_id`.
    public var tenant = ""
    /// `client_id` of the application, or of the machine's identity.
    public var clientID = ""
    /// `client_secret` of the application.
    public var clientSecret: Secret?
    /// `authentication_method`.
    public var authentication = Authentication.oauth
    /// `resource_group` of the machines; "" for all.
    public var resourceGroup = ""
    /// `refresh_interval`.
    public var refreshInterval = Milliseconds.minutes(5)
    /// How to ask.
    public var client = HTTPClientConfiguration()

    /// Prometheus's defaults.
    public init() {}
}

extension AzureDiscovery {
    init(_ keys: KeyedElement) {
        keys.string("environment", &environment)
        keys.port(&port)
        keys.string("subscription_id", &subscription)
        keys.string("tenant_id", &tenant)
        keys.string("client_id", &clientID)
        clientSecret = keys["client_secret"]?.secret()
        if let element = keys["authentication_method"], !element.isNull {
            let word = element.word(
                Authentication.allCases.map(\.rawValue), "authentication_type")
            authentication = word.flatMap(Authentication.init) ?? authentication
        }
        keys.string("resource_group", &resourceGroup)
        keys.duration("refresh_interval", &refreshInterval)
        client = HTTPClientReader.read(keys)
        let needed = ["tenant_id", "client_id", "client_secret"]
        for key in ["subscription_id"] + (authentication == .oauth ? needed : [])
        where !keys.has(key) {
            keys.error("azure SD configuration requires a \(key)")
        }
    }
}
