import Configuration
import Model

/// An entry of `uyuni_sd_configs`: targets are the monitoring endpoints of systems.
struct UyuniTargetSource: TargetSource {
    static let mechanism = UyuniDiscovery.mechanism

    let settings: UyuniDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let api = UyuniAPI(settings, APIClient(settings.client, environment))
        await environment.poll(every: settings.refreshInterval, from: Known()) { known, now in
            await look(api, known.session, now)
        } found: { known in
            yield(known.update)
        }
    }

    private struct Known {
        var session: UyuniAPI.Session?
        var update = SourceUpdate(groups: nil)
    }

    /// A session is begun anew after an error.
    private func look(_ api: UyuniAPI, _ last: UyuniAPI.Session?, _ now: Timestamp) async -> Known {
        do throws(APIError) {
            let session: UyuniAPI.Session
            if let last, now < last.end {
                session = last
            } else {
                session = try await api.logIn(now)
            }
            let targets = try await UyuniTargets(settings, api, session).all
            let group = DiscoveredGroup(place: "Uyuni", targets: targets)
            return Known(session: session, update: SourceUpdate(groups: [group]))
        } catch {
            return Known(session: nil, update: .failure(error.description))
        }
    }
}

/// The targets that a session finds.
private struct UyuniTargets {
    let all: [Labels]

    init(
        _ settings: UyuniDiscovery, _ api: UyuniAPI, _ session: UyuniAPI.Session
    ) async throws(APIError) {
        let systems = try await api.call(
            "system.listSystemGroupsForSystemsWithEntitlement",
            [.string(session.token), .string(settings.entitlement)]
        ) { (list) throws(XMLRPCError) in
            try list.elements.map { (system) throws(XMLRPCError) in
                let groups = try system.member("system_groups")?.elements ?? []
                return (
                    id: try system.int("id"),
                    groups: try groups.map { (group) throws(XMLRPCError) in
                        try group.string("name")
                    }
                )
            }
        }
        let ids = XMLRPCValue.array(systems.map { .int($0.id) })
        let endpoints = try await api.call(
            "system.monitoring.listEndpoints", [.string(session.token), ids]
        ) { (list) throws(XMLRPCError) in try list.elements.map(UyuniEndpoint.init) }
        let networks = try await api.call(
            "system.getNetworkForSystems", [.string(session.token), ids]
        ) { (list) throws(XMLRPCError) in try list.elements.map(UyuniNetwork.init) }
        let groups = Dictionary(systems.map { ($0.id, $0.groups) }) { $1 }
        let byID = Dictionary(networks.map { ($0.system, $0) }) { $1 }
        all = endpoints.map { endpoint in
            Labels(
                endpoint.labels + [
                    Label(
                        "__meta_uyuni_groups",
                        (groups[endpoint.system] ?? []).joined(separator: settings.separator)),
                    // As in Prometheus, without brackets around an IPv6 address.
                    Label("__address__", "\(byID[endpoint.system]?.name ?? ""):\(endpoint.port)"),
                ] + (byID[endpoint.system]?.labels ?? []))
        }
    }
}

private struct UyuniEndpoint {
    let system: Int
    let port: Int
    let labels: [Label]

    init(_ value: XMLRPCValue) throws(XMLRPCError) {
        system = try value.int("system_id")
        port = try value.int("port")
        let isEncrypted = try value.bool("tls_enabled")
        let prefix = "__meta_uyuni_"
        labels = [
            Label(prefix + "system_id", "\(system)"),
            Label(prefix + "endpoint_name", try value.string("endpoint_name")),
            Label(prefix + "exporter", try value.string("exporter_name")),
            Label(prefix + "proxy_module", try value.string("module")),
            Label(prefix + "metrics_path", try value.string("path")),
            Label(prefix + "scheme", isEncrypted ? "https" : "http"),
        ]
    }
}

private struct UyuniNetwork {
    let system: Int
    let name: String
    let labels: [Label]

    init(_ value: XMLRPCValue) throws(XMLRPCError) {
        system = try value.int("system_id")
        name = try value.string("hostname")
        labels = [
            Label("__meta_uyuni_minion_hostname", name),
            Label("__meta_uyuni_primary_fqdn", try value.string("primary_fqdn")),
        ]
    }
}
