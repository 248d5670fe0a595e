import Configuration

/// The sources that a configuration names.
public enum TargetSources {
    /// A mechanism of discovery is a row here.
    private static let table: [@Sendable (ServiceDiscoveries) -> [any TargetSource]] = [
        { $0.staticTargets.isEmpty ? [] : [StaticTargetSource(groups: $0.staticTargets)] },
        { $0.files.map(FileTargetSource.init) },
        { $0.textfiles.isEmpty ? [] : [TextfileTargetSource(settings: $0.textfiles)] },
        { $0.dns.map(DNSTargetSource.init) },
        { $0.http.map(HTTPTargetSource.init) },
        { $0.kubernetes.map(KubernetesTargetSource.init) },
        { $0.consul.map(ConsulTargetSource.init) },
        { $0.docker.map(DockerTargetSource.init) },
        { $0.dockerSwarm.map(DockerSwarmTargetSource.init) },
        { $0.ec2.map(EC2TargetSource.init) },
        { $0.lightsail.map(LightsailTargetSource.init) },
        { $0.nomad.map(NomadTargetSource.init) },
        { $0.of(DigitalOceanDiscovery.self).map(DigitalOceanTargetSource.init) },
        { $0.of(EurekaDiscovery.self).map(EurekaTargetSource.init) },
        { $0.of(HetznerDiscovery.self).map(HetznerTargetSource.init) },
        { $0.of(KumaDiscovery.self).map(KumaTargetSource.init) },
        { $0.of(LinodeDiscovery.self).map(LinodeTargetSource.init) },
        { $0.of(MarathonDiscovery.self).map(MarathonTargetSource.init) },
        { $0.of(PuppetDBDiscovery.self).map(PuppetDBTargetSource.init) },
        { $0.of(ScalewayDiscovery.self).map(ScalewayTargetSource.init) },
        { $0.of(UyuniDiscovery.self).map(UyuniTargetSource.init) },
        { $0.of(VultrDiscovery.self).map(VultrTargetSource.init) },
    ]

    /// The sources of these, in the order in which their targets stand.
    public static func of(_ discoveries: ServiceDiscoveries) -> [any TargetSource] {
        table.flatMap { $0(discoveries) }
    }
}
