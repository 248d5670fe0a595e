import Configuration
import Model
import Scrape
import Testing
import Transport

/// Triton's monitor, answered in the documented form of its API.
@Suite("Discovery: Triton", .timeLimit(.minutes(1))) struct TritonDiscoveryTests {
    private static let account = "account: a, dns_suffix: triton.test, endpoint: cmon.test"

    private func look(
        _ keys: String, _ answers: [String: String]
    ) async throws -> (SourceUpdate, ScriptedAPI) {
        let api = ScriptedAPI(answers)
        let update = try await DiscoveryLooks().take(
            1, "triton_sd_configs: [{\(Self.account), \(keys)}]", transport: api)[0]
        return (update, api)
    }

    @Test func containersAreTargets() async throws {
        let (update, api) = try await look(
            "groups: [foo bar, b], port: 9164, version: 2, tls_config: {insecure_skip_verify: true}",
            [
                "/v2/discover": """
                {"containers": [
                  {"groups": ["foo bar", "b"], "server_uuid": "n1", "vm_alias": "web",
                   "vm_brand": "lx", "vm_image_uuid": "i1", "vm_uuid": "c1"},
                  {"vm_uuid": "c2", "groups": null}]}
                """
            ])
        #expect(update.problems == [])
        let prefix = "__meta_triton_"
        #expect(
            update.labels == [
                [
                    "__address__": "c1.triton.test:9164", prefix + "machine_id": "c1",
                    prefix + "machine_alias": "web", prefix + "machine_brand": "lx",
                    prefix + "machine_image": "i1", prefix + "server_id": "n1",
                    prefix + "groups": ",foo bar,b,",
                ], ["__address__": "c2.triton.test:9164", prefix + "machine_id": "c2"],
            ])
        let request = try #require(api.requests.first)
        #expect(request.url == "https://cmon.test:9164/v2/discover?groups=foo+bar%2Cb")
        #expect(request.tls.insecureSkipVerify)
    }

    @Test func computeNodesAreTargets() async throws {
        let (update, api) = try await look(
            "role: cn",
            ["/v1/gz/discover": #"{"cns": [{"server_uuid": "n1", "server_hostname": "h1"}]}"#])
        #expect(update.problems == [])
        #expect(
            update.labels == [
                [
                    "__address__": "n1.triton.test:9163", "__meta_triton_machine_id": "n1",
                    "__meta_triton_machine_alias": "h1",
                ]
            ])
        #expect(api.requests.first?.url == "https://cmon.test:9163/v1/gz/discover")
    }

    @Test(arguments: ["{", #"{"containers": 1}"#, #"{"containers": [{"vm_uuid": 1}]}"#])
    func anErrorKeepsTheTargets(body: String) async throws {
        let (update, _) = try await look("role: container", ["/v1/discover": body])
        #expect(update.groups == nil)
        #expect(update.problems.first?.contains("https://cmon.test:9163/v1/discover") == true)
    }

    @Test(arguments: [
        ("\(account), role: x", "requires role to be 'container' or 'cn'"),
        ("dns_suffix: s, endpoint: e", "requires an account"),
        ("account: a, endpoint: e", "requires a dns_suffix"),
        ("account: a, dns_suffix: s", "requires an endpoint"),
        ("\(account), refresh_interval: 0s", "requires RefreshInterval to be a positive integer"),
    ])
    func whatIsWrongIsSaid(keys: String, expected: String) {
        DiscoveryLooks.expectError("triton_sd_configs: [{\(keys)}]", expected)
    }
}
