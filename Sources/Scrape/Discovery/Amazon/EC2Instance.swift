import Model

/// An instance as EC2 describes it.
struct EC2Instance {
    let xml: XMLElement
    let owner: String

    private static let prefix = "__meta_ec2_"

    /// Its labels as a target; nil where it has no address.
    func labels(_ region: String, _ zones: [String: String], port: Int) -> Labels? {
        let version6 = addresses6
        let version4 = xml.value("privateIpAddress")
        let preferred = (version6.primary + version6.all).first { !$0.isEmpty }
        guard let host = version4 ?? preferred else { return nil }
        let zone = xml["placement"]?.value("availabilityZone") ?? ""
        let values: [(String, String?)] = [
            ("instance_id", xml.value("instanceId")), ("region", region), ("owner_id", owner),
            ("default_ipv6_address", preferred), ("private_ip", version4),
            ("private_dns_name", xml.value("privateDnsName")),
            ("platform", xml.value("platform")), ("public_ip", xml.value("ipAddress")),
            ("public_dns_name", xml.value("ipAddress") == nil ? nil : xml.value("dnsName")),
            ("primary_ipv6_addresses", listed(version6.primary)),
            ("ipv6_addresses", listed(version6.all)), ("ami", xml.value("imageId")),
            ("availability_zone", zone), ("availability_zone_id", zones[zone]),
            ("instance_state", xml["instanceState"]?.value("name")),
            ("instance_type", xml.value("instanceType")),
            ("instance_lifecycle", xml.value("instanceLifecycle")),
            ("architecture", xml.value("architecture")),
        ]
        var labels = values.map { Label(EC2Instance.prefix + $0.0, $0.1 ?? "") }
        labels += network
        labels.append(
            prefix: EC2Instance.prefix + "tag_",
            each: xml.tags)
        labels.append("__address__", .address(host, port))
        return Labels(labels)
    }

    /// What it has only inside a virtual network.
    private var network: [Label] {
        guard let network = xml.value("vpcId") else { return [] }
        var subnets: [String] = []
        for interface in interfaces {
            if let subnet = interface.value("subnetId"), !subnets.contains(subnet) {
                subnets.append(subnet)
            }
        }
        let list = subnets.isEmpty ? ",," : listed(subnets)
        return [
            Label(EC2Instance.prefix + "vpc_id", network),
            Label(EC2Instance.prefix + "primary_subnet_id", xml.value("subnetId") ?? ""),
            Label(EC2Instance.prefix + "subnet_id", list),
        ]
    }

    private var interfaces: [XMLElement] {
        xml.value("vpcId") == nil
            ? [] : xml.items("networkInterfaceSet").filter { $0.value("subnetId") != nil }
    }

    /// How many network interfaces count by their index; Amazon's machines have at most 15.
    private static let maximumInterfaces = 1000

    /// The addresses of version 6; the primary ones stand at the index of their interface.
    private var addresses6: (primary: [String], all: [String]) {
        var primary: [String] = []
        var all: [String] = []
        for interface in interfaces {
            for entry in interface.items("ipv6AddressesSet") {
                guard let address = entry.value("ipv6Address") else { continue }
                all.append(address)
                let index = interface["attachment"]?.value("deviceIndex").flatMap { Int($0) } ?? 0
                guard entry.value("isPrimaryIpv6") == "true",
                    (0..<EC2Instance.maximumInterfaces).contains(index)
                else { continue }
                while primary.count <= index { primary.append("") }
                primary[index] = address
            }
        }
        return (primary, all)
    }

    /// With commas around each; "" for none.
    private func listed(_ values: [String]) -> String {
        values.isEmpty ? "" : ",\(values.joined(separator: ",")),"
    }
}

extension XMLElement {
    /// The tags of a resource of EC2's.
    var tags: [(name: String, value: String)] {
        items("tagSet").map { (name: $0.value("key") ?? "", value: $0.value("value") ?? "") }
    }
}
