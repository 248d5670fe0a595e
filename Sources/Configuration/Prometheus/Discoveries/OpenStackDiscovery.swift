import Model

/// An element of `openstack_sd_configs`.
public struct OpenStackDiscovery: Sendable, Hashable {
    /// What is a target.
    public enum Role: String, Sendable, Hashable, CaseIterable {
        case hypervisor
        case instance
        case loadbalancer
    }

    /// Which of a service's endpoints is used.
    public enum Availability: String, Sendable, Hashable, CaseIterable {
        case `public`
        case `internal`
        case admin
    }

    /// `identity_endpoint`; "": the environment says who signs in, and where.
    public var identityEndpoint = ""
    /// `username`, `password`, …: who signs in.
    public var account = OpenStackAccount()
    /// `role`.
    public var role = Role.instance
    /// `region` of the services.
    public var region = ""
    /// `port` of instances and hypervisors.
    public var port = 80
    /// `all_tenants`: instances of all projects.
    public var allTenants = false
    /// `availability`.
    public var availability = Availability.public
    /// `refresh_interval`, which is the time-out of a request too.
    public var refreshInterval = Milliseconds.minutes(1)
    /// How to ask: of an HTTP client's settings there is only `tls_config`.
    public var client = HTTPClientConfiguration()

    /// Prometheus's defaults.
    public init() {}
}

/// Who signs in to OpenStack, and for which project.
public struct OpenStackAccount: Sendable, Hashable {
    /// `username`.
    public var userName = ""
    /// `userid`.
    public var userID = ""
    /// `password`.
    public var password: Secret?
    /// `project_name`.
    public var projectName = ""
    /// `project_id`.
    public var projectID = ""
    /// `domain_name`.
    public var domainName = ""
    /// `domain_id`.
    public var domainID = ""
    /// `application_credential_name`.
    public var credentialName = ""
    /// `application_credential_id`.
    public var credentialID = ""
    /// `application_credential_secret`.
    public var credentialSecret: Secret?
    /// Whether the whole system is asked for, and no project; of the environment alone.
    public var isOfSystem = false

    /// Nobody.
    public init() {}
}

extension OpenStackDiscovery {
    init(_ keys: KeyedElement) {
        keys.string("identity_endpoint", &identityEndpoint)
        account = OpenStackAccount(keys)
        if keys.has("role"), let element = keys["role"] {
            let word = element.word(Role.allCases.map(\.rawValue), "OpenStack SD role")
            role = word.flatMap(Role.init) ?? role
        } else {
            keys.error("role missing (one of: instance, hypervisor, loadbalancer)")
        }
        keys.string("region", &region)
        if region.isEmpty { keys.error("openstack SD configuration requires a region") }
        keys.port(&port)
        keys.bool("all_tenants", &allTenants)
        if let element = keys["availability"], !element.isNull {
            let word = element.word(Availability.allCases.map(\.rawValue), "availability")
            availability = word.flatMap(Availability.init) ?? availability
        }
        keys.duration("refresh_interval", &refreshInterval)
        if let tls = keys["tls_config"].flatMap(HTTPClientReader.tls) { client.tls = tls }
    }
}

extension OpenStackAccount {
    fileprivate init(_ keys: KeyedElement) {
        keys.string("username", &userName)
        keys.string("userid", &userID)
        password = keys["password"]?.secret()
        keys.string("project_name", &projectName)
        keys.string("project_id", &projectID)
        keys.string("domain_name", &domainName)
        keys.string("domain_id", &domainID)
        keys.string("application_credential_name", &credentialName)
        keys.string("application_credential_id", &credentialID)
        credentialSecret = keys["application_credential_secret"]?.secret()
    }
}
