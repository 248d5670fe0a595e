import Model

/// An element of `ec2_sd_configs` or `lightsail_sd_configs`, or of `aws_sd_configs` with one of these roles.
public struct AmazonDiscovery: Sendable, Hashable {
    /// `region`, `access_key`, …: as whom Amazon is asked.
    public var identity = AWSIdentity()
    /// `endpoint` in place of Amazon's own.
    public var endpoint = ""
    /// `port` of the targets.
    public var port = 80
    /// `filters` of EC2's instances.
    public var filters: [DiscoveryFilter] = []
    /// `refresh_interval`, which is the time-out of a request too.
    public var refreshInterval = Milliseconds.minutes(1)
    /// How to ask.
    public var client = HTTPClientConfiguration()

    /// Prometheus's defaults.
    public init() {}
}

extension AmazonDiscovery {
    static func ec2(_ keys: KeyedElement) -> AmazonDiscovery {
        var settings = AmazonDiscovery(keys)
        settings.filters = keys.list("filters") { element in
            element.object { filter in
                let values = filter.strings("values")
                if values.isEmpty {
                    filter.error("EC2 SD configuration filter values cannot be empty")
                }
                return DiscoveryFilter(name: filter.string("name") ?? "", values: values)
            }
        }
        return settings
    }

    init(_ keys: KeyedElement) {
        identity = AWSIdentity(discovery: keys)
        keys.string("endpoint", &endpoint)
        keys.port(&port)
        keys.duration("refresh_interval", &refreshInterval)
        client = HTTPClientReader.read(keys)
    }
}

extension ServiceDiscoveries {
    private static let amazonRoles = ["ec2", "ecs", "elasticache", "lightsail", "msk", "rds"]

    /// Reads an element of `aws_sd_configs`, which is one of its role's own section.
    mutating func readAmazon(_ keys: KeyedElement) {
        ValueSchema.check(keys, DiscoveryKeys.keys(of: "aws") ?? [:])
        var settings = AmazonDiscovery(keys)
        // As in Prometheus, zero is the default here.
        let standard = AmazonDiscovery()
        if settings.port == 0 { settings.port = standard.port }
        if settings.refreshInterval == .zero { settings.refreshInterval = standard.refreshInterval }
        guard keys.has("role"), let element = keys["role"] else {
            return keys.error("unknown AWS SD role \"\"")
        }
        switch element.word(ServiceDiscoveries.amazonRoles, "AWS SD role") {
        case "ec2":
            settings.filters = DiscoveryFilter.read(keys)
            ec2.append(settings)
        case "lightsail": lightsail.append(settings)
        case .some(let role):
            element.warn("the role \(role) is not acted on yet: it finds no targets")
        case nil: break
        }
    }
}

extension AWSIdentity {
    fileprivate init(discovery keys: KeyedElement) {
        self.init()
        keys.string("region", &region)
        keys.string("access_key", &accessKey)
        _ = keys["access_key"]?.secret()
        let secret = keys["secret_key"]?.secret()
        keys.string("profile", &profile)
        keys.string("role_arn", &role)
        keys.string("external_id", &externalID)
        // As in Prometheus, one key without the other is as good as none.
        if accessKey.isEmpty || !keys.has("secret_key") {
            accessKey = ""
        } else {
            secretKey = secret
        }
    }
}
