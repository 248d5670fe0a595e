import Configuration
import Foundation
import Model
import Scrape
import Testing
import Transport

/// Marathon's applications, answered in the documented form of its API.
@Suite(.timeLimit(.minutes(1))) struct MarathonDiscoveryTests {
    private func look(
        _ answer: String, _ keys: String = "servers: ['http://u:geheim@m.x/']", status: Int = 200
    ) async throws -> (SourceUpdate, ScriptedAPI) {
        let api = ScriptedAPI([:])
        api.set("/v2/apps/", answer, status: status)
        let update = try await DiscoveryLooks().take(
            1, "marathon_sd_configs: [{\(keys)}]", transport: api)[0]
        return (update, api)
    }

    private func application(_ rest: String) -> String {
        #"{"apps": [{"id": "/web", "labels": {"team.name": "a", "n": null}, \#(rest)}]}"#
    }

    static let applications = """
        {"apps": [{"id": "/web", "labels": {"team.name": "a", "n": null},
          "container": {"docker": {"image": "web:1", "portMappings": [
            {"containerPort": 80, "hostPort": 0, "labels": {"metrics": "yes"}},
            {"containerPort": 81, "hostPort": 1081, "labels": null}]}},
          "tasks": [{"id": "t1", "host": "h1", "ports": [31000, 31001]},
            {"id": "t2", "host": "fd00::2", "ports": null}]}]}
        """

    @Test func mappedPortsOfAHostAreThoseOfTheTask() async throws {
        let (update, api) = try await look(Self.applications)
        #expect(update.problems == [])
        let common = [
            "__meta_marathon_app": "/web", "__meta_marathon_image": "web:1",
            "__meta_marathon_app_label_team_name": "a",
        ]
        func target(_ more: [String: String]) -> [String: String] {
            common.merging(more) { $1 }
        }
        let label = "__meta_marathon_port_mapping_label_metrics"
        let (task, port) = ("__meta_marathon_task", "__meta_marathon_port_index")
        #expect(
            update.labels == [
                target(["__address__": "h1:31000", task: "t1", port: "0", label: "yes"]),
                target(["__address__": "h1:1081", task: "t1", port: "1"]),
                target(["__address__": "[fd00::2]:0", task: "t2", port: "0", label: "yes"]),
                target(["__address__": "[fd00::2]:1081", task: "t2", port: "1"]),
            ])
        #expect(api.requests.map(\.url) == ["http://u:geheim@m.x/v2/apps/?embed=apps.tasks"])
    }

    @Test(arguments: [
        (
            // Marathon 1.5 in a container network.
            """
            "container": {"portMappings": [{"containerPort": 80, "hostPort": 31000}],
              "docker": {"portMappings": [{"containerPort": 1}]}},
            "networks": [{"mode": "container", "name": "n"}],
            "tasks": [{"id": "t", "host": "h", "ipAddresses": [{"ipAddress": "9.0.0.1"}]}]
            """, ["9.0.0.1:80"]
        ),
        (
            // Without an address of its own the task is at its host.
            """
            "container": {"portMappings": [{"containerPort": 80}]},
            "networks": [{"mode": "container"}], "tasks": [{"id": "t", "host": "h"}]
            """, ["h:80"]
        ),
        (
            """
            "portDefinitions": [{"port": 1234}], "requirePorts": true,
            "tasks": [{"host": "h", "ports": [31000]}]
            """, ["h:1234"]
        ),
        (
            """
            "portDefinitions": [{"port": 1234}], "tasks": [{"host": "h", "ports": [31000]}]
            """, ["h:31000"]
        ),
        (
            // Nothing names ports but the tasks: those of the first one are taken for all.
            """
            "tasks": [{"host": "a"}, {"host": "b", "ports": [31000, 31001]},
              {"host": "c", "ports": [32000]}]
            """, ["b:31000", "b:31001", "c:31000", "c:31001"]
        ),
        (#""container": null, "tasks": null"#, []),
    ])
    func portsComeFromWhereMarathonHasThem(rest: String, expected: [String]) async throws {
        let (update, _) = try await look(application(rest))
        #expect(update.problems == [] && update.addresses == expected)
    }

    @Test func ofTwoApplicationsWithOneNameTheLastOneCounts() async throws {
        let (update, _) = try await look(
            """
            {"apps": [{"id": "/a", "tasks": [{"host": "x", "ports": [1]}]}, {"id": "/b"},
              {"id": "/a", "tasks": [{"host": "y", "ports": [2]}]}]}
            """, status: 203)
        #expect(update.groups?.map(\.place) == ["/b", "/a"])
        #expect(update.addresses == ["y:2"])
    }

    @Test func theTokenIsSentAsDCOSWantsIt() async throws {
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("marathon-\(UUID().uuidString)")
        try Data("of-file\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        for (key, expected) in [
            ("auth_token: inline", "token=inline"),
            ("auth_token_file: '\(file.path)'", "token=of-file"),
        ] {
            let (update, api) = try await look(
                #"{"apps": []}"#, "servers: ['http://m.x', 'http://m.x'], \(key)")
            #expect(update.groups == [])
            let headers = try #require(api.requests.first).headers
            #expect(headers.contains(.init("Authorization", expected)))
        }
    }

    @Test func aTokenThatIsMissingIsAnError() async throws {
        let (update, api) = try await look(
            "{}", "servers: ['http://m.x'], auth_token_file: /nowhere/token")
        #expect(update.groups == nil && api.requests.isEmpty)
        #expect(update.problems.first?.contains("/nowhere/token") == true)
    }

    @Test(arguments: [
        ("[]", 200, "expected an object, found array"), ("{", 200, "1:2:"),
        (#"{"apps": [{"tasks": [{"ports": [4294967296]}]}]}"#, 200, "ports: 4294967296"),
        (#"{"apps": [{"tasks": [{"ports": [-1]}]}]}"#, 200, "ports: -1"),
        (#"{"apps": [{"id": 7}]}"#, 200, "id: expected a string, found number"),
        ("who?", 401, "HTTP status 401: who?"),
    ])
    func anErrorKeepsTheTargets(answer: String, status: Int, expected: String) async throws {
        let (update, _) = try await look(answer, status: status)
        #expect(update.groups == nil)
        let problem = try #require(update.problems.first)
        #expect(problem.contains(expected) && problem.contains("/v2/apps/"), "\(problem)")
        #expect(!problem.contains("geheim"))
    }

    @Test(arguments: [
        ("servers: []", "must contain at least one Marathon server"),
        ("servers: [x], auth_token: a, auth_token_file: b", "auth_token & auth_token_file"),
        ("servers: [x], auth_token: a, basic_auth: {username: u}", "at most one of basic_auth,"),
        ("servers: [x], auth_token: a, bearer_token: b", "at most one of bearer_token,"),
        (
            "servers: [x], auth_token: a, authorization: {credentials: b}",
            "auth_token, auth_token_file & authorization"
        ),
    ])
    func whatIsWrongIsSaid(keys: String, expected: String) {
        let text = "scrape_configs: [{job_name: j, marathon_sd_configs: [{\(keys)}]}]"
        let result = TocsinConfiguration.load(
            text: Array(text.utf8), path: "t.yml", environment: [:])
        #expect(result.errors.contains { $0.description.contains(expected) }, "\(result.errors)")
    }
}
