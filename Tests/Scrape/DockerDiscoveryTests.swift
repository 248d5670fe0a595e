import Configuration
import Model
import Scrape
import Synchronization
import Testing
import Transport

/// Docker's API, answered in its documented form.
@Suite(.timeLimit(.minutes(1))) struct DockerDiscoveryTests {
    private static let networks = """
        [{"Id": "n1", "Name": "front", "Scope": "local", "Internal": false, "Ingress": false,
          "Labels": {"com.example/zone": "a"}},
         {"Id": "n2", "Name": "back", "Scope": "local", "Internal": true, "Ingress": false}]
        """

    /// A container in two networks, with a published, an open and a UDP port.
    private static let web = """
        {"Id": "c1", "Names": ["/web"], "Image": "web:2", "ImageID": "sha256:1", "Labels":
           {"com.example.team": "a"},
         "Ports": [{"PrivatePort": 8080, "PublicPort": 80, "IP": "0.0.0.0", "Type": "tcp"},
           {"PrivatePort": 9100, "Type": "tcp"}, {"PrivatePort": 53, "Type": "udp"}],
         "HostConfig": {"NetworkMode": "front"},
         "NetworkSettings": {"Networks": {
           "front": {"NetworkID": "n1", "IPAddress": "172.18.0.2"},
           "back": {"NetworkID": "n2", "IPAddress": "", "GlobalIPv6Address": "fd00::2"}}}}
        """

    private func api(_ containers: String..., version: String? = "1.41") -> ScriptedAPI {
        let prefix = version.map { "/v\($0)" } ?? ""
        let api = ScriptedAPI([
            prefix + "/containers/json": "[\(containers.joined(separator: ","))]",
            prefix + "/networks": Self.networks,
        ])
        api.set("/_ping", "OK", headers: version.map { ["Api-Version": $0] } ?? [:])
        return api
    }

    private func look(_ keys: String, _ api: ScriptedAPI) async throws -> SourceUpdate {
        try await DiscoveryLooks().take(
            1, "docker_sd_configs: [{host: 'unix:///var/run/docker.sock', \(keys)}]",
            transport: api)[0]
    }

    @Test func aContainerIsATargetForEachPortInItsFirstNetwork() async throws {
        let update = try await look("port: 1", api(Self.web))
        let common = [
            "__meta_docker_container_id": "c1", "__meta_docker_container_name": "/web",
            "__meta_docker_container_image": "web:2",
            "__meta_docker_container_image_id": "sha256:1",
            "__meta_docker_container_network_mode": "front",
            "__meta_docker_container_label_com_example_team": "a",
            "__meta_docker_network_id": "n2", "__meta_docker_network_name": "back",
            "__meta_docker_network_scope": "local", "__meta_docker_network_internal": "true",
            "__meta_docker_network_ingress": "false", "__meta_docker_network_ip": "fd00::2",
        ]
        let ports = [
            [
                "__address__": "[fd00::2]:8080", "__meta_docker_port_private": "8080",
                "__meta_docker_port_public": "80", "__meta_docker_port_public_ip": "0.0.0.0",
            ],
            ["__address__": "[fd00::2]:9100", "__meta_docker_port_private": "9100"],
        ]
        #expect(update.problems == [])
        #expect(update.labels == ports.map { $0.merging(common) { own, _ in own } })
    }

    @Test func allNetworksCountWhereTheFirstIsNotWanted() async throws {
        let update = try await look("match_first_network: false", api(Self.web))
        #expect(
            update.addresses == [
                "[fd00::2]:8080", "[fd00::2]:9100", "172.18.0.2:8080", "172.18.0.2:9100",
            ])
        #expect(update.labels[2]["__meta_docker_network_label_com_example_zone"] == "a")
    }

    @Test func aContainerWithoutTCPPortsGetsTheConfiguredOne() async throws {
        let idle = """
            {"Id": "c2", "Names": ["/idle"], "Ports": [{"PrivatePort": 53, "Type": "udp"}],
             "HostConfig": {"NetworkMode": "front"}, "NetworkSettings": {"Networks":
               {"front": {"NetworkID": "n1", "IPAddress": "172.18.0.3"}, "back": null}}}
            """
        let update = try await look("port: 9000", api(idle))
        #expect(update.addresses == ["172.18.0.3:9000"])
        #expect(update.labels[0]["__meta_docker_port_private"] == nil)
    }

    @Test func containersInTheHostsNetworkAreReachedAtItsAddress() async throws {
        let host = """
            {"Id": "c3", "Names": ["/agent"], "Ports": [], "HostConfig": {"NetworkMode": "host"},
             "NetworkSettings": {"Networks": {"host": {"NetworkID": "h", "IPAddress": ""}}}}
            """
        let update = try await look("host_networking_host: node1", api(host))
        #expect(update.addresses == ["node1"])
        #expect(update.labels[0]["__meta_docker_container_network_mode"] == "host")
    }

    @Test func aContainerMayShareTheNetworkOfAnother() async throws {
        let sidecar = """
            {"Id": "c4", "Names": ["/side"], "Ports": null, "NetworkSettings": {"Networks": {}},
             "HostConfig": {"NetworkMode": "container:c1"}}
            """
        let circle = """
            {"Id": "c5", "Names": ["/circle"], "NetworkSettings": {"Networks": {}},
             "HostConfig": {"NetworkMode": "container:c5"}}
            """
        let nameless = #"{"Id": "c6", "Names": [], "NetworkSettings": null}"#
        let update = try await look(
            "match_first_network: false", api(sidecar, circle, nameless, Self.web))
        #expect(update.addresses.prefix(2) == ["[fd00::2]:80", "172.18.0.2:80"])
        #expect(update.addresses.count == 6)
    }

    @Test func theNewestVersionThatBothKnowIsAskedForOverTheSocket() async throws {
        let api = api(Self.web)
        let updates = try await DiscoveryLooks().take(
            2, "docker_sd_configs: [{host: 'unix:///run/d.sock', refresh_interval: 7s}]",
            transport: api)
        #expect(updates[1].problems == [])
        #expect(api.requests.allSatisfy { $0.unixSocket == "/run/d.sock" })
        #expect(api.requests.allSatisfy { $0.timeout == .seconds(7) })
        let paths = api.requests.map { String($0.url.drop { $0 != "/" }.dropFirst(2)) }
        #expect(paths.filter { $0.hasSuffix("/_ping") }.count == 1)
        #expect(paths.contains("api.moby.localhost/v1.41/containers/json"))
    }

    @Test(arguments: [("1.99", "/v1.55"), (nil, ""), ("x", "")])
    func aDaemonThatIsNewerOrSaysNothingIsAskedToo(
        version: String?, prefix: String
    ) async throws {
        let api = ScriptedAPI([
            prefix + "/containers/json": "[\(Self.web)]", prefix + "/networks": Self.networks,
        ])
        api.set("/_ping", "OK", headers: version.map { ["Api-Version": $0] } ?? [:])
        let update = try await look("", api)
        #expect(update.problems == [] && update.addresses.count == 2)
    }

    @Test func filtersAreHandedToTheDaemon() async throws {
        let api = api(Self.web)
        _ = try await look(
            #"filters: [{name: label, values: ["a=\"b\"", c]}, {name: status, values: [running]}]"#,
            api)
        let request = try #require(api.requests.first { $0.url.contains("/containers/json") })
        let query = try #require(request.url.split(separator: "?").last)
        #expect(
            query
                == "filters=%7B%22label%22%3A%7B%22a%3D%5C%22b%5C%22%22%3Atrue%2C%22c%22%3Atrue%7D%2C%22status%22%3A%7B%22running%22%3Atrue%7D%7D"
        )
    }

    @Test(arguments: [
        ("tcp://docker.x:2375/base/", "http://docker.x:2375/base/", false),
        ("http://docker.x:2375", "http://docker.x:2375/", true),
        ("https://docker.x:2376", "https://docker.x:2376/", true),
    ])
    func hostsOfTCPAndHTTP(host: String, expected: String, isAuthorized: Bool) async throws {
        let api = ScriptedAPI([:])
        _ = try await DiscoveryLooks().take(
            1, "docker_sd_configs: [{host: '\(host)', basic_auth: {username: u, password: p}}]",
            transport: api)
        let request = try #require(api.requests.first)
        #expect(request.url == expected + "_ping" && request.unixSocket == nil)
        #expect((request.authorization != nil) == isAuthorized)
    }

    @Test(arguments: [
        ("docker.x", "unable to parse docker host"), ("unix://", "unable to parse docker host"),
        ("ssh://u@docker.x", "the scheme \"ssh\" of docker host is not supported"),
    ])
    func aHostThatCannotBeAskedIsAProblem(host: String, expected: String) async throws {
        let updates = try await DiscoveryLooks().take(
            1, "docker_sd_configs: [{host: '\(host)'}]", transport: ScriptedAPI([:]))
        #expect(updates[0].groups == nil)
        #expect(updates[0].problems.first?.contains(expected) == true, "\(updates[0].problems)")
    }

    @Test(arguments: [
        (500, #"{"message": "no"}"#, "server returned HTTP status 500: {\"message\": \"no\"}"),
        (200, "{}", "1:1: expected a list, found object"),
        (200, #"[{"Id": 7}]"#, "1:9: Id: expected a string, found number"),
        (200, "[", "unexpected end of JSON input"),
    ])
    func anAnswerOfNoUseKeepsTheTargets(
        status: Int, body: String, expected: String
    ) async throws {
        let api = api()
        api.set("/v1.41/containers/json", body, status: status)
        let update = try await look("", api)
        #expect(update.groups == nil)
        let problem = try #require(update.problems.first)
        #expect(
            problem.contains(expected) && problem.contains("/var/run/docker.sock"), "\(problem)")
    }

    @Test func aDaemonThatSpeaksAnOlderVersionAfterARestartIsAskedInThat() async throws {
        let text = "docker_sd_configs: [{host: 'tcp://d:1'}]"
        let ping = Mutex(0)
        let transport = FakeTransport { (request) throws(TransportError) in
            if request.url.hasSuffix("_ping") {
                let version = ping.withLock { count in
                    count += 1
                    return count == 1 ? "1.52" : "1.50"
                }
                return HTTPResponse(status: 200, headers: [.init("Api-Version", version)])
            }
            guard request.url.contains("/v1.50/") else {
                return HTTPResponse(status: 400, body: Array("client version is too new".utf8))
            }
            return FakeTransport.text(
                request.url.contains("/networks") ? Self.networks : "[\(Self.web)]")
        }
        let updates = try await DiscoveryLooks().take(2, text, transport: transport)
        #expect(updates[0].problems.first?.contains("client version is too new") == true)
        #expect(updates[1].problems == [] && updates[1].addresses.count == 2)
    }

    @Test func noContainersAreNoTargets() async throws {
        let update = try await look("", api())
        #expect(update.problems == [] && update.groups?.map(\.targets) == [[]])
    }

    @Test(arguments: [
        ("docker_sd_configs: [{}]", "host missing"),
        ("docker_sd_configs: [{host: ''}]", "host missing"),
        ("docker_sd_configs: [{host: 'tcp://x', role: tasks}]", "field role not found"),
        ("docker_sd_configs: [{host: 'http://a b'}]", "invalid character"),
        ("docker_sd_configs: [{host: 'tcp://x', port: a}]", "expected a whole number"),
        ("dockerswarm_sd_configs: [{role: tasks}]", "host missing"),
        (
            "dockerswarm_sd_configs: [{host: 'tcp://x'}]",
            "role missing (one of: tasks, services, nodes)"
        ),
        (
            "dockerswarm_sd_configs: [{host: 'tcp://x', role: node}]",
            "unknown role \"node\", expected one of services, tasks, nodes"
        ),
    ])
    func whatIsWrongIsSaid(job: String, expected: String) {
        let text = "scrape_configs:\n- job_name: j\n  " + job
        let result = TocsinConfiguration.load(
            text: Array(text.utf8), path: "t.yml", environment: [:])
        #expect(result.errors.contains { $0.description.contains(expected) }, "\(result.errors)")
    }
}
