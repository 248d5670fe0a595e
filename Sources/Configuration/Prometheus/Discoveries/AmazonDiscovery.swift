import Model

/// An element of `ec2_sd_configs`, `ecs_sd_configs` and the other mechanisms of Amazon's, or of
/// `aws_sd_configs` with one of these roles.
public struct AmazonDiscovery: Sendable, Hashable {
    /// `region`, `access_key`, …: as whom Amazon is asked.
    public var identity = AWSIdentity()
    /// `endpoint` in place of Amazon's own.
    public var endpoint = ""
    /// `port` of the targets.
    public var port = 80
    /// `filters` of EC2's instances or RDS's.
    public var filters: [DiscoveryFilter] = []
    /// `clusters` to look in, mostly by their ARNs; none: in all.
    public var clusters: [String] = []
    /// `request_concurrency`: how many requests are under way at once.
    public var requestConcurrency = 10
    /// `refresh_interval`, which is the time-out of a request too.
    public var refreshInterval = Milliseconds.minutes(1)
    /// How to ask.
    public var client = HTTPClientConfiguration()

    /// Prometheus's defaults.
    public init() {}
}

extension AmazonDiscovery {
    /// How many requests of one entry are under way at once, whatever `request_concurrency` says.
    static let maximumRequestConcurrency = 1000

    init(_ keys: KeyedElement) {
        identity = AWSIdentity(discovery: keys)
        keys.string("endpoint", &endpoint)
        keys.port(&port)
        keys.duration("refresh_interval", &refreshInterval)
        client = HTTPClientReader.read(keys)
    }

    fileprivate mutating func readConcurrency(_ keys: KeyedElement) {
        let standard = requestConcurrency
        keys.read("request_concurrency", into: &requestConcurrency) {
            $0.int(Int64.min...Int64.max)
        }
        if requestConcurrency == 0 {
            // Prometheus waits for ever.
            keys.warn(
                at: "request_concurrency", "0 allows no request: \(standard) are made at a time")
            requestConcurrency = standard
        } else if !(1...Self.maximumRequestConcurrency).contains(requestConcurrency) {
            // As in Prometheus, a negative number is no limit.
            requestConcurrency = Self.maximumRequestConcurrency
        }
    }
}

/// What the mechanisms of Amazon's have beside the keys of all.
private struct AmazonMechanism: Sendable {
    let entries: any WritableKeyPath<ServiceDiscoveries, [AmazonDiscovery]> & Sendable
    var hasFilters = false
    /// What a filter without values is in its own section; nil where it is allowed.
    var emptyFilter: String?
    var hasClusters = false
    /// The default of `request_concurrency`; nil where there is none.
    var concurrency: Int?

    static let all: [String: AmazonMechanism] = [
        "ec2": AmazonMechanism(
            entries: \.ec2, hasFilters: true,
            emptyFilter: "EC2 SD configuration filter values cannot be empty"),
        "ecs": AmazonMechanism(entries: \.ecs, hasClusters: true, concurrency: 20),
        "elasticache": AmazonMechanism(entries: \.elasticache, hasClusters: true, concurrency: 10),
        "lightsail": AmazonMechanism(entries: \.lightsail),
        "msk": AmazonMechanism(entries: \.msk, hasClusters: true, concurrency: 10),
        "rds": AmazonMechanism(
            entries: \.rds, hasFilters: true, hasClusters: true, concurrency: 10),
    ]

    func settings(_ keys: KeyedElement, emptyFilter: String? = nil) -> AmazonDiscovery {
        var settings = AmazonDiscovery(keys)
        if hasFilters { settings.filters = DiscoveryFilter.read(keys, empty: emptyFilter) }
        if hasClusters { settings.clusters = keys.strings("clusters") }
        if let concurrency { settings.requestConcurrency = concurrency }
        if entries == \.elasticache { warn(keys, settings.clusters) }
        return settings
    }

    /// As in Prometheus, what is no ARN is left out.
    private func warn(_ keys: KeyedElement, _ clusters: [String]) {
        for cluster in clusters where !cluster.isEmpty {
            let parts = cluster.split(separator: ":", omittingEmptySubsequences: false)
            if parts.count < 7 {
                keys.warn(
                    at: "clusters", "\(cluster.goQuoted) is no ARN of ElastiCache: it is left out")
            }
        }
    }
}

extension ServiceDiscoveries {
    /// Reads an element of a mechanism of Amazon's own section, e.g. `ec2_sd_configs`.
    mutating func readAmazon(_ keys: KeyedElement, _ name: String) {
        guard let mechanism = AmazonMechanism.all[name] else { return }
        var settings = mechanism.settings(keys, emptyFilter: mechanism.emptyFilter)
        if mechanism.concurrency != nil { settings.readConcurrency(keys) }
        self[keyPath: mechanism.entries].append(settings)
    }

    /// Reads an element of `aws_sd_configs`, which is one of its role's own section.
    mutating func readAmazon(_ keys: KeyedElement) {
        ValueSchema.check(keys, DiscoveryKeys.keys(of: "aws") ?? [:])
        guard keys.has("role"), let element = keys["role"] else {
            return keys.error("unknown AWS SD role \"\"")
        }
        let mechanisms = AmazonMechanism.all
        guard let role = element.word(mechanisms.keys.sorted(), "AWS SD role"),
            let mechanism = mechanisms[role]
        else { return }
        var settings = mechanism.settings(keys)
        // As in Prometheus, zero is the default here.
        let standard = AmazonDiscovery()
        if settings.port == 0 { settings.port = standard.port }
        if settings.refreshInterval == .zero { settings.refreshInterval = standard.refreshInterval }
        self[keyPath: mechanism.entries].append(settings)
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
