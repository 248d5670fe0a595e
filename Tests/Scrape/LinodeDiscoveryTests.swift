import Configuration
import Model
import Scrape
import Testing
import Transport

/// Linode's instances, answered in the documented form of its API.
@Suite(.timeLimit(.minutes(1))) struct LinodeDiscoveryTests {
    private static let instances = """
        {"data": [{"id": 1, "label": "web", "image": "linode/debian12", "region": "eu-west",
          "type": "g6", "status": "running", "group": "g", "hypervisor": "kvm",
          "ipv4": ["1.2.3.4", "192.168.0.1", "1.2.3.5"], "ipv6": "fd00::1/128",
          "tags": ["a", "b"], "backups": {"enabled": true},
          "specs": {"disk": 1024, "memory": 2, "vcpus": 1, "transfer": 3000, "gpus": 1}},
         {"id": 2, "ipv4": []}], "page": 1, "pages": 2, "results": 3}
        """
    private static let more = """
        {"data": [{"id": 3, "ipv4": ["9.9.9.9"], "ipv6": null, "image": null, "specs": null}],
         "page": 2, "pages": 2}
        """
    private static let addresses = """
        {"data": [{"address": "1.2.3.4", "public": true, "rdns": "web.x"},
          {"address": "192.168.0.1", "public": false, "rdns": null},
          {"address": "1.2.3.5", "public": true, "rdns": "null"},
          {"address": "fd00::1", "public": true, "rdns": "six.x"}], "pages": 1}
        """
    private static let ranges = """
        {"data": [{"range": "fd00:1::", "prefix": 64, "route_target": "fd00::1"},
          {"range": "fd00:2::", "prefix": 56, "route_target": "fd00::1"},
          {"range": "fd00:3::", "prefix": 64, "route_target": "fd00::9"}], "pages": 1}
        """

    static let answers = [
        "/v4/linode/instances?page=1&page_size=500": instances,
        "/v4/linode/instances?page=2&page_size=500": more,
        "/v4/networking/ips?page=1&page_size=500": addresses,
        "/v4/networking/ipv6/ranges?page=1&page_size=500": ranges,
        "/v4/account/events?page=1&page_size=25": #"{"data": []}"#,
    ]

    private func looks(
        _ count: Int, _ keys: String, _ api: ScriptedAPI
    ) async throws -> [SourceUpdate] {
        try await DiscoveryLooks().take(
            count, "linode_sd_configs: [{authorization: {credentials: geheim}, \(keys)}]",
            transport: api)
    }

    private func paths(_ api: ScriptedAPI) -> [String] {
        api.requests.map { (try? ParsedURL($0.url))?.path ?? "" }
    }

    @Test func instancesAreTargets() async throws {
        let api = ScriptedAPI(Self.answers)
        let update = try await looks(1, "port: 9100, tag_separator: '|'", api)[0]
        #expect(update.problems == [])
        let prefix = "__meta_linode_"
        #expect(
            update.labels == [
                [
                    "__address__": "1.2.3.4:9100", prefix + "instance_id": "1",
                    prefix + "instance_label": "web", prefix + "image": "linode/debian12",
                    prefix + "private_ipv4": "192.168.0.1", prefix + "public_ipv4": "1.2.3.4",
                    prefix + "public_ipv6": "fd00::1", prefix + "public_ipv4_rdns": "web.x",
                    prefix + "public_ipv6_rdns": "six.x", prefix + "region": "eu-west",
                    prefix + "type": "g6", prefix + "status": "running",
                    prefix + "group": "g", prefix + "gpus": "1", prefix + "hypervisor": "kvm",
                    prefix + "backups": "enabled", prefix + "specs_disk_bytes": "1073741824",
                    prefix + "specs_memory_bytes": "2097152", prefix + "specs_vcpus": "1",
                    prefix + "specs_transfer_bytes": "3145728000", prefix + "tags": "|a|b|",
                    prefix + "extra_ips": "|1.2.3.5|",
                    prefix + "ipv6_ranges": "|fd00:1::/64|fd00:2::/56|",
                ],
                [
                    "__address__": ":9100", prefix + "instance_id": "3", prefix + "gpus": "0",
                    prefix + "backups": "disabled", prefix + "specs_disk_bytes": "0",
                    prefix + "specs_memory_bytes": "0", prefix + "specs_vcpus": "0",
                    prefix + "specs_transfer_bytes": "0",
                ],
            ])
        #expect(api.requests.map(\.url).allSatisfy { $0.hasPrefix("https://api.linode.com/v4/") })
        #expect(api.requests.allSatisfy { $0.authorization == .bearer("geheim") })
        #expect(!api.requests.contains { $0.headers.contains { $0.name == "X-Filter" } })
    }

    @Test func aRegionIsAFilter() async throws {
        let api = ScriptedAPI(Self.answers)
        _ = try await looks(1, "region: eu-west", api)
        let filter = HTTPRequest.Header("X-Filter", #"{"region": "eu-west"}"#)
        #expect(api.requests.count == 4)
        #expect(api.requests.allSatisfy { $0.headers.contains(filter) })
    }

    @Test func withoutEventsTheInstancesAreAskedForEveryTenthTime() async throws {
        let api = ScriptedAPI(Self.answers)
        let updates = try await looks(11, "", api)
        #expect(updates.allSatisfy { $0.problems == [] && $0.labels.count == 2 })
        let full = [
            "/v4/linode/instances", "/v4/linode/instances", "/v4/networking/ips",
            "/v4/networking/ipv6/ranges",
        ]
        let events = Array(repeating: "/v4/account/events", count: 10)
        #expect(paths(api) == full + events + full)
        let second = try #require(api.requests.first { $0.url.contains("events") })
        let filter = try #require(second.headers.first { $0.name == "X-Filter" }).value
        #expect(filter.contains(#"{"created": {"+gte": "19"#) || filter.contains("20"), "\(filter)")
        #expect(!filter.contains("Z"))
    }

    @Test func anEventHasTheInstancesAskedFor() async throws {
        let api = ScriptedAPI(Self.answers)
        api.set("/v4/account/events", "{}")
        api.set("/v4/account/events?page=1&page_size=25", #"{"data": [{"id": 1}]}"#)
        _ = try await looks(2, "", api)
        #expect(paths(api).count == 9)
    }

    @Test func aTokenThatMayNotReadEventsHasEveryLookAskForAll() async throws {
        let api = ScriptedAPI(Self.answers)
        api.set("/v4/account/events?page=1&page_size=25", "no", status: 401)
        let updates = try await looks(3, "", api)
        #expect(updates.allSatisfy { $0.problems == [] })
        #expect(paths(api).count { $0 == "/v4/account/events" } == 1)
        #expect(paths(api).count { $0 == "/v4/networking/ips" } == 3)
    }

    @Test func anErrorOfEventsKeepsTheTargets() async throws {
        let api = ScriptedAPI(Self.answers)
        api.set("/v4/account/events?page=1&page_size=25", "later", status: 500)
        let updates = try await looks(2, "", api)
        #expect(updates[1].groups == nil)
        #expect(updates[1].problems.first?.contains("/v4/account/events") == true)
    }

    @Test(arguments: [
        ("/v4/linode/instances?page=2&page_size=500", "who?", 401, "HTTP status 401: who?"),
        ("/v4/networking/ips?page=1&page_size=500", "{", 200, "1:2:"),
        (
            "/v4/linode/instances?page=1&page_size=500", #"{"data": [{"ipv4": ["x"]}]}"#, 200,
            "ipv4: expected an IP address"
        ),
        (
            "/v4/networking/ipv6/ranges?page=1&page_size=500", #"{"data": [{"prefix": "64"}]}"#,
            200, "prefix: expected a whole number, found string"
        ),
    ])
    func anErrorOfOneListKeepsTheTargets(
        path: String, answer: String, status: Int, expected: String
    ) async throws {
        let api = ScriptedAPI(Self.answers)
        api.set(path, answer, status: status)
        let update = try await looks(1, "", api)[0]
        #expect(update.groups == nil)
        let problem = try #require(update.problems.first)
        #expect(problem.contains(expected), "\(problem)")
        #expect(problem.contains("https://api.linode.com/v4/") && !problem.contains("geheim"))
    }
}
