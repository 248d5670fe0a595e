import Configuration
import Model
import Scrape
import Testing
import Transport

/// Vultr's instances, answered in the documented form of its API.
@Suite(.timeLimit(.minutes(1))) struct VultrDiscoveryTests {
    private static let first = """
        {"instances": [{"id": "i1", "label": "web", "os": "Debian", "os_id": 477, "region": "ams",
          "plan": "vc2", "vcpu_count": 1, "ram": 1024, "allowed_bandwidth": 1000, "disk": 25,
          "main_ip": "1.2.3.4", "v6_main_ip": "fd00::1", "internal_ip": "10.0.0.1",
          "hostname": "web.x", "server_status": "ok", "features": ["ipv6"],
          "tags": ["a", "b"]}], "meta": {"total": 2, "links": {"next": "bmV4dA==", "prev": ""}}}
        """
    private static let second = """
        {"instances": [{"id": "i2", "main_ip": "fd00::2", "features": null, "tags": []}],
         "meta": {"links": {"next": ""}}}
        """

    static let answers = [
        "/v2/instances?per_page=100": first,
        "/v2/instances?cursor=bmV4dA%3D%3D&per_page=100": second,
    ]

    private func look(_ keys: String, _ api: ScriptedAPI) async throws -> SourceUpdate {
        try await DiscoveryLooks().take(
            1, "vultr_sd_configs: [{authorization: {credentials: geheim}, \(keys)}]",
            transport: api)[0]
    }

    @Test func instancesAreTargets() async throws {
        let api = ScriptedAPI(Self.answers)
        let update = try await look("port: 9100", api)
        #expect(update.problems == [])
        let prefix = "__meta_vultr_instance_"
        #expect(
            update.labels == [
                [
                    "__address__": "1.2.3.4:9100", prefix + "id": "i1", prefix + "label": "web",
                    prefix + "os": "Debian", prefix + "os_id": "477", prefix + "region": "ams",
                    prefix + "plan": "vc2", prefix + "vcpu_count": "1",
                    prefix + "ram_mb": "1024", prefix + "allowed_bandwidth_gb": "1000",
                    prefix + "disk_gb": "25", prefix + "main_ip": "1.2.3.4",
                    prefix + "main_ipv6": "fd00::1", prefix + "internal_ip": "10.0.0.1",
                    prefix + "hostname": "web.x", prefix + "server_status": "ok",
                    prefix + "features": ",ipv6,", prefix + "tags": ",a,b,",
                ],
                [
                    "__address__": "[fd00::2]:9100", prefix + "id": "i2",
                    prefix + "main_ip": "fd00::2", prefix + "os_id": "0",
                    prefix + "vcpu_count": "0", prefix + "ram_mb": "0",
                    prefix + "allowed_bandwidth_gb": "0", prefix + "disk_gb": "0",
                ],
            ])
        #expect(api.requests.allSatisfy { $0.url.hasPrefix("https://api.vultr.com/v2/instances?") })
        #expect(api.requests.allSatisfy { $0.authorization == .bearer("geheim") })
    }

    @Test func noInstancesAreNoTargets() async throws {
        let update = try await look("", ScriptedAPI(["/v2/instances": "{}"]))
        #expect(update.problems == [] && update.groups?.map(\.targets) == [[]])
    }

    @Test func thousandsOfInstancesAreRead() async throws {
        let many = Array(repeating: "{\"main_ip\": \"1.2.3.4\"}", count: 20_000)
        let update = try await look(
            "", ScriptedAPI(["/v2/instances": "{\"instances\": [\(many.joined(separator: ","))]}"]))
        #expect(update.groups?[0].targets.count == 20_000)
    }

    @Test(arguments: [
        ("who?", 401, "HTTP status 401: who?"), ("{\"instances\": [", 200, "unexpected end"),
        (#"{"instances": [{"ram": 1.5}]}"#, 200, "ram: expected a whole number"),
    ])
    func anErrorOfOnePageKeepsTheTargets(
        answer: String, status: Int, expected: String
    ) async throws {
        let api = ScriptedAPI(Self.answers)
        api.set("/v2/instances?cursor=bmV4dA%3D%3D&per_page=100", answer, status: status)
        let update = try await look("", api)
        #expect(update.groups == nil)
        let problem = try #require(update.problems.first)
        #expect(problem.contains(expected), "\(problem)")
        #expect(problem.contains("https://api.vultr.com/v2/") && !problem.contains("geheim"))
    }
}
