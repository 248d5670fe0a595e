import Configuration
import Model
import Scrape
import Testing
import Transport

/// DigitalOcean's droplets and databases, answered in the documented form of its API.
@Suite(.timeLimit(.minutes(1))) struct DigitalOceanDiscoveryTests {
    private static let droplets = """
        {"droplets": [{"id": 1, "name": "web", "status": "active", "size_slug": "s-1",
          "vpc_uuid": "v", "features": ["ipv6", "x"], "tags": ["a"],
          "image": {"slug": "debian", "name": "Debian 12"}, "region": {"slug": "fra1"},
          "networks": {"v4": [{"ip_address": "10.0.0.1", "type": "private"},
              {"ip_address": "1.2.3.4", "type": "public"},
              {"ip_address": "1.2.3.5", "type": "public"}],
            "v6": [{"ip_address": "fd00::1", "type": "public"}]}},
         {"id": 2, "networks": {"v4": []}}, {"id": 3, "networks": null}],
         "links": {"pages": {"next": "https://api.digitalocean.com/v2/droplets?page=2"}}}
        """
    private static let more = """
        {"droplets": [{"id": PAGE, "image": {}, "region": {}, "networks": {"v4": [{"type": "private",
          "ip_address": "10.0.0.2"}]}}], "links": {"pages": LINKS}}
        """

    static var answers: [String: String] {
        let before = "https://api.digitalocean.com/v2/droplets?page="
        return [
            "/v2/droplets": droplets,
            "/v2/droplets?page=2": more.replacing("PAGE", with: "2").replacing(
                "LINKS", with: "{\"prev\": \"\(before)1\", \"next\": \"\(before)3\"}"),
            "/v2/droplets?page=3": more.replacing("PAGE", with: "3").replacing(
                "LINKS", with: "{\"prev\": \"\(before)2\"}"),
            "/v2/databases?page=1&per_page=100": """
            {"databases": [{"id": "d1", "name": "pg", "engine": "pg", "version": "16",
              "status": "online", "region": "fra1", "size": "db-s", "num_nodes": 2,
              "connection": {"host": "public.x"}, "private_connection": {"host": "own.x"},
              "tags": ["prod", "a:b"]}]}
            """,
            "/v2/databases?page=2&per_page=100": """
            {"databases": [{"id": "d2", "connection": {"host": "fd00::2"}, "tags": null},
              {"id": "d3"}]}
            """,
            "/v2/databases?page=3&per_page=100": #"{"databases": []}"#,
        ]
    }

    private func look(_ keys: String, _ api: ScriptedAPI) async throws -> SourceUpdate {
        try await DiscoveryLooks().take(
            1, "digitalocean_sd_configs: [{authorization: {credentials: geheim}, \(keys)}]",
            transport: api)[0]
    }

    @Test func dropletsAreTargets() async throws {
        let api = ScriptedAPI(Self.answers)
        let update = try await look("port: 9100", api)
        #expect(update.problems == [])
        let prefix = "__meta_digitalocean_"
        #expect(
            update.labels == [
                [
                    "__address__": "1.2.3.4:9100", prefix + "droplet_id": "1",
                    prefix + "droplet_name": "web", prefix + "image": "debian",
                    prefix + "image_name": "Debian 12", prefix + "private_ipv4": "10.0.0.1",
                    prefix + "public_ipv4": "1.2.3.4", prefix + "public_ipv6": "fd00::1",
                    prefix + "region": "fra1", prefix + "size": "s-1",
                    prefix + "status": "active", prefix + "vpc": "v",
                    prefix + "features": ",ipv6,x,", prefix + "tags": ",a,",
                ],
                [
                    "__address__": ":9100", prefix + "droplet_id": "2",
                    prefix + "private_ipv4": "10.0.0.2",
                ],
                [
                    "__address__": ":9100", prefix + "droplet_id": "3",
                    prefix + "private_ipv4": "10.0.0.2",
                ],
            ])
        #expect(
            api.requests.map(\.url)
                == ["", "?page=2", "?page=3"].map {
                    "https://api.digitalocean.com/v2/droplets" + $0
                })
        #expect(api.requests.allSatisfy { $0.authorization == .bearer("geheim") })
    }

    @Test func databasesAreTargets() async throws {
        let api = ScriptedAPI(Self.answers)
        let update = try await look("role: databases, port: 9273", api)
        #expect(update.problems == [])
        let prefix = "__meta_digitalocean_db_"
        #expect(
            update.labels == [
                [
                    "__address__": "own.x:9273", prefix + "id": "d1", prefix + "name": "pg",
                    prefix + "engine": "pg", prefix + "version": "16",
                    prefix + "status": "online", prefix + "region": "fra1",
                    prefix + "size": "db-s", prefix + "num_nodes": "2",
                    prefix + "host": "public.x", prefix + "private_host": "own.x",
                    prefix + "tag_prod": "true", prefix + "tag_a:b": "true",
                ],
                [
                    "__address__": "[fd00::2]:9273", prefix + "id": "d2",
                    prefix + "num_nodes": "0", prefix + "host": "fd00::2",
                ],
                [prefix + "id": "d3", prefix + "num_nodes": "0"],
            ])
        #expect(api.requests.count == 3)
    }

    @Test(arguments: [
        ("", "/v2/droplets?page=2", "who?", 401, "HTTP status 401: who?"),
        ("", "/v2/droplets", "[]", 200, "expected an object, found array"),
        (
            "", "/v2/droplets?page=2",
            #"{"links": {"pages": {"prev": "/v2/droplets?page=x", "next": "y"}}}"#, 200,
            "prev: no number of a page"
        ),
        ("role: databases,", "/v2/databases?page=3&per_page=100", "", 503, "HTTP status 503"),
    ])
    func anErrorOfOnePageKeepsTheTargets(
        keys: String, path: String, answer: String, status: Int, expected: String
    ) async throws {
        let api = ScriptedAPI(Self.answers)
        api.set(path, answer, status: status)
        let update = try await look(keys, api)
        #expect(update.groups == nil)
        let problem = try #require(update.problems.first)
        #expect(problem.contains(expected), "\(problem)")
        #expect(problem.contains("https://api.digitalocean.com/v2/") && !problem.contains("geheim"))
    }

    @Test func pagesWithoutEndAreAnError() async throws {
        let update = try await look(
            "role: databases", ScriptedAPI(["/v2/databases": #"{"databases": [{"id": "d"}]}"#]))
        #expect(update.problems.first?.contains("APIPages.maximum") == true)
    }

    @Test func anUnknownRoleIsAnError() {
        let text = "scrape_configs: [{job_name: j, digitalocean_sd_configs: [{role: x}]}]"
        let result = TocsinConfiguration.load(
            text: Array(text.utf8), path: "t.yml", environment: [:])
        let expected = #"unknown DigitalOcean SD role "x""#
        #expect(result.errors.contains { $0.description.contains(expected) }, "\(result.errors)")
    }
}
