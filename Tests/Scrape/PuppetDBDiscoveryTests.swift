import Configuration
import Model
import Scrape
import Testing
import Transport

/// PuppetDB's resources, answered in the documented form of its API.
@Suite(.timeLimit(.minutes(1))) struct PuppetDBDiscoveryTests {
    private func look(
        _ answer: String, _ keys: String = "", status: Int = 200,
        type: String = "application/json;charset=utf-8"
    ) async throws -> (SourceUpdate, HTTPRequest?) {
        let api = ScriptedAPI([:])
        api.set("/base/pdb/query/v4", answer, status: status, type: type)
        let update = try await DiscoveryLooks().take(
            1,
            "puppetdb_sd_configs: [{url: 'https://u:geheim@p.x/base/?a=1', "
                + "query: 'resources { type = \"A\\B\" }', \(keys)}]", transport: api)[0]
        return (update, api.requests.first)
    }

    static let resources = #"""
        [{"certname": "web.example.com", "resource": "49af", "type": "Class", "title": "Apache",
          "exported": true, "tags": ["a", "b"], "file": "/etc/site.pp",
          "environment": "prod", "parameters": {
            "port": 8080, "big": 12345678, "part": 0.5, "on": true, "off": false, "none": null,
            "empty": "", "list": ["x", 1, null, ["y"], {"z": 1}, false], "no-list": [],
            "deep": {"er.1": {"est": "v"}, "n": 1}}},
         {"certname": "fd00::1", "tags": [], "parameters": null}]
        """#

    @Test func resourcesAreTargets() async throws {
        let (update, request) = try await look(
            Self.resources, "include_parameters: true, port: 9100, refresh_interval: 7s")
        #expect(update.problems == [])
        let prefix = "__meta_puppetdb_"
        let query = #"resources { type = "A\B" }"#
        #expect(
            update.labels == [
                [
                    "__address__": "web.example.com:9100", prefix + "query": query,
                    prefix + "certname": "web.example.com", prefix + "resource": "49af",
                    prefix + "type": "Class", prefix + "title": "Apache",
                    prefix + "exported": "true", prefix + "tags": ",a,b,",
                    prefix + "file": "/etc/site.pp", prefix + "environment": "prod",
                    prefix + "parameter_port": "8080",
                    prefix + "parameter_big": "1.2345678e+07",
                    prefix + "parameter_part": "0.5", prefix + "parameter_on": "true",
                    prefix + "parameter_off": "false",
                    prefix + "parameter_list": "x,1,,,,false",
                    prefix + "parameter_deep_er_1_est": "v", prefix + "parameter_deep_n": "1",
                ],
                [
                    "__address__": "[fd00::1]:9100", prefix + "query": query,
                    prefix + "certname": "fd00::1", prefix + "exported": "false",
                ],
            ])
        let asked = try #require(request)
        #expect(asked.method == "POST" && asked.timeout == .seconds(7))
        #expect(asked.url == "https://u:geheim@p.x/base/pdb/query/v4?a=1")
        #expect(asked.headers.contains(.init("Content-Type", "application/json")))
        #expect(
            String(decoding: asked.body ?? [], as: UTF8.self)
                == #"{"query":"resources { type = \"A\\B\" }"}"#)
    }

    @Test func parametersAreLeftOutUnlessTheyAreAskedFor() async throws {
        let (update, _) = try await look(Self.resources)
        #expect(update.addresses == ["web.example.com:80", "[fd00::1]:80"])
        #expect(!update.labels.contains { $0.keys.contains { $0.contains("parameter") } })
    }

    @Test func noResourcesAreNoTargets() async throws {
        let (update, _) = try await look("[]")
        #expect(update.problems == [] && update.groups?.map(\.targets) == [[]])
        #expect(update.groups?.first?.place.contains("geheim") == false)
    }

    @Test(arguments: [
        ("[]", 200, "text/html", #"unsupported content type "text/html""#),
        ("{}", 200, "application/json", "expected a list, found object"),
        (
            #"[{"exported": "yes"}]"#, 200, "application/json",
            "exported: expected a bool, found string"
        ),
        (#"[{"parameters": [1]}]"#, 200, "application/json", "parameters: expected an object"),
        ("PQL parse error", 400, "text/plain", "HTTP status 400: PQL parse error"),
        ("[]", 204, "application/json", "HTTP status 204"),
    ])
    func anErrorKeepsTheTargets(
        answer: String, status: Int, type: String, expected: String
    ) async throws {
        let (update, _) = try await look(answer, status: status, type: type)
        #expect(update.groups == nil)
        let problem = try #require(update.problems.first)
        #expect(problem.contains(expected) && problem.contains("/pdb/query/v4"), "\(problem)")
        #expect(!problem.contains("geheim"))
    }

    @Test(arguments: [
        ("query: q", "URL is missing"), ("url: 'http://h'", "query missing"),
        ("url: 'ftp://h', query: q", "URL scheme must be 'http' or 'https'"),
        ("url: 'http://', query: q", "host is missing in URL"),
    ])
    func whatIsWrongIsSaid(keys: String, expected: String) {
        let text = "scrape_configs: [{job_name: j, puppetdb_sd_configs: [{\(keys)}]}]"
        let result = TocsinConfiguration.load(
            text: Array(text.utf8), path: "t.yml", environment: [:])
        #expect(result.errors.contains { $0.description.contains(expected) }, "\(result.errors)")
    }
}
