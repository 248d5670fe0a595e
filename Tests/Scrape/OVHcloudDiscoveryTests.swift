import Configuration
import Crypto
import Foundation
import Model
import Scrape
import Testing
import Transport

/// OVHcloud's servers, answered in the documented form of its API.
@Suite("Discovery: OVHcloud", .timeLimit(.minutes(1))) struct OVHcloudDiscoveryTests {
    private static let account =
        "application_key: app, application_secret: geheim, consumer_key: consumer"

    private func look(
        _ keys: String, _ answers: [String: String]
    ) async throws -> (SourceUpdate, ScriptedAPI) {
        let api = ScriptedAPI(["/1.0/auth/time": "1000000"].merging(answers) { $1 })
        let update = try await DiscoveryLooks().take(
            1, "ovhcloud_sd_configs: [{\(Self.account), \(keys)}]", transport: api)[0]
        return (update, api)
    }

    @Test func virtualServersAreTargets() async throws {
        let (update, api) = try await look(
            "service: vps",
            [
                "/1.0/vps": #"["a b"]"#,
                "/1.0/vps/a+b": """
                {"name": "a b", "zone": "z", "displayName": "d", "cluster": "c", "state": "running",
                 "netbootMode": "local", "memoryLimit": 2048, "offerType": "ssd", "vcore": 1,
                 "model": {"maximumAdditionnalIp": 16, "offer": "o", "datacenter": ["x", "y"],
                           "vcore": 2, "version": "v", "name": "m", "disk": 40, "memory": 2}}
                """,
                "/1.0/vps/a+b/ips":
                    #"["192.0.2.0/24", "192.0.2.7/32", "0.0.0.0", "2001:db8::1"]"#,
            ])
        #expect(update.problems == [])
        let prefix = "__meta_ovhcloud_vps_"
        #expect(
            update.labels == [
                [
                    "__address__": "192.0.2.7", "instance": "a b", prefix + "name": "a b",
                    prefix + "offer": "o", prefix + "datacenter": "[x y]",
                    prefix + "model_vcore": "2", prefix + "maximum_additional_ip": "16",
                    prefix + "version": "v", prefix + "model_name": "m", prefix + "disk": "40",
                    prefix + "memory": "2", prefix + "zone": "z", prefix + "display_name": "d",
                    prefix + "cluster": "c", prefix + "state": "running",
                    prefix + "netboot_mode": "local", prefix + "memory_limit": "2048",
                    prefix + "offer_type": "ssd", prefix + "vcore": "1",
                    prefix + "ipv4": "192.0.2.7", prefix + "ipv6": "2001:db8::1",
                ]
            ])
        #expect(update.groups?.map(\.place) == ["ovhcloud_vps"])
        let request = try #require(api.requests.first { $0.url.hasSuffix("/vps") })
        #expect(request.url == "https://eu.api.ovh.com/1.0/vps")
        let headers = Dictionary(uniqueKeysWithValues: request.headers.map { ($0.name, $0.value) })
        #expect(headers["X-Ovh-Application"] == "app" && headers["X-Ovh-Consumer"] == "consumer")
        #expect(headers["X-Ovh-Timestamp"] == "1000000")
        let signed = "geheim+consumer+GET+https://eu.api.ovh.com/1.0/vps++1000000"
        let digest = Insecure.SHA1.hash(data: Data(signed.utf8)).map { String(format: "%02x", $0) }
        #expect(headers["X-Ovh-Signature"] == "$1$" + digest.joined())
    }

    @Test func dedicatedServersAreTargets() async throws {
        let root = "/1.0/dedicated/server"
        let (update, _) = try await look(
            "service: dedicated_server, endpoint: 'https://ovh.test/1.0/'",
            [
                root: #"["s1", "s2", "s3", "s4"]"#,
                root + "/s1": """
                {"name": "s1", "state": "ok", "commercialRange": "r", "linkSpeed": 100, "rack": "T1",
                 "noIntervention": false, "os": "debian11_64", "supportLevel": "pro",
                 "serverId": 1234, "reverse": "s1.test", "datacenter": "gra3"}
                """,
                root + "/s1/ips": #"["2001:db8::5"]"#,
                root + "/s2": "{}", root + "/s2/ips": #"["nonsense"]"#,
                root + "/s3": #"{"serverId": "x"}"#,
            ])
        let prefix = "__meta_ovhcloud_dedicated_server_"
        #expect(
            update.labels == [
                [
                    "__address__": "2001:db8::5", "instance": "s1", prefix + "name": "s1",
                    prefix + "state": "ok", prefix + "commercial_range": "r",
                    prefix + "link_speed": "100", prefix + "rack": "T1",
                    prefix + "no_intervention": "false", prefix + "os": "debian11_64",
                    prefix + "support_level": "pro", prefix + "server_id": "1234",
                    prefix + "reverse": "s1.test", prefix + "datacenter": "gra3",
                    prefix + "ipv6": "2001:db8::5",
                ]
            ])
        // Those whose details cannot be had are told.
        #expect(update.problems.count == 3)
        #expect(
            update.problems.first
                == "could not get details of s2: could not parse IP addresses from list")
        #expect(update.problems.last?.contains("https://ovh.test\(root)/s4") == true)
    }

    @Test(arguments: [
        ("/1.0/auth/time", #""now""#), ("/1.0/vps", #"{"message": "no"}"#), ("/1.0/vps", "[1]"),
    ])
    func anErrorKeepsTheTargets(path: String, body: String) async throws {
        let (update, _) = try await look("service: vps", [path: body])
        #expect(update.groups == nil)
        #expect(update.problems.first?.contains("https://eu.api.ovh.com\(path)") == true)
    }

    @Test func anEndpointThatIsNoneIsNamed() async throws {
        let (update, api) = try await look("service: vps, endpoint: moon", [:])
        #expect(
            update.problems.first?.hasPrefix(#"unknown endpoint "moon": expected a URL"#) == true)
        #expect(api.requests.isEmpty)
    }

    @Test(arguments: [
        ("\(account), endpoint: '', service: vps", "endpoint can not be empty"),
        ("service: vps", "application key can not be empty"),
        ("service: vps", "application secret can not be empty"),
        ("service: vps", "consumer key can not be empty"), (account, "unknown service"),
        ("\(account), service: x", "unknown service \"x\""),
    ])
    func whatIsWrongIsSaid(keys: String, expected: String) {
        DiscoveryLooks.expectError("ovhcloud_sd_configs: [{\(keys)}]", expected)
    }
}
