import Configuration
import Model
import Scrape
import Synchronization
import Testing
import Transport

/// Answers as a test wants.
private struct FakeResolver: NameResolving {
    let answer: @Sendable (_ name: String, DNSRecordType) -> DNSAnswer

    func look(up names: [String], type: DNSRecordType) async -> [DNSAnswer] {
        names.map { answer($0, type) }
    }
}

/// The discoveries of a configuration, run with a clock that stands still between looks.
@Suite(.timeLimit(.minutes(1))) struct NetworkDiscoveryTests {
    /// What the job's discovery brings at each of some looks, one after the other.
    private func looks(
        _ count: Int, _ job: String, resolver: any NameResolving = CAresResolver(),
        _ answer: @escaping @Sendable (HTTPRequest) throws(TransportError) -> HTTPResponse = {
            (_) throws(TransportError) in throw TransportError(.connect, "refused")
        }
    ) async throws -> [SourceUpdate] {
        try await DiscoveryLooks().take(
            count, job, resolver: resolver, transport: FakeTransport(answer: answer))
    }

    @Test func servicesBringTheirPorts() async throws {
        let resolver = FakeResolver { name, type in
            #expect(name == "_api._tcp.x" && type == .srv)
            return .records([DNSRecord(host: "a.x", port: 8001), DNSRecord(host: "b.x", port: 2)])
        }
        let update = try await looks(
            1, "dns_sd_configs: [{names: [_api._tcp.x]}]", resolver: resolver)
        #expect(
            update[0].labels == [
                [
                    "__address__": "a.x:8001", "__meta_dns_name": "_api._tcp.x",
                    "__meta_dns_srv_record_target": "a.x.", "__meta_dns_srv_record_port": "8001",
                ],
                [
                    "__address__": "b.x:2", "__meta_dns_name": "_api._tcp.x",
                    "__meta_dns_srv_record_target": "b.x.", "__meta_dns_srv_record_port": "2",
                ],
            ])
    }

    @Test(arguments: [
        ("A", "10.0.0.1", "10.0.0.1:80", ""), ("aaaa", "fe80::1", "[fe80::1]:80", ""),
        ("MX", "mail.x", "mail.x:80", "__meta_dns_mx_record_target"),
        ("NS", "ns.x", "ns.x:80", "__meta_dns_ns_record_target"),
    ])
    func otherRecordsGetThePort(
        type: String, host: String, address: String, label: String
    ) async throws {
        let update = try await looks(
            1, "dns_sd_configs: [{names: [x], type: \(type), port: 80}]",
            resolver: FakeResolver { _, _ in .records([DNSRecord(host: host)]) })
        var expected = ["__address__": address, "__meta_dns_name": "x"]
        if !label.isEmpty { expected[label] = host + "." }
        #expect(update[0].labels == [expected])
    }

    @Test func aNameThatCannotBeAskedForKeepsItsTargetsAndOneThatIsGoneHasNone() async throws {
        let round = Mutex(0)
        let resolver = FakeResolver { name, _ in
            let now = round.withLock { round in
                if name == "a" { round += 1 }
                return round
            }
            if now == 1 { return .records([DNSRecord(host: name, port: 1)]) }
            return name == "a" ? .failed("could not resolve \"a\"") : .records([])
        }
        let updates = try await looks(
            2, "dns_sd_configs: [{names: [a, b], refresh_interval: 5s}]", resolver: resolver)
        #expect(updates[0].labels.map { $0["__address__"] } == ["a:1", "b:1"])
        #expect(updates[1].labels.map { $0["__address__"] } == ["a:1"])
        #expect(updates[1].problems == ["could not resolve \"a\""])
    }

    @Test func targetGroupsComeByHTTP() async throws {
        let requests = Mutex<[HTTPRequest]>([])
        let updates = try await looks(
            1,
            """
            http_sd_configs:
              - url: http://u:geheim@sd.x/targets?team=a
                refresh_interval: 30s
                authorization: {credentials: token}
            """
        ) { (request) throws(TransportError) in
            requests.withLock { $0.append(request) }
            return FakeTransport.text(
                #"[{"targets": ["a:1", "b:2"], "labels": {"zone": "z", "__meta_x": "y"}}, {"targets": []}]"#,
                type: "application/json; charset=utf-8")
        }
        #expect(
            updates[0].labels.map { $0["__address__"] } == ["a:1", "b:2"])
        let first = try #require(updates[0].labels.first)
        #expect(first["zone"] == "z" && first["__meta_x"] == "y")
        let shown = try #require(first["__meta_url"])
        #expect(shown.hasSuffix("sd.x/targets?team=a") && !shown.contains("geheim"))
        let request = try #require(requests.withLock { $0 }.first)
        #expect(request.url == "http://u:geheim@sd.x/targets?team=a")
        #expect(request.headers.contains { $0.name == "Accept" && $0.value == "application/json" })
        #expect(
            request.headers.contains {
                $0.name == "X-Prometheus-Refresh-Interval-Seconds" && $0.value == "30"
            })
        #expect(request.timeout == .seconds(30))
        #expect(request.authorization != nil)
    }

    @Test(arguments: [
        (503, "application/json", "[]", "server returned HTTP status 503"),
        (200, "text/html", "[]", "unsupported content type \"text/html\""),
        (200, "application/json", "[null]", "nil target group item found"),
        (200, "application/json", "{}", "cannot unmarshal object"),
        (200, "application/json", "[", "unexpected end of JSON input"),
    ])
    func anAnswerOfNoUseKeepsTheTargets(
        status: Int, type: String, body: String, expected: String
    ) async throws {
        let updates = try await looks(
            1, "http_sd_configs: [{url: 'http://u:geheim@sd.x/?key=token&token'}]"
        ) { (_) throws(TransportError) in
            HTTPResponse(
                status: status, reason: "", headers: [.init("Content-Type", type)],
                body: Array(body.utf8))
        }
        #expect(updates[0].groups == nil)
        let problem = try #require(updates[0].problems.first)
        #expect(problem.contains(expected) && problem.contains("sd.x"))
        #expect(!problem.contains("geheim") && !problem.contains("token"))
    }

    @Test func anEndpointThatIsNotReachedIsNamedWithoutItsSecrets() async throws {
        let updates = try await looks(
            1, "http_sd_configs: [{url: 'http://u:geheim@sd.x/?key=token&site=b'}]"
        ) { (_) throws(TransportError) in throw TransportError(.connect, "connection refused") }
        #expect(
            updates[0]
                == .failure(
                    "Get \"http://xxxxx@sd.x/?key=xxxxx&site=xxxxx\": connection refused"))
    }

    @Test func anAnswerOverTheLimitNamesIt() async throws {
        let updates = try await looks(
            1, "http_sd_configs: [{url: 'http://sd.x/'}]"
        ) { (request) throws(TransportError) in
            throw TransportError(.tooLarge(limit: request.maximumBodyBytes), "too large")
        }
        #expect(
            updates[0]
                == .failure("Get \"http://sd.x/\": too large (APIClient.maximumAnswer)"))
    }

    @Test func anIntervalOfNothingIsASecond() async throws {
        let looks = DiscoveryLooks()
        let began = looks.clock.now
        _ = try await looks.take(
            2, "http_sd_configs: [{url: 'http://sd.x/', refresh_interval: 0s}]",
            transport: FakeTransport { (_) throws(TransportError) in
                FakeTransport.text("[]", type: "application/json")
            })
        #expect(looks.clock.now == began + .seconds(1))
    }

    @Test func anEmptyListEmpties() async throws {
        let updates = try await looks(
            1, "http_sd_configs: [{url: 'http://sd.x/'}]"
        ) { (_) throws(TransportError) in FakeTransport.text("[]", type: "application/json") }
        #expect(updates[0] == SourceUpdate(groups: []))
    }

    @Test(arguments: [
        ("dns_sd_configs: [{}]", "DNS-SD config must contain at least one SRV record name"),
        (
            "dns_sd_configs: [{names: [a], type: A}]",
            "a port is required in DNS-SD configs for all record types except SRV"
        ),
        ("dns_sd_configs: [{names: [a], type: TXT}]", "invalid DNS-SD records type TXT"),
        ("dns_sd_configs: [{names: [a], nams: 1}]", "field nams not found"),
        ("http_sd_configs: [{}]", "URL is missing"),
        ("http_sd_configs: [{url: 'ftp://x'}]", "URL scheme must be 'http' or 'https'"),
        ("http_sd_configs: [{url: 'http://'}]", "host is missing in URL"),
    ])
    func whatIsWrongIsSaid(job: String, expected: String) {
        let text = "scrape_configs:\n- job_name: j\n  " + job
        let result = TocsinConfiguration.load(
            text: Array(text.utf8), path: "t.yml", environment: [:])
        #expect(result.errors.contains { $0.description.contains(expected) }, "\(result.errors)")
    }
}

