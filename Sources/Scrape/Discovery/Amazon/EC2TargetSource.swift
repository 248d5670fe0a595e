import Configuration
import Model
import Synchronization

/// An entry of `ec2_sd_configs`: targets are instances of a region.
struct EC2TargetSource: TargetSource {
    static let mechanism = "ec2"

    let settings: AmazonDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let account = AmazonAccount(settings, environment)
        let api = EC2API(account, endpoint: settings.endpoint)
        // As in Prometheus, they are asked for until they are known, and are not needed.
        let zones = Mutex<[String: String]?>(nil)
        await environment.refresh(
            every: settings.refreshInterval, yield
        ) { () throws(APIError) in
            let region = try await account.region()
            if zones.withLock({ $0 == nil }) {
                let found = await api.zones()
                zones.withLock { $0 = found }
            }
            let known = zones.withLock { $0 ?? [:] }
            let instances = try await api.instances(EC2API.filters(settings.filters))
            return [
                DiscoveredGroup(
                    place: region,
                    targets: instances.compactMap { instance in
                        instance.labels(region, known, port: settings.port)
                    })
            ]
        }
    }
}

/// EC2's query API.
struct EC2API: Sendable {
    private let service: AmazonAPI

    init(_ account: AmazonAccount, endpoint: String = "") {
        service = AmazonAPI(service: "ec2", account: account, endpoint: endpoint)
    }

    /// The IDs of availability zones by their names, or nil.
    func zones() async -> [String: String]? {
        guard let answer = try? await ask("DescribeAvailabilityZones", []) else { return nil }
        let pairs = answer.items("availabilityZoneInfo").compactMap { zone in
            zone.value("zoneName").flatMap { name in zone.value("zoneId").map { (name, $0) } }
        }
        return Dictionary(pairs) { _, last in last }
    }

    static func filters(_ filters: [DiscoveryFilter]) -> [(String, String)] {
        var form: [(String, String)] = []
        for (index, filter) in filters.enumerated() {
            form.append(("Filter.\(index + 1).Name", filter.name))
            for (number, value) in filter.values.enumerated() {
                form.append(("Filter.\(index + 1).Value.\(number + 1)", value))
            }
        }
        return form
    }

    func instances(_ form: [(String, String)]) async throws(APIError) -> [EC2Instance] {
        try await service.pages(of: "instances") { (token) throws(APIError) in
            let page = try await ask("DescribeInstances", form, after: token)
            let instances = page.items("reservationSet").flatMap { reservation in
                reservation.items("instancesSet").map {
                    EC2Instance(xml: $0, owner: reservation.value("ownerId") ?? "")
                }
            }
            return (instances, page.value("nextToken") ?? "")
        }
    }

    func networkInterfaces(_ form: [(String, String)]) async throws(APIError) -> [XMLElement] {
        try await service.pages(of: "network interfaces") { (token) throws(APIError) in
            let page = try await ask("DescribeNetworkInterfaces", form, after: token)
            return (page.items("networkInterfaceSet"), page.value("nextToken") ?? "")
        }
    }

    private func ask(
        _ action: String, _ form: [(String, String)], after token: String = ""
    ) async throws(APIError) -> XMLElement {
        let more = token.isEmpty ? [] : [("NextToken", token)]
        return try await service.query(action, version: "2016-11-15", form + more)
    }
}
