import Configuration

/// The sources that a configuration names.
public enum TargetSources {
    /// The sections that may name sources, of a scrape configuration or of `alerting.alertmanagers`.
    public struct Sections: Sendable {
        /// `static_configs`.
        public var staticTargets: [TargetGroup]
        /// `file_sd_configs`.
        public var fileDiscoveries: [FileDiscovery]
        /// `textfile_configs`.
        public var textfiles: [TextfileSource]
        /// The other service discoveries.
        public var discoveries: ServiceDiscoveries

        init(_ configuration: ScrapeConfiguration) {
            staticTargets = configuration.staticTargets
            fileDiscoveries = configuration.fileDiscoveries
            textfiles = configuration.textfiles
            discoveries = configuration.discoveries
        }

        init(_ configuration: AlertmanagerConfiguration) {
            staticTargets = configuration.staticTargets
            fileDiscoveries = configuration.fileDiscoveries
            textfiles = []
            discoveries = configuration.discoveries
        }
    }

    /// A mechanism of discovery is a row here.
    private static let table: [@Sendable (Sections) -> [any TargetSource]] = [
        { $0.staticTargets.isEmpty ? [] : [StaticTargetSource(groups: $0.staticTargets)] },
        { $0.fileDiscoveries.map(FileTargetSource.init) },
        { $0.textfiles.isEmpty ? [] : [TextfileTargetSource(settings: $0.textfiles)] },
        { $0.discoveries.dns.map(DNSTargetSource.init) },
        { $0.discoveries.http.map(HTTPTargetSource.init) },
        { $0.discoveries.kubernetes.map(KubernetesTargetSource.init) },
        { $0.discoveries.consul.map(ConsulTargetSource.init) },
        { $0.discoveries.docker.map(DockerTargetSource.init) },
        { $0.discoveries.dockerSwarm.map(DockerSwarmTargetSource.init) },
        { $0.discoveries.ec2.map(EC2TargetSource.init) },
        { $0.discoveries.lightsail.map(LightsailTargetSource.init) },
        { $0.discoveries.nomad.map(NomadTargetSource.init) },
    ]

    /// Those of a scrape configuration, in the order in which their targets stand.
    public static func of(_ configuration: ScrapeConfiguration) -> [any TargetSource] {
        let sections = Sections(configuration)
        return table.flatMap { $0(sections) }
    }

    /// Those of an entry of `alerting.alertmanagers`.
    public static func of(_ configuration: AlertmanagerConfiguration) -> [any TargetSource] {
        let sections = Sections(configuration)
        return table.flatMap { $0(sections) }
    }
}