@Suite(.timeLimit(.minutes(1))) struct DiscoveryPreviewTests {
    @Test func showsWhatEachSourceFindsAndWhatRelabellingDrops() async throws {
        let text = """
            scrape_configs:
            - job_name: j
              static_configs: [{targets: ["keep:1", "drop:1"]}]
              http_sd_configs: [{url: 'http://sd.x/'}, {url: 'http://down.x/'}]
              relabel_configs:
              - {source_labels: [__address__], target_label: host}
              - {source_labels: [host], regex: 'drop.*', action: drop}
            """
        let configuration = try TocsinConfiguration.load(
            text: Array(text.utf8), path: "t.yml", environment: [:]
        ).get()
        let transport = FakeTransport { (request) throws(TransportError) in
            if request.url.contains("down") { throw TransportError(.connect, "refused") }
            return FakeTransport.text(#"[{"targets": ["a:1", "b/c"]}]"#, type: "application/json")
        }
        let preview = await DiscoveryPreview.look(
            configuration.scrapeConfigurations[0],
            in: SourceEnvironment(clock: ManualClock(), transport: transport), for: .seconds(60))
        #expect(
            preview.sources.map(\.section) == [
                "static_configs", "http_sd_configs", "http_sd_configs",
            ])
        #expect(preview.sources.map(\.index) == [0, 0, 1])
        #expect(preview.sources[2].update?.problems.first?.contains("refused") == true)
        #expect(preview.targets.map { $0.labels.value("host") } == ["keep:1", "a:1"])
        #expect(preview.dropped.map { $0.discoveredLabels.value("__address__") } == ["drop:1"])
        #expect(preview.dropped.first?.rule == 2)
        #expect(preview.failures.count == 1)
    }
}
