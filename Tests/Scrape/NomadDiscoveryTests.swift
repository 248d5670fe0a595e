import Configuration
import Model
import Scrape
import Testing
import Transport

/// Nomad's services, answered in the documented form of its API.
@Suite(.timeLimit(.minutes(1))) struct NomadDiscoveryTests {
    private func api() -> ScriptedAPI {
        ScriptedAPI([
            "/v1/services": """
            [{"Namespace": "default", "Services": [{"ServiceName": "web", "Tags": ["a"]},
              {"ServiceName": "d/b", "Tags": null}]}]
            """,
            "/v1/service/web": """
            [{"ID": "_nomad-task-1", "ServiceName": "web", "Namespace": "default", "NodeID": "n1",
              "Datacenter": "dc1", "Address": "10.0.0.1", "Port": 8080, "Tags": ["a", "b"]}]
            """,
            "/v1/service/d%2Fb": #"[{"ServiceName": "d/b", "Address": "fd00::1", "Port": 5432}]"#,
        ])
    }

    private func look(_ keys: String, _ api: ScriptedAPI) async throws -> SourceUpdate {
        try await DiscoveryLooks().take(1, "nomad_sd_configs: [{\(keys)}]", transport: api)[0]
    }

    @Test func instancesAreTargets() async throws {
        let update = try await look("tag_separator: '|'", api())
        #expect(update.problems == [])
        #expect(
            update.labels == [
                [
                    "__address__": "10.0.0.1:8080", "__meta_nomad_address": "10.0.0.1",
                    "__meta_nomad_dc": "dc1", "__meta_nomad_node_id": "n1",
                    "__meta_nomad_namespace": "default", "__meta_nomad_service": "web",
                    "__meta_nomad_service_address": "10.0.0.1",
                    "__meta_nomad_service_id": "_nomad-task-1",
                    "__meta_nomad_service_port": "8080", "__meta_nomad_tags": "|a|b|",
                ],
                [
                    "__address__": "[fd00::1]:5432", "__meta_nomad_address": "fd00::1",
                    "__meta_nomad_service": "d/b", "__meta_nomad_service_address": "fd00::1",
                    "__meta_nomad_service_port": "5432",
                ],
            ])
    }

    @Test(arguments: [
        ("", "http://localhost:4646", "?namespace=default&region=global&stale="),
        (
            "server: 'https://n.x/', namespace: a b, region: '', allow_stale: false",
            "https://n.x", "?namespace=a+b"
        ),
    ])
    func everythingThatIsConfiguredIsAskedFor(
        keys: String, server: String, query: String
    ) async throws {
        let api = api()
        _ = try await look("refresh_interval: 9s, \(keys)", api)
        #expect(
            api.requests.map(\.url)
                == ["/v1/services", "/v1/service/web", "/v1/service/d%2Fb"].map {
                    server + $0 + query
                })
        #expect(api.requests.allSatisfy { $0.timeout == .seconds(9) })
    }

    @Test func theServerMayBeASocket() async throws {
        let api = api()
        _ = try await look("server: 'unix:///run/nomad.sock'", api)
        #expect(api.requests.count == 3)
        #expect(api.requests.allSatisfy { $0.unixSocket == "/run/nomad.sock" })
    }

    @Test func anErrorOfOneServiceKeepsAllTargets() async throws {
        let api = api()
        api.set("/v1/service/d%2Fb", "Permission denied", status: 403)
        let update = try await look("server: 'http://u:geheim@n.x'", api)
        #expect(update.groups == nil)
        let problem = try #require(update.problems.first)
        #expect(problem.contains("/v1/service/d%2Fb"))
        #expect(problem.contains("server returned HTTP status 403: Permission denied"))
        #expect(!problem.contains("geheim"))
    }

    @Test func noServicesAreNoTargets() async throws {
        let update = try await look("", ScriptedAPI(["/v1/services": "[]"]))
        #expect(update.problems == [] && update.groups?.map(\.targets) == [[]])
    }

    @Test(arguments: [
        ("server: ' '", "nomad SD configuration requires a server address"),
        ("token: x", "field token not found"),
    ])
    func whatIsWrongIsSaid(keys: String, expected: String) {
        let text = "scrape_configs: [{job_name: j, nomad_sd_configs: [{\(keys)}]}]"
        let result = TocsinConfiguration.load(
            text: Array(text.utf8), path: "t.yml", environment: [:])
        #expect(result.errors.contains { $0.description.contains(expected) }, "\(result.errors)")
    }
}
