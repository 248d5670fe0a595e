import Model

/// Where the targets of a scrape configuration or of an entry of `alerting.alertmanagers` come from.
public struct ServiceDiscoveries: Sendable, Hashable {
    /// `static_configs`.
    public var staticTargets: [TargetGroup] = []
    /// `file_sd_configs`.
    public var files: [FileDiscovery] = []
    /// `textfile_configs`, which is Tocsin's own; of scrape configurations alone.
    public var textfiles: [TextfileSource] = []
    /// `azure_sd_configs`.
    public var azure: [AzureDiscovery] = []
    /// `consul_sd_configs`.
    public var consul: [ConsulDiscovery] = []
    /// `dns_sd_configs`.
    public var dns: [DNSDiscovery] = []
    /// `docker_sd_configs`.
    public var docker: [DockerDiscovery] = []
    /// `dockerswarm_sd_configs`.
    public var dockerSwarm: [DockerSwarmDiscovery] = []
    /// `ec2_sd_configs`.
    public var ec2: [AmazonDiscovery] = []
    /// `ecs_sd_configs`.
    public var ecs: [AmazonDiscovery] = []
    /// `elasticache_sd_configs`.
    public var elasticache: [AmazonDiscovery] = []
    /// `gce_sd_configs`.
    public var gce: [GoogleDiscovery] = []
    /// `http_sd_configs`.
    public var http: [HTTPDiscovery] = []
    /// `ionos_sd_configs`.
    public var ionos: [IonosDiscovery] = []
    /// `kubernetes_sd_configs`.
    public var kubernetes: [KubernetesDiscovery] = []
    /// `lightsail_sd_configs`.
    public var lightsail: [AmazonDiscovery] = []
    /// `msk_sd_configs`.
    public var msk: [AmazonDiscovery] = []
    /// `nerve_sd_configs`.
    public var nerve: [ZooKeeperDiscovery] = []
    /// `nomad_sd_configs`.
    public var nomad: [NomadDiscovery] = []
    /// `openstack_sd_configs`.
    public var openStack: [OpenStackDiscovery] = []
    /// `outscale_sd_configs`.
    public var outscale: [OutscaleDiscovery] = []
    /// `ovhcloud_sd_configs`.
    public var ovhCloud: [OVHcloudDiscovery] = []
    /// `rds_sd_configs`.
    public var rds: [AmazonDiscovery] = []
    /// `serverset_sd_configs`.
    public var serverset: [ZooKeeperDiscovery] = []
    /// `stackit_sd_configs`.
    public var stackit: [StackitDiscovery] = []
    /// `triton_sd_configs`.
    public var triton: [TritonDiscovery] = []

    private var entries: [AnyDiscoveryEntry] = []

    /// None.
    public init() {}

    /// The entries of the mechanism with these settings, in the order written.
    public func of<Entry: DiscoveryEntry>(_ type: Entry.Type) -> [Entry] {
        entries.compactMap { $0.settings as? Entry }
    }
}

/// An element of `dns_sd_configs`.
public struct DNSDiscovery: Sendable, Hashable {
    /// `names` to ask for.
    public var names: [String] = []
    /// `type` of the records: SRV, A, AAAA, MX or NS.
    public var type = "SRV"
    /// `port` of the targets; SRV records bring theirs.
    public var port = 0
    /// `refresh_interval`.
    public var refreshInterval = Milliseconds.seconds(30)

    /// Prometheus's defaults.
    public init() {}
}

/// An element of `http_sd_configs`.
public struct HTTPDiscovery: Sendable, Hashable {
    /// `url` of the target groups.
    public var url = ""
    /// `refresh_interval`, which is the time-out of a request too.
    public var refreshInterval = Milliseconds.minutes(1)
    /// How to ask.
    public var client = HTTPClientConfiguration()

    /// Prometheus's defaults.
    public init() {}
}

extension ServiceDiscoveries {
    private typealias Reader = @Sendable (KeyedElement, inout ServiceDiscoveries) -> Void

