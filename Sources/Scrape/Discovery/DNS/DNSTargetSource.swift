import Configuration
import Model
import Transport

/// An entry of `dns_sd_configs`: targets are the records of DNS names.
///
/// Every name is a group. A name that cannot be asked for keeps the targets it last had; one that does not
/// exist has none.
struct DNSTargetSource: TargetSource {
    static let mechanism = "dns"

    let settings: DNSDiscovery

    /// What the names last brought.
    private struct Known: Sendable {
        var groups: [String: DiscoveredGroup] = [:]
        var problems: [String] = []
    }

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let (names, resolver) = (settings.names, environment.resolver)
        guard let type = DNSRecordType(rawValue: settings.type) else { return }
        await environment.poll(every: settings.refreshInterval, from: Known()) { before, _ in
            var known = Known(groups: before.groups)
            for (name, answer) in zip(names, await resolver.look(up: names, type: type)) {
                switch answer {
                case .records(let records): known.groups[name] = group(name, records, type)
                case .failed(let reason): known.problems.append(reason)
                }
            }
            return known
        } found: { known in
            yield(
                SourceUpdate(
                    groups: names.compactMap { known.groups[$0] }, problems: known.problems))
        }
    }

    private func group(
        _ name: String, _ records: [DNSRecord], _ type: DNSRecordType
    ) -> DiscoveredGroup {
        let targets = records.map { record in
            var labels = [
                Label("__meta_dns_name", name),
                Label("__address__", address(record, type)),
            ]
            // As in Prometheus, names in labels end in a dot and those in addresses do not.
            switch type {
            case .srv:
                labels.append(Label("__meta_dns_srv_record_target", record.host + "."))
                labels.append(Label("__meta_dns_srv_record_port", "\(record.port)"))
            case .mx: labels.append(Label("__meta_dns_mx_record_target", record.host + "."))
            case .ns: labels.append(Label("__meta_dns_ns_record_target", record.host + "."))
            case .a, .aaaa: break
            }
            return Labels(labels)
        }
        return DiscoveredGroup(place: name, targets: targets)
    }

    private func address(_ record: DNSRecord, _ type: DNSRecordType) -> String {
        let port = type == .srv ? record.port : settings.port
        return .address(record.host, port)
    }
}
