import Model

/// Reads Eureka's list of applications.
struct EurekaInstances {
    private static let prefix = "__meta_eureka_app_instance_"

    /// The text that the elements were read from.
    let document: [UInt8]

    func targets(_ root: XMLElement) throws(XMLError) -> [Labels] {
        _ = try root.int("versions__delta")
        var targets: [Labels] = []
        for application in root.all("application") {
            let name = application.textOfLast("name")
            for instance in application.all("instance") {
                targets.append(try labels(instance, application: name))
            }
        }
        return targets
    }

    private func labels(
        _ instance: XMLElement, application: String
    ) throws(XMLError) -> Labels {
        let prefix = EurekaInstances.prefix
        let id = instance.textOfLast("instanceId")
        let (host, port) = (instance.textOfLast("hostName"), try instance.port("port"))
        var labels = [
            Label("__address__", .address(host, port?.number ?? 80)), Label("instance", id),
            Label("__meta_eureka_app_name", application), Label(prefix + "hostname", host),
            Label(prefix + "id", id),
            Label(prefix + "country_id", "\(try instance.int("countryId"))"),
        ]
        for (label, element) in EurekaInstances.texts {
            labels.append(prefix + label, instance.textOfLast(element))
        }
        for (label, port) in [("port", port), ("secure_port", try instance.port("securePort"))] {
            guard let port else { continue }
            labels.append(prefix + label, "\(port.number)")
            labels.append(prefix + label + "_enabled", "\(port.isEnabled)")
        }
        if let center = instance.all("dataCenterInfo").last {
            labels.append(prefix + "datacenterinfo_name", center.textOfLast("name"))
            labels.append(prefix: prefix + "datacenterinfo_metadata_", each: metadata(center))
        }
        labels.append(prefix: prefix + "metadata_", each: metadata(instance))
        return Labels(labels)
    }

    private static let texts = [
        ("homepage_url", "homePageUrl"), ("statuspage_url", "statusPageUrl"),
        ("healthcheck_url", "healthCheckUrl"), ("ip_addr", "ipAddr"),
        ("vip_address", "vipAddress"), ("secure_vip_address", "secureVipAddress"),
        ("status", "status"),
    ]

    /// Names and values; the values as the document has them, which is what Prometheus shows.
    private func metadata(_ element: XMLElement) -> [(name: String, value: String)] {
        element.all("metadata").flatMap(\.children).map { item in
            (item.localName, String(decoding: document[item.inside], as: UTF8.self))
        }
    }
}

/// Children as Go reads them into its types: what is missing is zero, and of several the last one counts.
extension XMLElement {
    fileprivate func all(_ name: String) -> [XMLElement] {
        children.filter { $0.localName == name }
    }

    fileprivate func textOfLast(_ name: String) -> String { all(name).last?.text ?? "" }

    fileprivate func int(_ name: String) throws(XMLError) -> Int {
        try all(name).last?.number() ?? 0
    }

    fileprivate func port(
        _ name: String
    ) throws(XMLError) -> (number: Int, isEnabled: Bool)? {
        guard let element = all(name).last else { return nil }
        let enabled = element.attributes.last { $0.name == "enabled" }
        return (try element.number(), try element.bool(enabled?.value ?? ""))
    }

    private func number() throws(XMLError) -> Int {
        let text = text.trimmingWhitespace
        if text.isEmpty { return 0 }
        guard let number = Int(text) else { throw mismatch("a whole number", text) }
        return number
    }

    private func bool(_ text: String) throws(XMLError) -> Bool {
        switch text.trimmingWhitespace {
        case "1", "t", "T", "true", "TRUE", "True": true
        case "", "0", "f", "F", "false", "FALSE", "False": false
        default: throw mismatch("a bool", text)
        }
    }

    private func mismatch(_ expected: String, _ found: String) -> XMLError {
        XMLError(
            description: "\(name): expected \(expected), found \(found.goQuoted)",
            offset: inside.lowerBound)
    }
}
