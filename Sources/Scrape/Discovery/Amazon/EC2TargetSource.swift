import Configuration
import Model
import Synchronization

/// An entry of `ec2_sd_configs`: targets are instances of a region.
struct EC2TargetSource: TargetSource {
    static let mechanism = "ec2"
    /// How many pages of instances are asked for in one look.
    static let maximumPages = 10_000

    let settings: AmazonDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let api = EC2API(
            AmazonAPI(
                "ec2", settings.identity, endpoint: settings.endpoint,
                timeout: settings.refreshInterval, settings.client, environment))
        // As in Prometheus, they are asked for until they are known, and are not needed.
        let zones = Mutex<[String: String]?>(nil)
        await environment.refresh(
            every: settings.refreshInterval, yield
        ) { () throws(APIError) in
            let region = try await api.service.region()
            if zones.withLock({ $0 == nil }) {
                let found = await api.zones(region)
                zones.withLock { $0 = found }
            }
            let known = zones.withLock { $0 ?? [:] }
            let targets = try await targets(api, region, known)
            return [DiscoveredGroup(place: region, targets: targets)]
        }
    }

    private func targets(
        _ api: EC2API, _ region: String, _ zones: [String: String]
    ) async throws(APIError) -> [Labels] {
        var targets: [Labels] = []
        var token = ""
        for _ in 0..<EC2TargetSource.maximumPages {
            let page = try await api.instances(settings.filters, after: token, region)
            for reservation in page.items("reservationSet") {
                for instance in reservation.items("instancesSet") {
                    let instance = EC2Instance(
                        xml: instance, owner: reservation.value("ownerId") ?? "")
                    if let labels = instance.labels(region, zones, port: settings.port) {
                        targets.append(labels)
                    }
                }
            }
            token = page.value("nextToken") ?? ""
            if token.isEmpty { return targets }
        }
        throw APIError(
            "more than \(EC2TargetSource.maximumPages) pages of instances (EC2TargetSource.maximumPages)"
        )
    }
}

/// EC2's query API.
private struct EC2API: Sendable {
    let service: AmazonAPI

    init(_ service: AmazonAPI) { self.service = service }

    /// The IDs of availability zones by their names, or nil.
    func zones(_ region: String) async -> [String: String]? {
        guard let answer = try? await ask("DescribeAvailabilityZones", [], region) else {
            return nil
        }
        let pairs = answer.items("availabilityZoneInfo").compactMap { zone in
            zone.value("zoneName").flatMap { name in zone.value("zoneId").map { (name, $0) } }
        }
        return Dictionary(pairs) { _, last in last }
    }

    func instances(
        _ filters: [DiscoveryFilter], after token: String, _ region: String
    ) async throws(APIError) -> XMLElement {
        var form: [(String, String)] = []
        for (index, filter) in filters.enumerated() {
            form.append(("Filter.\(index + 1).Name", filter.name))
            for (number, value) in filter.values.enumerated() {
                form.append(("Filter.\(index + 1).Value.\(number + 1)", value))
            }
        }
        if !token.isEmpty { form.append(("NextToken", token)) }
        return try await ask("DescribeInstances", form, region)
    }

    private func ask(
        _ action: String, _ form: [(String, String)], _ region: String
    ) async throws(APIError) -> XMLElement {
        let fields = [("Action", action), ("Version", "2016-11-15")] + form
        let response = try await service.post(
            Array(PercentEncoding.form(fields).utf8),
            [.init("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
            region: region)
        do throws(XMLError) {
            return try XMLElement.parse(response.body)
        } catch {
            throw APIError("the answer of EC2's \(action), byte \(error.offset): \(error)")
        }
    }
}