    /// What is acted on and needs no list of its own: a row a mechanism.
    private static let entryTypes: [any ReadDiscoveryEntry.Type] = [
        DigitalOceanDiscovery.self,
        EurekaDiscovery.self,
        HetznerDiscovery.self,
        KumaDiscovery.self,
        LinodeDiscovery.self,
        MarathonDiscovery.self,
        PuppetDBDiscovery.self,
        ScalewayDiscovery.self,
        UyuniDiscovery.self,
        VultrDiscovery.self,
    ]

    /// What is acted on: a row a mechanism, and those above.
    private static let readers: [String: Reader] = entryTypes.reduce(
        into: [
            "aws": { $1.readAmazon($0) },
            "azure": { $1.azure.append(AzureDiscovery($0)) },
            "consul": { $1.consul.append(ConsulDiscovery($0)) },
            "dns": { $1.dns.append(DNSDiscovery($0)) },
            "docker": { $1.docker.append(DockerDiscovery($0)) },
            "dockerswarm": { $1.dockerSwarm.append(DockerSwarmDiscovery($0)) },
            "ec2": { $1.readAmazon($0, "ec2") },
            "ecs": { $1.readAmazon($0, "ecs") },
            "elasticache": { $1.readAmazon($0, "elasticache") },
            "gce": { $1.gce.append(GoogleDiscovery($0)) },
            "http": { $1.http.append(HTTPDiscovery($0)) },
            "ionos": { $1.ionos.append(IonosDiscovery($0)) },
            "kubernetes": { $1.kubernetes.append(KubernetesDiscovery($0)) },
            "lightsail": { $1.readAmazon($0, "lightsail") },
            "msk": { $1.readAmazon($0, "msk") },
            "nerve": { $1.nerve.append(ZooKeeperDiscovery($0, of: "nerve")) },
            "nomad": { $1.nomad.append(NomadDiscovery($0)) },
            "openstack": { $1.openStack.append(OpenStackDiscovery($0)) },
            "outscale": { $1.outscale.append(OutscaleDiscovery($0)) },
            "ovhcloud": { $1.ovhCloud.append(OVHcloudDiscovery($0)) },
            "rds": { $1.readAmazon($0, "rds") },
            "serverset": { $1.serverset.append(ZooKeeperDiscovery($0, of: "serverset")) },
            "stackit": { $1.stackit.append(StackitDiscovery($0)) },
            "triton": { $1.triton.append(TritonDiscovery($0)) },
        ]
    ) { readers, type in
        readers[type.mechanism] = { $1.entries.append(AnyDiscoveryEntry(settings: type.init($0))) }
    }

    /// The mechanisms that are acted on, without `_sd_configs`.
    static var mechanisms: [String] { Array(readers.keys) }

    /// Reads an element of a mechanism's section; false where that mechanism is not acted on.
    mutating func read(_ keys: KeyedElement, of mechanism: String) -> Bool {
        guard let reader = ServiceDiscoveries.readers[mechanism] else { return false }
        reader(keys, &self)
        return true
    }
}

extension KeyedElement {
    /// `port`, as far as Prometheus takes one.
    func port(_ port: inout Int) {
        read("port", into: &port) { $0.int(Int64.min...Int64.max) }
    }
}

extension DNSDiscovery {
    fileprivate init(_ keys: KeyedElement) {
        names = keys.strings("names")
        if names.isEmpty { keys.error("DNS-SD config must contain at least one SRV record name") }
        if keys.has("type"), let type = keys.string("type") { self.type = type.uppercased() }
        keys.port(&port)
        keys.duration("refresh_interval", &refreshInterval)
        if !["SRV", "A", "AAAA", "MX", "NS"].contains(type) {
            keys.error(at: "type", "invalid DNS-SD records type \(keys.string("type") ?? "")")
        } else if type != "SRV", port == 0 {
            keys.error("a port is required in DNS-SD configs for all record types except SRV")
        }
    }
}

extension HTTPDiscovery {
    fileprivate init(_ keys: KeyedElement) {
        if keys.has("url") {
            keys.string("url", &url)
            DiscoverySchemas.checkURL(keys, "url")
        } else {
            keys.error("URL is missing")
        }
        keys.duration("refresh_interval", &refreshInterval)
        client = HTTPClientReader.read(keys)
    }
}
