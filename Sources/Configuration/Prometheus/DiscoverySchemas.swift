import Model

/// Prometheus's other ways to find targets: accepted, checked, and named in a warning.
enum DiscoverySchemas {
    /// Their names, without `_sd_configs`.
    static let names = [
        "azure", "consul", "digitalocean", "dns", "docker", "dockerswarm", "ec2", "eureka", "gce",
        "hetzner", "http", "ionos", "kubernetes", "kuma", "lightsail", "linode", "marathon",
        "nerve", "nomad", "oci", "openstack", "outscale", "ovhcloud", "puppetdb", "scaleway",
        "serverset", "stackit", "triton", "uyuni", "vultr", "aws", "msk", "ecs", "elasticache",
        "rds",
    ]

    static func read(_ keys: KeyedElement, job: String) {
        for name in names {
            let key = "\(name)_sd_configs"
            guard let element = keys[key], !element.isNull else { continue }
            _ = element.list { item -> Void? in
                if item.isNull {
                    item.error("empty or null section in \(key)")
                    return nil
                }
                return ()
            }
            keys.warn(
                at: key,
                "is not acted on yet: job \(job.goQuoted) gets no targets from \(name) discovery")
        }
    }
}
