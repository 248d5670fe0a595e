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
        { $0.azure.map(AzureTargetSource.init) },
        { $0.consul.map(ConsulTargetSource.init) },
        { $0.docker.map(DockerTargetSource.init) },
        { $0.dockerSwarm.map(DockerSwarmTargetSource.init) },
        { $0.ec2.map(EC2TargetSource.init) },
        { $0.ecs.map(ECSTargetSource.init) },
        { $0.elasticache.map(ElastiCacheTargetSource.init) },
        { $0.gce.map(GoogleTargetSource.init) },
        { $0.ionos.map(IonosTargetSource.init) },
        { $0.lightsail.map(LightsailTargetSource.init) },
        { $0.msk.map(MSKTargetSource.init) },
        { $0.nerve.map(NerveTargetSource.init) },
        { $0.nomad.map(NomadTargetSource.init) },
        { $0.openStack.map(OpenStackTargetSource.init) },
        { $0.outscale.map(OutscaleTargetSource.init) },
        { $0.ovhCloud.map(OVHcloudTargetSource.init) },
        { $0.rds.map(RDSTargetSource.init) },
        { $0.serverset.map(ServersetTargetSource.init) },
        { $0.stackit.map(StackitTargetSource.init) },
        { $0.triton.map(TritonTargetSource.init) },
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
