import Configuration
import Model
import Scrape
import Testing
import Transport

/// Kuma's monitoring assignments, answered in the documented form of its API.
@Suite(.timeLimit(.minutes(1))) struct KumaDiscoveryTests {
    private static let type = "type.googleapis.com/kuma.observability.v1.MonitoringAssignment"
    static let assignments = """
        {"versionInfo": "v1", "nonce": "n1", "typeUrl": "\(type)", "unknown": {},
         "resources": [
          {"@type": "\(type)", "mesh": "default", "service": "web",
           "labels": {"kuma.io/zone": "a", "both": "service"},
           "targets": [{"name": "web-1", "scheme": "http", "address": "10.0.0.1:8080",
             "metricsPath": "/metrics", "labels": {"own": "1", "both": "target"}},
            {"name": "web-2", "address": "10.0.0.2:8080", "metrics_path": "/m", "labels": null}]},
          {"@type": "\(type)", "targets": null}]}
        """
    private static let path = "/base/v3/discovery:monitoringassignments"

    private func looks(
        _ count: Int, _ keys: String, _ api: ScriptedAPI
    ) async throws -> [SourceUpdate] {
        try await DiscoveryLooks().take(
            count, "kuma_sd_configs: [{server: 'http://u:geheim@k.x/base/', \(keys)}]",
            transport: api)
    }

    @Test func dataPlanesAreTargets() async throws {
        let api = ScriptedAPI([Self.path: Self.assignments])
        let update = try await looks(1, "client_id: me, fetch_timeout: 90s", api)[0]
        #expect(update.problems == [])
        let prefix = "__meta_kuma_"
        let common = [
            prefix + "mesh": "default", prefix + "service": "web",
            prefix + "label_kuma_io_zone": "a", prefix + "label_both": "service",
        ]
        #expect(
            update.labels == [
                common.merging([
                    "__address__": "10.0.0.1:8080", "instance": "web-1", "__scheme__": "http",
                    "__metrics_path__": "/metrics", prefix + "dataplane": "web-1",
                    prefix + "label_own": "1",
                ]) { $1 },
                common.merging([
                    "__address__": "10.0.0.2:8080", "instance": "web-2",
                    "__metrics_path__": "/m", prefix + "dataplane": "web-2",
                ]) { $1 },
            ])
        let request = try #require(api.requests.first)
        #expect(request.method == "POST" && request.timeout == .seconds(105))
        #expect(request.url == "http://u:geheim@k.x\(Self.path)?fetch-timeout=1m30s")
        #expect(
            String(decoding: request.body ?? [], as: UTF8.self)
                == #"{"node":{"id":"me"},"type_url":"\#(Self.type)"}"#)
    }

    @Test func aVersionThatIsKnownIsNotToldAgain() async throws {
        let api = ScriptedAPI([Self.path: Self.assignments])
        let updates = try await looks(2, "", api)
        #expect(updates[1].labels.count == 2)
        let body = String(decoding: api.requests[1].body ?? [], as: UTF8.self)
        #expect(body.contains(#""version_info":"v1","response_nonce":"n1","type_url":"#))
        let id = body.dropFirst(#"{"node":{"id":""#.count).prefix { $0 != "\"" }
        #expect(!id.isEmpty)
    }

    @Test func nothingNewKeepsTheTargets() async throws {
        let api = ScriptedAPI([:])
        api.set(Self.path, "", status: 304)
        let update = try await looks(1, "", api)[0]
        #expect(update.groups == nil && update.problems == [])
    }

    @Test func noAssignmentsAreNoTargets() async throws {
        let api = ScriptedAPI([Self.path: #"{"type_url": "\#(Self.type)"}"#])
        let update = try await looks(1, "", api)[0]
        #expect(update.problems == [] && update.groups?.map(\.targets) == [[]])
    }

    @Test(arguments: [
        (#"{"typeUrl": "other"}"#, 200, #"typeUrl: unknown type "other""#),
        ("{}", 200, #"typeUrl: unknown type """#), ("", 200, "unexpected end"),
        (#"{"typeUrl": "\#(type)", "resources": [{"@type": "x"}]}"#, 200, "@type: unknown type"),
        (
            #"{"typeUrl": "\#(type)", "resources": [{"@type": "\#(type)", "mesh": 1}]}"#, 200,
            "mesh: expected a string, found number"
        ),
        ("who?", 401, "HTTP status 401: who?"),
    ])
    func anErrorKeepsTheTargets(answer: String, status: Int, expected: String) async throws {
        let api = ScriptedAPI([:])
        api.set(Self.path, answer, status: status)
        let update = try await looks(1, "", api)[0]
        #expect(update.groups == nil)
        let problem = try #require(update.problems.first)
        #expect(problem.contains(expected) && problem.contains(Self.path), "\(problem)")
        #expect(!problem.contains("geheim"))
    }

    @Test(arguments: [
        ("", "kuma SD server must not be empty"), ("server: 'k.x'", "have a scheme"),
        ("server: 'http://k', fetch_timeout: x", "not a valid duration"),
    ])
    func whatIsWrongIsSaid(keys: String, expected: String) {
        let text = "scrape_configs: [{job_name: j, kuma_sd_configs: [{\(keys)}]}]"
        let result = TocsinConfiguration.load(
            text: Array(text.utf8), path: "t.yml", environment: [:])
        #expect(result.errors.contains { $0.description.contains(expected) }, "\(result.errors)")
    }
}
