import Configuration
import Model
import Scrape
import Synchronization
import Testing
import Transport

/// Consul's catalog and health, followed with blocking queries.
@Suite(.timeLimit(.minutes(1))) struct ConsulDiscoveryTests {
    private static let health = "/v1/health/service/"
    private static let catalog = "/v1/catalog/services"

    private let clock = ManualClock()
    private let consul: FakeConsul

    init() { consul = FakeConsul(clock) }

    /// Runs a discovery, with a clock that moves on whenever somebody waits for it. `body` is handed a way
    /// to the next update that is wanted.
    private func run(
        _ keys: String,
        _ body: (_ next: (_ isWanted: (SourceUpdate) -> Bool) async throws -> SourceUpdate)
            async throws -> Void
    ) async throws {
        let text = "scrape_configs: [{job_name: j, consul_sd_configs: [{\(keys)}]}]"
        let configuration = try TocsinConfiguration.load(
            text: Array(text.utf8), path: "t.yml", environment: [:]
        ).get()
        let source = try #require(
            TargetSources.of(configuration.scrapeConfigurations[0].discoveries).first)
        let environment = SourceEnvironment(clock: clock, transport: consul)
        let (updates, sink) = AsyncStream<SourceUpdate>.makeStream()
        let running = Task { await source.run(in: environment) { sink.yield($0) } }
        let moving = Task { [clock] in
            while !Task.isCancelled {
                await clock.advanceToNext(sleepers: 1)
                await Task.yield()
            }
        }
        var iterator = updates.makeAsyncIterator()
        try await body { isWanted in
            for _ in 0..<1000 {
                let update = try #require(await iterator.next())
                if isWanted(update) { return update }
            }
            throw Unwanted()
        }
        moving.cancel()
        running.cancel()
        await running.value
    }

    private struct Unwanted: Error {}

    private func query(_ path: String, _ number: Int = 0) throws -> Set<String> {
        let requests = consul.requests(path)
        try #require(requests.count > number)
        return Set(FakeConsul.parts(requests[number].request).query.map(String.init))
    }

    @Test func instancesAreTargets() async throws {
        consul.register(
            "web",
            """
            [{"Node": {"Node": "alpha", "Address": "10.0.0.1", "Meta": {"rack-id": "r1"},
                "TaggedAddresses": {"lan": "10.0.0.1", "wan_ipv4": "1.2.3.4"}},
              "Service": {"ID": "web-1", "Service": "web", "Address": "10.9.0.1", "Port": 8080,
                "Tags": ["a", "b"], "Meta": {"version": "2"}, "Namespace": "ns1",
                "Partition": "p1"},
              "Checks": [{"CheckID": "serfHealth", "Status": "passing"},
                {"CheckID": "http", "Status": "warning"}]},
             {"Node": {"Node": "beta", "Address": "fd00::1"},
              "Service": {"ID": "web-2", "Address": "", "Tags": null}, "Checks": []}]
            """)
        try await run("services: [web]") { next in
            let update = try await next { _ in true }
            #expect(update.problems == [])
            let common = ["__meta_consul_service": "web", "__meta_consul_dc": "dc1"]
            #expect(
                update.labels == [
                    [
                        "__address__": "10.9.0.1:8080", "__meta_consul_address": "10.0.0.1",
                        "__meta_consul_node": "alpha", "__meta_consul_namespace": "ns1",
                        "__meta_consul_partition": "p1", "__meta_consul_tags": ",a,b,",
                        "__meta_consul_service_address": "10.9.0.1",
                        "__meta_consul_service_port": "8080",
                        "__meta_consul_service_id": "web-1", "__meta_consul_health": "warning",
                        "__meta_consul_metadata_rack_id": "r1",
                        "__meta_consul_service_metadata_version": "2",
                        "__meta_consul_tagged_address_lan": "10.0.0.1",
                        "__meta_consul_tagged_address_wan_ipv4": "1.2.3.4",
                    ].merging(common) { own, _ in own },
                    [
                        "__address__": "[fd00::1]:0", "__meta_consul_address": "fd00::1",
                        "__meta_consul_node": "beta", "__meta_consul_tags": ",,",
                        "__meta_consul_service_port": "0", "__meta_consul_service_id": "web-2",
                        "__meta_consul_health": "passing",
                    ].merging(common) { own, _ in own },
                ])
        }
        #expect(consul.requests(Self.catalog).isEmpty)
    }

    @Test(arguments: [
        (#"{"Status": "passing"}, {"Status": "critical"}, {"Status": "warning"}"#, "critical"),
        (#"{"Status": "passing"}"#, "passing"),
        (
            #"{"Status": "critical"}, {"CheckID": "_node_maintenance", "Status": "x"}"#,
            "maintenance"
        ),
        (#"{"CheckID": "_service_maintenance:web", "Status": "critical"}"#, "maintenance"),
        (#"{"Status": "critical"}, {"Status": "odd"}"#, nil),
    ])
    func healthIsTheWorstOfAllChecks(checks: String, expected: String?) async throws {
        consul.register("web", #"[{"Service": {"Port": 1}, "Checks": [\#(checks)]}]"#)
        try await run("services: [web]") { next in
            let update = try await next { _ in true }
            #expect(update.labels.first?["__meta_consul_health"] == expected)
        }
    }

    @Test func everythingThatIsConfiguredIsAskedFor() async throws {
        consul.register("web", port: 1)
        try await run(
            """
            server: 'https://c.x:8501', scheme: http, token: geheim, datacenter: dc2,
            namespace: ns1, partition: p1, tags: [a, b], node_meta: {rack: r1, zone: z},
            filter: 'ServiceName != "x y"', health_filter: Checks.Status != critical,
            services: [web], username: u, password: p
            """
        ) { next in
            let update = try await next { _ in true }
            #expect(update == SourceUpdate(groups: []))
        }
        let request = try #require(consul.requests.first?.request)
        #expect(request.url.hasPrefix("https://c.x:8501/v1/catalog/services?"))
        #expect(
            request.headers.contains { $0.name == "X-Consul-Token" && $0.value == "geheim" })
        #expect(request.authorization == .basic(user: "u", password: "p"))
        #expect(request.timeout == .seconds(135))
        #expect(
            try query(Self.catalog) == [
                "wait=120000ms", "stale=", "node-meta=rack%3Ar1", "node-meta=zone%3Az", "dc=dc2",
                "ns=ns1", "partition=p1", "filter=ServiceName+%21%3D+%22x+y%22",
            ])
        #expect(consul.requests("/v1/agent/self").isEmpty)
    }

    @Test func healthIsAskedForWithTagsAndItsFilter() async throws {
        consul.register("web", tags: ["b", "c", "a"], port: 1)
        consul.register("db", tags: ["a"], port: 2)
        try await run(
            "tags: [a, b], health_filter: x == y, allow_stale: false, server: 'unix:///run/c'"
        ) { next in
            let update = try await next { $0.groups != nil }
            #expect(update.addresses == ["10.0.0.1:1"])
        }
        #expect(
            try query(Self.health + "web") == [
                "wait=120000ms", "tag=a", "tag=b", "filter=x+%3D%3D+y",
            ])
        #expect(consul.requests(Self.health + "db").isEmpty)
        #expect(consul.requests.allSatisfy { $0.request.unixSocket == "/run/c" })
    }

    @Test(arguments: [
        ("server: 'c.x:8500', path_prefix: /consul", "http://c.x:8500/consul/v1/agent/self"),
        ("server: 'c.x', scheme: https", "https://c.x/v1/agent/self"),
        ("server: 'http://c.x/in', path_prefix: /out", "http://c.x/in/v1/agent/self"),
        ("server: 'http://c.x', scheme: https", "https://c.x/v1/agent/self"),
        ("", "http://localhost:8500/v1/agent/self"),
    ])
    func theServerIsWhereItIsSaidToBe(keys: String, url: String) async throws {
        consul.fail(["/v1/agent/self", "/consul/v1/agent/self", "/in/v1/agent/self"])
        try await run(keys) { next in
            let update = try await next { _ in true }
            #expect(update.groups == nil)
            #expect(
                update.problems == [
                    "Get \"\(url)\": server returned HTTP status 500: No cluster leader"
                ])
        }
        #expect(consul.requests.first?.request.url == url)
    }

    @Test func aServerOfAnUnknownSchemeIsAProblem() async throws {
        try await run("server: 'tcp://c.x'") { next in
            let update = try await next { _ in true }
            #expect(update.problems.first?.contains("unknown protocol scheme") == true)
        }
    }

    @Test func servicesComeAndGo() async throws {
        consul.register("web", port: 1)
        try await run("") { next in
            _ = try await next { $0.addresses == ["10.0.0.1:1"] }
            consul.register("db", port: 2)
            _ = try await next { $0.addresses == ["10.0.0.1:2", "10.0.0.1:1"] }
            consul.register("web", "[]")
            _ = try await next { $0.addresses == ["10.0.0.1:2"] && $0.groups?.count == 2 }
            consul.deregister("web")
            _ = try await next { $0.groups?.count == 1 }
            consul.deregister("db")
            let update = try await next { $0.groups?.isEmpty == true }
            #expect(update.problems == [])
        }
    }

    @Test func whatIsKnownIsNotAskedForAgain() async throws {
        consul.register("web", port: 1)
        try await run("services: [web], refresh_interval: 20s") { next in
            _ = try await next { _ in true }
            consul.register("web", port: 2)
            _ = try await next { $0.addresses == ["10.0.0.1:2"] }
        }
        #expect(!(try query(Self.health + "web")).contains { $0.hasPrefix("index=") })
        #expect(try query(Self.health + "web", 1).contains("index=8"))
        let times = consul.requests(Self.health + "web").map(\.time)
        #expect(times[1] - times[0] >= .seconds(20))
    }

    @Test func anIndexThatGoesBackStartsFromTheBeginning() async throws {
        consul.register("web", port: 1)
        try await run("services: [web]") { next in
            _ = try await next { $0.addresses == ["10.0.0.1:1"] }
            consul.register("web", port: 2)
            consul.restore(3)
            _ = try await next { $0.addresses == ["10.0.0.1:2"] }
            consul.register("web", port: 3)
            _ = try await next { $0.addresses == ["10.0.0.1:3"] }
        }
        let asked = try consul.requests(Self.health + "web").indices.map { number in
            try query(Self.health + "web", number).first { $0.hasPrefix("index=") }
        }
        // After the answer whose index was lower, one without an index is asked for.
        #expect(asked.prefix(3) == [nil, "index=8", nil])
    }

    @Test func anAgentThatSendsNoIndexIsAskedAtIntervals() async throws {
        consul.register("web", port: 1)
        consul.restore(nil)
        try await run("services: [web]") { next in
            _ = try await next { $0.addresses == ["10.0.0.1:1"] }
            consul.register("web", port: 2)
            _ = try await next { $0.addresses == ["10.0.0.1:2"] }
        }
        let times = consul.requests(Self.health + "web").map(\.time)
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= .seconds(30) })
    }

    @Test func anErrorKeepsTheTargetsAndIsTriedAgainAfterAWhile() async throws {
        consul.register("web", port: 1)
        consul.register("db", port: 2)
        try await run("refresh_interval: 1s") { next in
            _ = try await next { $0.addresses == ["10.0.0.1:2", "10.0.0.1:1"] }
            consul.fail([Self.health + "web", Self.catalog])
            let failed = try await next { $0.problems.count == 2 }
            #expect(failed.addresses == ["10.0.0.1:2", "10.0.0.1:1"])
            #expect(failed.problems[0].contains("/v1/catalog/services"))
            #expect(failed.problems[1].contains("/v1/health/service/web"))
            #expect(failed.problems.allSatisfy { $0.contains("500: No cluster leader") })
            let asked = consul.requests(Self.health + "web").count
            _ = try await next { _ in consul.requests(Self.health + "web").count > asked + 2 }
            let times = consul.requests(Self.health + "web").map(\.time).suffix(2)
            #expect(try #require(times.last) - #require(times.first) >= .seconds(15))
            consul.fail([])
            let again = try await next { $0.problems.isEmpty }
            #expect(again.addresses == ["10.0.0.1:2", "10.0.0.1:1"])
        }
    }

    @Test func theFirstTargetsAreThoseOfAllServices() async throws {
        consul.register("web", port: 1)
        consul.register("db", port: 2)
        consul.register("bad", port: 3)
        consul.fail([Self.health + "bad"])
        consul.hold([Self.health + "db"])
        let releasing = Task { [consul] in
            while consul.requests(Self.health + "web").count < 2, !Task.isCancelled {
                await Task.yield()
            }
            consul.hold([])
        }
        try await run("") { next in
            let first = try await next { $0.groups != nil }
            #expect(first.addresses == ["10.0.0.1:2", "10.0.0.1:1"])
            #expect(first.problems.count == 1)
        }
        releasing.cancel()
    }

    @Test func anAnswerThatIsNoneIsAProblem() async throws {
        consul.register("web", #"[{"Service": {"Port": "80"}}]"#)
        try await run("services: [web]") { next in
            let update = try await next { _ in true }
            #expect(
                update.problems.first?.contains("1:23: Port: expected a whole number, found string")
                    == true, "\(update.problems)")
        }
    }

    @Test(arguments: [
        ("server: ''", "consul SD configuration requires a server address"),
        (
            "username: u, basic_auth: {username: u}",
            "at most one of consul SD configuration username and password and basic auth can be configured"
        ),
        (
            "token: t, authorization: {credentials: c}",
            "at most one of consul SD token, authorization, or oauth2 can be configured"
        ),
        ("sevices: [a]", "field sevices not found; did you mean services?"),
    ])
    func whatIsWrongIsSaid(keys: String, expected: String) {
        let text = "scrape_configs: [{job_name: j, consul_sd_configs: [{\(keys)}]}]"
        let result = TocsinConfiguration.load(
            text: Array(text.utf8), path: "t.yml", environment: [:])
        #expect(result.errors.contains { $0.description.contains(expected) }, "\(result.errors)")
    }
}
