import Configuration
import Model
import Scrape
import Testing
import Transport

/// Scaleway's servers, answered in the documented form of its APIs.
@Suite(.timeLimit(.minutes(1))) struct ScalewayDiscoveryTests {
    private static let credentials = "project_id: p, access_key: SCWX, secret_key: geheim"
    private static let instances = """
        {"servers": [{"id": "s1", "name": "web", "hostname": "web.x", "boot_type": "local",
          "organization": "o", "project": "p", "state": "running", "commercial_type": "DEV1-S",
          "zone": "fr-par-1", "tags": ["a", "b"],
          "image": {"arch": "x86_64", "id": "im", "name": "Debian"},
          "location": {"cluster_id": "1", "hypervisor_id": "2", "node_id": "3"},
          "security_group": {"id": "sg", "name": "default"},
          "private_ip": "10.0.0.1",
          "public_ip": {"address": "1.2.3.4", "family": "inet"},
          "ipv6": {"address": "2001:DB8::1"},
          "public_ips": [{"address": "1.2.3.4", "family": "inet"},
            {"address": "1.2.3.5", "family": "inet"},
            {"address": "2001:db8:0::1", "family": "inet6"}]}]}
        """
    private static let more = """
        {"servers": [{"id": "s2", "public_ip": {"address": "fd00::2", "family": "inet6"},
           "image": null, "location": null, "tags": []},
         {"id": "s3", "private_ip": null, "public_ips": []}]}
        """
    private static let zone = "/instance/v1/zones/fr-par-1/servers"
    private static let order = "?order=creation_date_desc&page="

    static let answers = [
        zone + order + "1": instances, zone + order + "2": more,
        "/baremetal/v1/zones/nl-ams-1/servers": """
        {"total_count": 3, "servers": [{"id": "b1", "name": "big", "status": "ready",
           "zone": "nl-ams-1", "project_id": "p", "offer_id": "of", "tags": ["a"],
           "install": {"os_id": "os"}, "ips": [{"version": "IPv6", "address": "fd00:0::1"},
             {"version": "IPv4", "address": "1.2.3.4"},
             {"version": "IPv4", "address": "1.2.3.5"}]},
          {"id": "b2", "install": null, "ips": [{"version": "IPv6", "address": "fd00::2"}]},
          {"id": "b3"}]}
        """,
        "/baremetal/v1/zones/nl-ams-1/offers": """
        {"total_count": 1, "offers": [{"id": "of", "name": "EM-A"}]}
        """,
        "/baremetal/v1/zones/nl-ams-1/os": """
        {"total_count": 1, "os": [{"id": "os", "name": "Debian", "version": "12"}]}
        """,
    ]

    /// The list of instances is counted in a header.
    private func api() -> ScriptedAPI {
        let api = ScriptedAPI([:])
        for (path, body) in Self.answers {
            api.set(path, body, headers: path.contains("/instance/") ? ["X-Total-Count": "2"] : [:])
        }
        return api
    }

    private func look(_ keys: String, _ api: ScriptedAPI) async throws -> SourceUpdate {
        try await DiscoveryLooks().take(
            1, "scaleway_sd_configs: [{\(Self.credentials), \(keys)}]", transport: api)[0]
    }

    @Test func instancesAreTargets() async throws {
        let api = api()
        let update = try await look("role: instance, port: 9100", api)
        #expect(update.problems == [])
        let prefix = "__meta_scaleway_instance_"
        #expect(
            update.labels == [
                [
                    "__address__": "10.0.0.1:9100", prefix + "id": "s1", prefix + "name": "web",
                    prefix + "hostname": "web.x", prefix + "boot_type": "local",
                    prefix + "organization_id": "o", prefix + "project_id": "p",
                    prefix + "status": "running", prefix + "type": "DEV1-S",
                    prefix + "zone": "fr-par-1", prefix + "region": "fr-par",
                    prefix + "tags": ",a,b,", prefix + "image_arch": "x86_64",
                    prefix + "image_id": "im", prefix + "image_name": "Debian",
                    prefix + "location_cluster_id": "1",
                    prefix + "location_hypervisor_id": "2", prefix + "location_node_id": "3",
                    prefix + "security_group_id": "sg",
                    prefix + "security_group_name": "default",
                    prefix + "private_ipv4": "10.0.0.1", prefix + "public_ipv4": "1.2.3.4",
                    prefix + "public_ipv6": "2001:db8::1",
                    prefix + "public_ipv4_addresses": ",1.2.3.4,1.2.3.5,",
                    prefix + "public_ipv6_addresses": ",2001:db8::1,",
                ],
                ["__address__": "[fd00::2]:9100", prefix + "id": "s2"],
            ])
        #expect(
            api.requests.map(\.url)
                == [1, 2].map { "https://api.scaleway.com\(Self.zone)\(Self.order)\($0)" })
        #expect(
            api.requests.allSatisfy { $0.headers.contains(.init("X-Auth-Token", "geheim")) })
    }

    @Test func serversOfBareMetalAreTargets() async throws {
        let api = api()
        let update = try await look("role: baremetal, zone: nl-ams-1", api)
        #expect(update.problems == [])
        let prefix = "__meta_scaleway_baremetal_"
        #expect(
            update.labels == [
                [
                    "__address__": "1.2.3.4:80", prefix + "id": "b1", prefix + "name": "big",
                    prefix + "status": "ready", prefix + "zone": "nl-ams-1",
                    prefix + "project_id": "p", prefix + "tags": ",a,",
                    prefix + "type": "EM-A", prefix + "os_name": "Debian",
                    prefix + "os_version": "12", prefix + "public_ipv4": "1.2.3.4",
                    prefix + "public_ipv6": "fd00::1",
                ],
                [
                    "__address__": "[fd00::2]:80", prefix + "id": "b2",
                    prefix + "public_ipv6": "fd00::2",
                ],
                [prefix + "id": "b3"],
            ])
    }

    @Test(arguments: [
        ("instance", "name=n+m&order=creation_date_desc&page=1&tags=a%2Cb"),
        ("baremetal", "name=n+m&order_by=created_at_asc&page=1&tags=a&tags=b"),
    ])
    func serversMayBeFiltered(role: String, query: String) async throws {
        let api = ScriptedAPI([:])
        _ = try await look(
            "role: \(role), name_filter: n m, tags_filter: [a, b], api_url: 'http://s.x/'", api)
        let url = try #require(api.requests.first).url
        #expect(url == "http://s.x/\(role)/v1/zones/fr-par-1/servers?\(query)")
    }

    @Test(arguments: [
        ("instance", zone + order + "2", "who?", 403, "HTTP status 403: who?"),
        ("instance", zone + order + "1", "[]", 200, "expected an object, found array"),
        (
            "instance", zone + order + "1", #"{"servers": [{"public_ip": {"address": "x"}}]}"#, 200,
            #"address: "x" is no IP address"#
        ),
        (
            "baremetal", "/baremetal/v1/zones/fr-par-1/servers",
            #"{"servers": [{"ips": [{"version": "IPv5"}]}]}"#, 200, "unknown IP version: IPv5"
        ),
        ("baremetal", "/baremetal/v1/zones/fr-par-1/servers", "{}", 200, "/offers"),
    ])
    func anErrorOfOneListKeepsTheTargets(
        role: String, path: String, answer: String, status: Int, expected: String
    ) async throws {
        let api = api()
        api.set(path, answer, status: status, headers: ["X-Total-Count": "2"])
        let update = try await look("role: \(role)", api)
        #expect(update.groups == nil)
        let problem = try #require(update.problems.first)
        #expect(problem.contains(expected), "\(problem)")
        #expect(problem.contains("https://api.scaleway.com/") && !problem.contains("geheim"))
    }

    @Test(arguments: [
        ("\(credentials)", "role missing (one of: instance, baremetal)"),
        ("\(credentials), role: x", #"unknown role "x""#),
        ("role: instance, access_key: a, secret_key: b", "project_id is mandatory"),
        ("role: instance, project_id: p, secret_key: b", "access_key is mandatory"),
        (
            "role: instance, project_id: p, access_key: a",
            "one of secret_key & secret_key_file must be configured"
        ),
        (
            "\(credentials), role: instance, secret_key_file: f",
            "at most one of secret_key & secret_key_file must be configured"
        ),
        ("\(credentials), role: instance, zone: ''", "default zone cannot be empty"),
    ])
    func whatIsWrongIsSaid(keys: String, expected: String) {
        let text = "scrape_configs: [{job_name: j, scaleway_sd_configs: [{\(keys)}]}]"
        let result = TocsinConfiguration.load(
            text: Array(text.utf8), path: "t.yml", environment: [:])
        #expect(result.errors.contains { $0.description.contains(expected) }, "\(result.errors)")
    }
}
