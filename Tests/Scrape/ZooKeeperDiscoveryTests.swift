import Configuration
import Model
import Scrape
import Testing
import Transport

/// Members that are registered in ZooKeeper, with a server that speaks its protocol.
@Suite("Discovery: serverset and nerve", .timeLimit(.minutes(1))) struct ZooKeeperDiscoveryTests {
    private static let member =
        #"{"serviceEndpoint": {"host": "h1", "port": 80}, "additionalEndpoints": {"health-x": {"host": "h2", "port": 81}}, "status": "ALIVE", "shard": 3}"#

    /// Follows the job's discovery, and makes each change once its update has come.
    private func follow(
        _ job: String, _ steps: [(expected: @Sendable (SourceUpdate) -> Bool, then: () -> Void)]
    ) async throws {
        let text = "scrape_configs:\n- job_name: j\n  " + job
        let configuration = try TocsinConfiguration.load(
            text: Array(text.utf8), path: "t.yml", environment: [:]
        ).get()
        let source = try #require(
            TargetSources.of(configuration.scrapeConfigurations[0].discoveries).first)
        let clock = ManualClock()
        let environment = SourceEnvironment(
            clock: clock,
            transport: FakeTransport { (_) throws(TransportError) in
                throw TransportError(.connect, "not by HTTP")
            })
        let (updates, sink) = AsyncStream<SourceUpdate>.makeStream()
        let running = Task { await source.run(in: environment) { sink.yield($0) } }
        let ticking = Task {
            while !Task.isCancelled { await clock.advanceToNext(sleepers: 1) }
        }
        var left = steps[...]
        for await update in updates {
            if let step = left.first, step.expected(update) {
                step.then()
                left.removeFirst()
            }
            if left.isEmpty { break }
        }
        running.cancel()
        await running.value
        ticking.cancel()
        #expect(left.isEmpty)
    }

    @Test func membersAreTargetsAsLongAsTheyAreThere() async throws {
        let server = FakeZooKeeper([
            "/a": "", "/a/one": Self.member, "/a/one/deep": #"{"serviceEndpoint": {"host": "h9"}}"#,
            "/a/odd": "no JSON", "/a/list": "[]", "/b": "",
        ])
        defer { server.stop() }
        let address = try await server.start()
        let prefix = "__meta_serverset_"
        let one = [
            "__address__": "h1:80", prefix + "path": "/a/one", prefix + "endpoint_host": "h1",
            prefix + "endpoint_port": "80", prefix + "endpoint_host_health_x": "h2",
            prefix + "endpoint_port_health_x": "81", prefix + "status": "ALIVE",
            prefix + "shard": "3",
        ]
        let deep = [
            "__address__": "h9:0", prefix + "path": "/a/one/deep", prefix + "endpoint_host": "h9",
            prefix + "endpoint_port": "0", prefix + "shard": "0",
        ]
        let job = "serverset_sd_configs: [{servers: ['\(address)'], paths: [/a, /b]}]"
        try await follow(
            job,
            [
                (
                    { $0.labels == [one, deep] && $0.problems == [] },
                    { server.set("/b/two", #"{"serviceEndpoint": {"host": "::1", "port": 1}}"#) }
                ),
                (
                    { $0.addresses == ["h1:80", "h9:0", "[::1]:1"] },
                    { server.set("/b/two", #"{"serviceEndpoint": {"host": "h3", "port": 2}}"#) }
                ),
                ({ $0.addresses == ["h1:80", "h9:0", "h3:2"] }, { server.set("/a/one", nil) }),
                ({ $0.addresses == ["h3:2"] }, { server.dropConnections() }),
                ({ $0.groups == nil && $0.problems.first?.hasPrefix(address) == true }, {}),
                ({ $0.addresses == ["h3:2"] && $0.problems == [] }, {}),
            ])
    }

    @Test func nervesMembersAreTargets() async throws {
        let server = FakeZooKeeper([
            "/n": "", "/n/1": #"{"host": "10.0.0.1", "port": 9100, "name": "x", "weight": 1}"#,
        ])
        defer { server.stop() }
        let job = "nerve_sd_configs: [{servers: ['\(try await server.start())'], paths: [/n]}]"
        let prefix = "__meta_nerve_"
        try await follow(
            job,
            [
                (
                    {
                        $0.labels == [
                            [
                                "__address__": "10.0.0.1:9100", prefix + "path": "/n/1",
                                prefix + "endpoint_host": "10.0.0.1",
                                prefix + "endpoint_port": "9100", prefix + "endpoint_name": "x",
                            ]
                        ]
                    }, {}
                )
            ])
    }

    @Test func aPathThatIsMissingIsWaitedFor() async throws {
        let server = FakeZooKeeper(["/n": ""])
        defer { server.stop() }
        let address = try await server.start()
        try await follow(
            "nerve_sd_configs: [{servers: ['\(address)'], paths: [/n, /m]}]",
            [
                (
                    { $0.problems == ["path /m does not exist"] && $0.groups == [] },
                    { server.set("/m", #"{"host": "h", "port": 1}"#) }
                ),
                ({ $0.problems == [] && $0.addresses == ["h:1"] }, { server.set("/m", nil) }),
                ({ $0.problems == ["path /m does not exist"] && $0.groups == [] }, {}),
            ])
    }

    @Test func anotherServerTakesItsPlace() async throws {
        let (first, second) = (
            FakeZooKeeper([:]), FakeZooKeeper(["/n": #"{"host": "h", "port": 1}"#])
        )
        defer {
            first.stop()
            second.stop()
        }
        first.refuseSessions()
        let (a, b) = (try await first.start(), try await second.start())
        try await follow(
            "nerve_sd_configs: [{servers: ['\(a)', '\(b)'], paths: [/n]}]",
            [
                ({ $0.problems == ["\(a): the server opens no session"] }, {}),
                ({ $0.addresses == ["h:1"] }, {}),
            ])
    }

    @Test(arguments: [
        ([0x7f, 0xff, 0xff, 0xff], "ZooKeeperFrames.maximumMessage"),
        ([0, 0, 0, 2, 1, 2], "is cut off"),
        (
            [0, 0, 0, 16] + [UInt8](repeating: 0, count: 12) + [0xff, 0xff, 0xff, 0x9a], "code -102"
        ),
        ([0, 0, 0, 20] + [UInt8](repeating: 0, count: 16) + [0x7f, 0, 0, 0], "is cut off"),
    ])
    func answersThatAreNoneAreTold(bytes: [UInt8], expected: String) async throws {
        let server = FakeZooKeeper(["/n": #"{"host": "h", "port": 1}"#])
        defer { server.stop() }
        let address = try await server.start()
        server.answerNext(with: bytes)
        try await follow(
            "nerve_sd_configs: [{servers: ['\(address)'], paths: [/n]}]",
            [
                ({ $0.groups == nil && $0.problems.first?.contains(expected) == true }, {}),
                ({ $0.addresses == ["h:1"] }, {}),
            ])
    }

    @Test(arguments: ["serverset", "nerve"]) func whatIsWrongIsSaid(name: String) {
        func expect(_ keys: String, _ expected: String) {
            DiscoveryLooks.expectError("\(name)_sd_configs: [{\(keys)}]", "\(name) \(expected)")
        }
        expect("paths: [/a]", "SD config must contain at least one Zookeeper server")
        expect("servers: [a]", "SD config must contain at least one path")
        expect("servers: [a], paths: [b]", "SD config paths must begin with '/': b")
    }
}
