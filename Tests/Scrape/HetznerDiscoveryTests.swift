import Configuration
import Model
import Scrape
import Testing
import Transport

/// Hetzner's cloud and Robot, answered in the documented form of their APIs.
@Suite(.timeLimit(.minutes(1))) struct HetznerDiscoveryTests {
    private static let page1 = """
        {"servers": [{"id": 42, "name": "web", "status": "running",
          "public_net": {"ipv4": {"ip": "1.2.3.4"}, "ipv6": {"ip": "2001:DB8:0:0:1::1/64"}},
          "private_net": [{"network": 7, "ip": "10.0.0.2"}, {"network": 8, "ip": "10.0.1.2"}],
          "datacenter": {"name": "fsn1-dc8",
            "location": {"name": "fsn1", "network_zone": "eu-central"}},
          "location": {"name": "fsn1", "network_zone": "eu-central"},
          "server_type": {"name": "cx11", "cores": 1, "cpu_type": "shared", "memory": 2.0,
            "disk": 25},
          "image": {"name": "debian-12", "description": "Debian 12", "os_version": null,
            "os_flavor": "debian"},
          "labels": {"team/x": "a", "empty": ""}}],
         "meta": {"pagination": {"page": 1, "next_page": 2}}}
        """
    private static let page2 = """
        {"servers": [{"id": 43, "public_net": {"ipv4": null, "ipv6": null}, "image": null}],
         "meta": {"pagination": {"next_page": null}}}
        """
    private static let prefix = "__meta_hetzner_"

    static let answers = [
        "/v1/servers?page=1&per_page=50": page1, "/v1/servers?page=2&per_page=50": page2,
        "/v1/networks?page=1&per_page=50": #"{"networks": [{"id": 7, "name": "my net"}]}"#,
        "/server": """
        [{"server": {"server_ip": "5.6.7.8", "server_number": 9, "server_name": "old",
           "dc": "NBG1-DC1", "status": "ready", "product": "EX40", "cancelled": true,
           "subnet": [{"ip": "::ffff:1.2.3.4", "mask": "32"},
             {"ip": "2a01:4f8::", "mask": "64"}, {"ip": "2a01:4f9::", "mask": "64"}]}},
         {"server": {"server_ip": "fd00::1", "subnet": null}}]
        """,
    ]

    private func look(_ keys: String, _ api: ScriptedAPI) async throws -> SourceUpdate {
        try await DiscoveryLooks().take(1, "hetzner_sd_configs: [{\(keys)}]", transport: api)[0]
    }

    @Test func serversOfTheCloudAreTargets() async throws {
        let api = ScriptedAPI(Self.answers)
        let update = try await look(
            "role: hcloud, port: 9100, authorization: {credentials: geheim}", api)
        #expect(update.problems == [])
        let (all, own) = (Self.prefix, Self.prefix + "hcloud_")
        #expect(
            update.labels == [
                [
                    "__address__": "1.2.3.4:9100", all + "role": "hcloud",
                    all + "server_id": "42", all + "server_name": "web",
                    all + "server_status": "running", all + "public_ipv4": "1.2.3.4",
                    all + "public_ipv6_network": "2001:db8::/64",
                    all + "datacenter": "fsn1-dc8", own + "location": "fsn1",
                    own + "location_network_zone": "eu-central",
                    own + "datacenter_location": "fsn1",
                    own + "datacenter_location_network_zone": "eu-central",
                    own + "server_type": "cx11", own + "cpu_cores": "1",
                    own + "cpu_type": "shared", own + "memory_size_gb": "2",
                    own + "disk_size_gb": "25", own + "image_name": "debian-12",
                    own + "image_description": "Debian 12", own + "image_os_flavor": "debian",
                    own + "private_ipv4_my_net": "10.0.0.2", own + "label_team_x": "a",
                    own + "labelpresent_team_x": "true", own + "labelpresent_empty": "true",
                ],
                [
                    "__address__": "<nil>:9100", all + "role": "hcloud",
                    all + "server_id": "43", all + "public_ipv4": "<nil>",
                    all + "public_ipv6_network": "<nil>", own + "cpu_cores": "0",
                    own + "memory_size_gb": "0", own + "disk_size_gb": "0",
                ],
            ])
        #expect(
            api.requests.map(\.url).allSatisfy { $0.hasPrefix("https://api.hetzner.cloud/v1/") })
        #expect(api.requests.allSatisfy { $0.authorization == .bearer("geheim") })
    }

    @Test func serversMayBeSelected() async throws {
        let api = ScriptedAPI(["/v1/servers": "{}", "/v1/networks": "{}"])
        let update = try await look("role: hcloud, label_selector: 'a=b,c'", api)
        #expect(update.groups?.map(\.targets) == [[]])
        #expect(
            api.requests.map { (try? ParsedURL($0.url))?.query ?? "" } == [
                "label_selector=a%3Db%2Cc&page=1&per_page=50", "page=1&per_page=50",
            ])
    }

    @Test func serversOfRobotAreTargets() async throws {
        let api = ScriptedAPI(Self.answers)
        let update = try await look(
            "role: robot, basic_auth: {username: u, password: geheim}", api)
        #expect(update.problems == [])
        let prefix = Self.prefix
        #expect(
            update.labels == [
                [
                    "__address__": "5.6.7.8:80", prefix + "role": "robot",
                    prefix + "server_id": "9", prefix + "server_name": "old",
                    prefix + "server_status": "ready", prefix + "public_ipv4": "5.6.7.8",
                    prefix + "public_ipv6_network": "2a01:4f8::/64",
                    prefix + "datacenter": "nbg1-dc1", prefix + "robot_datacenter": "nbg1-dc1",
                    prefix + "robot_product": "EX40", prefix + "robot_cancelled": "true",
                ],
                [
                    "__address__": "[fd00::1]:80", prefix + "role": "robot",
                    prefix + "server_id": "0", prefix + "public_ipv4": "fd00::1",
                    prefix + "robot_cancelled": "false",
                ],
            ])
        #expect(api.requests.map(\.url) == ["https://robot-ws.your-server.de/server"])
        #expect(api.requests[0].authorization == .basic(user: "u", password: "geheim"))
    }

    @Test(arguments: [
        ("hcloud", "/v1/servers?page=2&per_page=50", "nope", 500, "HTTP status 500: nope"),
        ("hcloud", "/v1/servers?page=1&per_page=50", "{", 200, "1:2:"),
        ("hcloud", "/v1/networks?page=1&per_page=50", "no", 401, "HTTP status 401"),
        ("robot", "/server", #"[{"server": {"server_number": "9"}}]"#, 200, "server_number:"),
        ("robot", "/server", "unauthorized", 401, "HTTP status 401: unauthorized"),
    ])
    func anErrorKeepsTheTargets(
        role: String, path: String, answer: String, status: Int, expected: String
    ) async throws {
        let api = ScriptedAPI(Self.answers)
        api.set(path, answer, status: status)
        let update = try await look(
            "role: \(role), authorization: {credentials: geheim}", api)
        #expect(update.groups == nil)
        let problem = try #require(update.problems.first)
        #expect(problem.contains(expected) && problem.contains("https://"), "\(problem)")
        #expect(!problem.contains("geheim"))
    }

    @Test func pagesWithoutEndAreAnError() async throws {
        let api = ScriptedAPI([
            "/v1/servers": #"{"servers": [], "meta": {"pagination": {"next_page": 1}}}"#
        ])
        let update = try await look("role: hcloud", api)
        #expect(update.problems.first?.contains("APIPages.maximum") == true)
    }

    @Test(arguments: [
        ("", "role missing (one of: robot, hcloud)"), ("role: x", #"unknown role "x""#),
        ("role: robot, token: x", "field token not found"),
    ])
    func whatIsWrongIsSaid(keys: String, expected: String) {
        let text = "scrape_configs: [{job_name: j, hetzner_sd_configs: [{\(keys)}]}]"
        let result = TocsinConfiguration.load(
            text: Array(text.utf8), path: "t.yml", environment: [:])
        #expect(result.errors.contains { $0.description.contains(expected) }, "\(result.errors)")
    }
}
