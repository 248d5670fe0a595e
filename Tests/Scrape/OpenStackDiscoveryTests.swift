import Configuration
import Foundation
import Model
import Scrape
import Testing
import Transport

/// A cloud of OpenStack, answered in the documented forms of its APIs.
@Suite("Discovery: OpenStack", .timeLimit(.minutes(1))) struct OpenStackDiscoveryTests {
    private static let account =
        "identity_endpoint: 'https://id.test/v3', username: u, password: geheim, domain_name: d, project_name: p, region: r1"

    /// A cloud of version 3 with these answers beside the catalog.
    private func cloud(_ answers: [String: String] = [:]) -> ScriptedAPI {
        let api = ScriptedAPI(answers)
        func service(_ type: String, _ url: String) -> String {
            """
            {"type": "\(type)", "endpoints": [
              {"interface": "public", "region": "r2", "url": "https://elsewhere.test"},
              {"interface": "internal", "region_id": "r1", "url": "https://inside.test/\(url)"},
              {"interface": "public", "region_id": "r1", "url": "https://cloud.test/\(url)"}]}
            """
        }
        let catalog = [
            service("compute", "compute/v2.1"), service("network", "network/"),
            service("load-balancer", "lb/v2.0"),
        ].joined(separator: ",")
        api.set(
            "/v3/auth/tokens", #"{"token": {"methods": ["password"], "catalog": [\#(catalog)]}}"#,
            status: 201, headers: ["X-Subject-Token": "token-1"])
        return api
    }

    private func look(
        _ keys: String, _ api: ScriptedAPI, variables: [String: String] = [:]
    ) async throws -> SourceUpdate {
        try await DiscoveryLooks().take(
            1, "openstack_sd_configs: [{\(keys)}]", transport: api, variables: variables)[0]
    }

    // MARK: Instances

    private static let networkAnswers = [
        "/network/v2.0/ports": """
        {"ports": [{"id": "port-1", "device_id": "vm-1"}],
         "ports_links": [{"rel": "next", "href": "https://cloud.test/network/v2.0/ports?marker=1"}]}
        """,
        "/network/v2.0/ports?marker=1": #"{"ports": [{"id": "port-2", "device_id": "vm-2"}]}"#,
        "/network/v2.0/floatingips": """
        {"floatingips": [
          {"port_id": "port-1", "fixed_ip_address": "10.0.0.1", "floating_ip_address": "1.2.3.4"},
          {"port_id": null, "fixed_ip_address": null, "floating_ip_address": "1.2.3.5"},
          {"port_id": "unknown", "fixed_ip_address": "10.0.0.9", "floating_ip_address": "1.2.3.6"}]}
        """,
    ]

    private static let servers = """
        {"servers": [
          {"id": "vm-1", "name": "web", "status": "ACTIVE", "tenant_id": "t", "user_id": "u",
           "flavor": {"id": "f1", "original_name": "m1.small"}, "image": {"id": "i1", "links": []},
           "metadata": {"team-x": "a"},
           "addresses": {"private": [{"version": 4, "addr": "10.0.0.1"}, {"addr": "1.2.3.4"}],
                         "six": [{"addr": "fd00::1"}, {"addr": 6}, "no"], "odd": 1}},
          {"id": "vm-2", "name": "none", "flavor": {"id": "f1"}, "addresses": {}},
          {"id": "vm-3", "flavor": {"id": 7}, "addresses": {"p": [{"addr": "10.0.0.3"}]}}],
         "servers_links": [{"rel": "next", "href": "https://cloud.test/compute/v2.1/more"}]}
        """

    @Test func instancesAreTargets() async throws {
        let api = cloud(Self.networkAnswers)
        api.set("/compute/v2.1/servers/detail", Self.servers)
        api.set(
            "/compute/v2.1/more",
            #"{"servers": [{"id": "vm-4", "image": "", "metadata": null, "flavor": {"id": "f4"}, "addresses": {"p": [{"addr": "1.2.3.6"}]}}]}"#
        )
        let update = try await look(Self.account + ", role: instance, port: 9100", api)
        #expect(update.problems == [])
        let common = [
            "__meta_openstack_instance_flavor": "m1.small", "__meta_openstack_instance_id": "vm-1",
            "__meta_openstack_instance_image": "i1", "__meta_openstack_instance_name": "web",
            "__meta_openstack_instance_status": "ACTIVE", "__meta_openstack_project_id": "t",
            "__meta_openstack_user_id": "u", "__meta_openstack_tag_team_x": "a",
        ]
        #expect(
            update.labels == [
                common.merging([
                    "__address__": "10.0.0.1:9100", "__meta_openstack_address_pool": "private",
                    "__meta_openstack_private_ip": "10.0.0.1",
                    "__meta_openstack_public_ip": "1.2.3.4",
                ]) { $1 },
                common.merging([
                    "__address__": "[fd00::1]:9100", "__meta_openstack_address_pool": "six",
                    "__meta_openstack_private_ip": "fd00::1",
                ]) { $1 },
                [
                    "__address__": "1.2.3.6:9100", "__meta_openstack_address_pool": "p",
                    "__meta_openstack_private_ip": "1.2.3.6",
                    "__meta_openstack_instance_flavor": "f4",
                    "__meta_openstack_instance_id": "vm-4",
                ],
            ])
        #expect(update.groups?.map(\.place) == ["OS_r1"])
        #expect(
            api.requests.dropFirst().allSatisfy {
                $0.headers.contains(.init("X-Auth-Token", "token-1"))
                    && $0.url.hasPrefix("https://cloud.test/") && $0.timeout == .seconds(60)
            })
    }

    @Test func allTenantsAreAskedFor() async throws {
        let api = cloud(Self.networkAnswers)
        api.set("/compute/v2.1/servers/detail?all_tenants=true", #"{"servers": []}"#)
        let update = try await look(
            Self.account + ", role: instance, all_tenants: true, availability: internal", api)
        #expect(update.problems == [] && update.groups?.map(\.targets) == [[]])
        #expect(
            api.requests.last?.url
                == "https://inside.test/compute/v2.1/servers/detail?all_tenants=true")
    }

    // MARK: Hypervisors and load balancers

    @Test func hypervisorsAreTargets() async throws {
        let api = cloud([
            "/compute/v2.1/os-hypervisors/detail": """
            {"hypervisors": [
              {"id": 7, "host_ip": "10.0.0.7", "hypervisor_hostname": "h7", "status": "enabled",
               "state": "up", "hypervisor_type": "QEMU", "hypervisor_version": 2002000},
              {"id": "a-b", "host_ip": "fd00::7", "state": null}]}
            """
        ])
        let update = try await look(Self.account + ", role: hypervisor", api)
        #expect(update.problems == [])
        #expect(
            update.labels == [
                [
                    "__address__": "10.0.0.7:80", "__meta_openstack_hypervisor_id": "7",
                    "__meta_openstack_hypervisor_hostname": "h7",
                    "__meta_openstack_hypervisor_host_ip": "10.0.0.7",
                    "__meta_openstack_hypervisor_status": "enabled",
                    "__meta_openstack_hypervisor_state": "up",
                    "__meta_openstack_hypervisor_type": "QEMU",
                ],
                [
                    "__address__": "[fd00::7]:80", "__meta_openstack_hypervisor_id": "a-b",
                    "__meta_openstack_hypervisor_host_ip": "fd00::7",
                ],
            ])
    }

    @Test func loadBalancersWithAListenerAreTargets() async throws {
        let api = cloud([
            "/lb/v2.0/lbaas/loadbalancers": """
            {"loadbalancers": [
              {"id": "lb1", "name": "front", "operating_status": "ONLINE",
               "provisioning_status": "ACTIVE", "availability_zone": "z", "vip_address": "10.0.0.1",
               "vip_port_id": "p1", "provider": "amphora", "project_id": "t", "tags": ["a", "b"]},
              {"id": "lb2", "vip_address": "10.0.0.2", "tags": null}, {"id": "lb3"}]}
            """,
            "/lb/v2.0/lbaas/listeners": """
            {"listeners": [
              {"protocol": "HTTP", "protocol_port": 80, "loadbalancers": [{"id": "lb1"}, {"id": "lb3"}]},
              {"protocol": "PROMETHEUS", "protocol_port": 9100, "loadbalancers": [{"id": "lb1"}]},
              {"protocol": "PROMETHEUS", "protocol_port": 9101,
               "loadbalancers": [{"id": "lb1"}, {"id": "lb2"}]}]}
            """,
            "/network/v2.0/floatingips":
                #"{"floatingips": [{"port_id": "p1", "floating_ip_address": "1.2.3.4"}]}"#,
        ])
        let update = try await look(Self.account + ", role: loadbalancer, port: 1", api)
        #expect(update.problems == [])
        let prefix = "__meta_openstack_loadbalancer_"
        #expect(
            update.labels == [
                [
                    "__address__": "10.0.0.1:9100", prefix + "id": "lb1", prefix + "name": "front",
                    prefix + "operating_status": "ONLINE", prefix + "provisioning_status": "ACTIVE",
                    prefix + "availability_zone": "z", prefix + "vip": "10.0.0.1",
                    prefix + "provider": "amphora", prefix + "tags": "a,b",
                    prefix + "floating_ip": "1.2.3.4", "__meta_openstack_project_id": "t",
                ],
                [
                    "__address__": "10.0.0.2:9101", prefix + "id": "lb2",
                    prefix + "vip": "10.0.0.2",
                ],
            ])
    }

    // MARK: Signing in

    private static let hypervisors = #"{"hypervisors": []}"#

    /// The body with which the account signs in, or the look's problem.
    private func body(
        _ keys: String, variables: [String: String] = [:]
    ) async throws -> (body: String, problem: String) {
        let api = cloud(["/compute/v2.1/os-hypervisors/detail": Self.hypervisors])
        let update = try await look(
            keys + ", role: hypervisor, region: r1", api, variables: variables)
        let body = api.requests.first?.body.map { String(decoding: $0, as: UTF8.self) }
        return (body ?? "", update.problems.first ?? "")
    }

    private static let endpoint = "identity_endpoint: 'https://id.test/v3/'"

    @Test(arguments: [
        (
            "userid: i, password: geheim, project_id: p",
            #"{"auth":{"identity":{"methods":["password"],"password":{"user":{"id":"i","password":"geheim"}}},"scope":{"project":{"id":"p"}}}}"#
        ),
        (
            "username: u, password: geheim, domain_id: d, project_name: p",
            #"{"auth":{"identity":{"methods":["password"],"password":{"user":{"domain":{"id":"d"},"name":"u","password":"geheim"}}},"scope":{"project":{"domain":{"id":"d"},"name":"p"}}}}"#
        ),
        (
            "application_credential_id: c, application_credential_secret: geheim, project_id: p",
            #"{"auth":{"identity":{"application_credential":{"id":"c","secret":"geheim"},"methods":["application_credential"]}}}"#
        ),
        (
            "application_credential_name: c, application_credential_secret: geheim, username: u, domain_name: d",
            #"{"auth":{"identity":{"application_credential":{"name":"c","secret":"geheim","user":{"domain":{"name":"d"},"name":"u"}},"methods":["application_credential"]}}}"#
        ),
    ])
    func accountsSignIn(keys: String, expected: String) async throws {
        let (body, problem) = try await body("\(Self.endpoint), \(keys)")
        #expect(problem.isEmpty)
        #expect(body == expected)
    }

    @Test func theEnvironmentMaySignIn() async throws {
        let variables = [
            "OS_AUTH_URL": "https://id.test/v3", "OS_USERNAME": "u", "OS_PASSWORD": "geheim",
            "OS_DOMAIN_NAME": "d", "OS_TENANT_NAME": "old", "OS_PROJECT_NAME": "p",
        ]
        let (body, problem) = try await body("username: ignored", variables: variables)
        #expect(problem.isEmpty)
        #expect(
            body
                == #"{"auth":{"identity":{"methods":["password"],"password":{"user":{"domain":{"name":"d"},"name":"u","password":"geheim"}}},"scope":{"project":{"domain":{"name":"d"},"name":"p"}}}}"#
        )
    }

    @Test(arguments: [
        ("", "neither"), (endpoint, "a password or an application credential is needed"),
        ("\(endpoint), username: u, password: geheim", "exactly one of domain_id and domain_name"),
        ("\(endpoint), password: geheim", "exactly one of username and userid"),
        ("\(endpoint), userid: i, password: geheim, domain_id: d", "do not go with userid"),
        ("\(endpoint), userid: i, password: geheim, project_name: p", "with project_name"),
        ("\(endpoint), application_credential_id: c", "has no secret"),
    ])
    func whatIsMissingIsSaid(keys: String, expected: String) async throws {
        let (body, problem) = try await body(keys.isEmpty ? "username: u" : keys)
        #expect(body.isEmpty)
        let words = expected == "neither" ? "OS_AUTH_URL" : expected
        #expect(problem.contains(words) && !problem.contains("geheim"), "\(problem)")
    }

    @Test func theNewestVersionIsChosen() async throws {
        let api = cloud(["/compute/v2.1/os-hypervisors/detail": Self.hypervisors])
        api.set(
            "/identity/",
            """
            {"versions": {"values": [
              {"id": "v2.0", "status": "deprecated", "links": [{"rel": "self", "href": "https://id.test/v2.0/"}]},
              {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": "https://id.test/v3/"}]}]}}
            """, status: 300)
        let keys =
            "identity_endpoint: 'https://id.test/identity', userid: i, password: geheim, region: r1, role: hypervisor"
        let update = try await look(keys, api)
        #expect(update.problems == [])
        #expect(
            api.requests.map(\.url) == [
                "https://id.test/identity/", "https://id.test/v3/auth/tokens",
                "https://cloud.test/compute/v2.1/os-hypervisors/detail",
            ])
    }

    @Test func versionTwoSignsInToo() async throws {
        let api = ScriptedAPI([
            "/v2.0/tokens": """
            {"access": {"token": {"id": "token-2"}, "serviceCatalog": [
              {"type": "compute", "endpoints": [{"region": "r1", "publicURL": "https://c.test/v2/"}]}]}}
            """,
            "/v2/os-hypervisors/detail": Self.hypervisors,
        ])
        let update = try await look(
            "identity_endpoint: 'https://id.test/v2.0', username: u, password: geheim, project_id: p, region: r1, role: hypervisor",
            api)
        #expect(update.problems == [] && update.groups?.count == 1)
        #expect(
            String(decoding: api.requests[0].body ?? [], as: UTF8.self)
                == #"{"auth":{"passwordCredentials":{"password":"geheim","username":"u"},"tenantId":"p"}}"#
        )
        #expect(api.requests[1].headers.contains(.init("X-Auth-Token", "token-2")))
    }

    // MARK: Errors

    @Test func aRefusalNamesTheEndpointAndNoSecret() async throws {
        let api = cloud()
        api.set("/v3/auth/tokens", #"{"error": {"code": 401}}"#, status: 401)
        let update = try await look(Self.account + ", role: instance", api)
        #expect(update.groups == nil)
        #expect(
            update.problems == [
                #"could not authenticate to OpenStack: Post "https://id.test/v3/auth/tokens": server returned HTTP status 401: {"error": {"code": 401}}"#
            ])
    }

    @Test func aServiceThatIsMissingIsNamed() async throws {
        let update = try await look(
            Self.account.replacing("r1", with: "r9") + ", role: instance", cloud())
        #expect(
            update.problems == [
                #"OpenStack's catalog has no public endpoint of the service compute in the region "r9""#
            ])
    }

    @Test(arguments: ["/network/v2.0/ports", "/network/v2.0/floatingips"])
    func whatCannotBeListedKeepsTheTargets(path: String) async throws {
        let api = cloud(Self.networkAnswers)
        api.set("/compute/v2.1/servers/detail", Self.servers)
        api.set(path, #"{"NeutronError": "no"}"#, status: 503)
        let update = try await look(Self.account + ", role: instance", api)
        #expect(update.groups == nil)
        #expect(update.problems.first?.contains("https://cloud.test\(path)") == true)
    }

    @Test(arguments: [
        (
            "region: r",
            "role missing (one of: instance, hypervisor, loadbalancer)"
        ), ("role: vm, region: r", "unknown OpenStack SD role \"vm\""),
        ("role: instance", "openstack SD configuration requires a region"),
        ("role: instance, region: r, availability: x", "unknown availability \"x\""),
        ("role: instance, region: r, follow_redirects: true", "field follow_redirects not found"),
    ])
    func whatIsWrongIsSaid(keys: String, expected: String) {
        DiscoveryLooks.expectError("openstack_sd_configs: [{\(keys)}]", expected)
    }
}
