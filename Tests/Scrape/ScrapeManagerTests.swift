import Configuration
import Model
import Scrape
import Store
import Synchronization
import Testing
import Transport

@Suite(.timeLimit(.minutes(1))) struct ScrapeManagerTests {
    private let store = Store()
    private let clock = ManualClock()
    private let files = FakeFiles()

    private func manager(
        _ answer: @escaping @Sendable (HTTPRequest) throws(TransportError) -> HTTPResponse = {
            (_) throws(TransportError) in FakeTransport.text("a 1\n")
        }
    ) -> ScrapeManager {
        var options = ScrapeManager.Options()
        options.files = files.access
        return ScrapeManager(
            store: store, transport: FakeTransport(answer: answer), clock: clock, options: options)
    }

    private func job(_ name: String, _ targets: [String]) -> ScrapeConfiguration {
        var configuration = ScrapeConfiguration(jobName: name)
        configuration.scrapeInterval = .seconds(15)
        configuration.discoveries.staticTargets = [TargetGroup(targets: targets)]
        return configuration
    }

    /// Runs the manager, moving the clock from one due time to the next, until `count` scrapes were
    /// seen. `after` is called with the number of each.
    private func run(
        _ manager: ScrapeManager, sleepers: Int, scrapes count: Int,
        after: (Int) -> Void = { _ in }
    ) async -> [ScrapeObservation] {
        let (stream, continuation) = AsyncStream<ScrapeObservation>.makeStream()
        // Time stops with the last scrape that is asked for, before its target waits for the next one.
        let left = ScrapesLeft(count)
        manager.observe {
            left.countDown()
            continuation.yield($0)
        }
        let running = Task { await manager.run() }
        var seen: [ScrapeObservation] = []
        let moving = Task {
            while !Task.isCancelled, !left.areNone {
                await clock.advanceToNext(sleepers: sleepers) { left.areNone }
            }
        }
        for await observation in stream {
            seen.append(observation)
            after(seen.count)
            if seen.count == count { break }
        }
        moving.cancel()
        await moving.value
        running.cancel()
        await running.value
        return seen
    }

    @Test func scrapesEveryTargetAtItsPlaceInTheInterval() async {
        let manager = manager()
        manager.apply([job("api", ["a:1", "b:2"])])
        let seen = await run(manager, sleepers: 2, scrapes: 6)
        #expect(seen.allSatisfy { $0.report.error == nil })
        for target in Set(seen.map(\.target)) {
            let times = seen.filter { $0.target == target }.map(\.time.milliseconds)
            #expect(times.allSatisfy { $0 % 15_000 == target.offset(seed: 0).value })
            #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 == 15_000 })
        }
        #expect(manager.status.active.map(\.health) == [.up, .up])
        #expect(store.samples(at: clock.now).count == 2)
    }

    @Test func asksAsPrometheusAsks() async throws {
        let requests = Mutex<[HTTPRequest]>([])
        let manager = manager { request throws(TransportError) in
            requests.withLock { $0.append(request) }
            return FakeTransport.text("a 1\n")
        }
        var configuration = job("api", ["a:1"])
        configuration.client.basicAuth = BasicAuth(
            username: Secret(.inline("u")), password: Secret(.inline("p")))
        configuration.limits.bodySize = 1000
        manager.apply([configuration])
        _ = await run(manager, sleepers: 1, scrapes: 1)
        let request = try #require(requests.withLock { $0.first })
        #expect(request.url == "http://a:1/metrics")
        #expect(request.timeout == .seconds(10))
        #expect(request.maximumBodyBytes == 999)
        #expect(request.authorization == .basic(user: "u", password: "p"))
        let headers = Dictionary(
            request.headers.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        #expect(
            headers == [
                "Accept":
                    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                    + "application/openmetrics-text;version=0.0.1;q=0.5,"
                    + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                "Accept-Encoding": "gzip", "X-Prometheus-Scrape-Timeout-Seconds": "10",
            ])
    }

    @Test func targetsOfAJobShareATokenAlsoAfterAReload() async throws {
        let requests = Mutex<[HTTPRequest]>([])
        let manager = manager { request throws(TransportError) in
            requests.withLock { $0.append(request) }
            if request.url != "http://issuer/token" { return FakeTransport.text("a 1\n") }
            return HTTPResponse(status: 200, body: Array(#"{"access_token":"t"}"#.utf8))
        }
        var configuration = job("api", ["a:1", "b:1"])
        configuration.client.oauth2 = OAuth2(
            clientID: "id", clientSecret: Secret(.inline("s")), tokenURL: "http://issuer/token")
        manager.apply([configuration])
        _ = await run(manager, sleepers: 2, scrapes: 4)
        configuration.discoveries.staticTargets = [TargetGroup(targets: ["c:1"])]
        manager.apply([configuration])
        let later = await run(manager, sleepers: 1, scrapes: 1)
        #expect(later.first?.report.error == nil)
        let all = requests.withLock { $0 }
        #expect(all.filter { $0.url == "http://issuer/token" }.count == 1)
        let scrapes = all.filter { $0.url != "http://issuer/token" }
        #expect(scrapes.contains { $0.url == "http://c:1/metrics" })
        #expect(scrapes.allSatisfy { $0.authorization == .bearer("t") })
    }

    @Test func aTokenThatIsRefusedIsToldOfTheTarget() async {
        let manager = manager { request throws(TransportError) in
            HTTPResponse(status: request.url == "http://issuer/token" ? 403 : 200)
        }
        var configuration = job("api", ["a:1"])
        configuration.client.oauth2 = OAuth2(clientID: "id", tokenURL: "http://issuer/token")
        manager.apply([configuration])
        let seen = await run(manager, sleepers: 1, scrapes: 1)
        #expect(
            seen.first?.report.error
                == #"Get "http://a:1/metrics": oauth2: cannot fetch token: unexpected status code 403"#
        )
    }

    @Test(
        arguments: [
            (
                .success(HTTPResponse(status: 500, reason: "Internal Server Error")),
                "server returned HTTP status 500 Internal Server Error"
            ),
            (
                .success(HTTPResponse(status: 503)),
                "server returned HTTP status 503 Service Unavailable"
            ),
            (
                .success(FakeTransport.text("a 1\n", type: "text/html")),
                #"received unsupported Content-Type "text/html" and no fallback_scrape_protocol specified for target"#
            ),
            (
                .success(FakeTransport.text("a 1\n", type: "")),
                "non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified for target"
            ),
            (
                .failure(TransportError(.timeout, "timed out after 10s")),
                #"Get "http://a:1/metrics": context deadline exceeded"#
            ),
            (
                .failure(TransportError(.tooLarge(limit: 5), "x")), "body size limit exceeded"
            ),
            (
                .failure(TransportError(.connect, "connect to a:1: connection refused")),
                #"Get "http://a:1/metrics": connect to a:1: connection refused"#
            ),
        ] as [(Result<HTTPResponse, TransportError>, String)])
    func failuresAreToldInPrometheusWords(
        answer: Result<HTTPResponse, TransportError>, reason: String
    ) async {
        let manager = manager { _ throws(TransportError) in try answer.get() }
        manager.apply([job("api", ["a:1"])])
        let seen = await run(manager, sleepers: 1, scrapes: 1)
        #expect(seen.first?.report.error == reason)
        let status = manager.status.active.first
        #expect(status?.health == .down && status?.lastError == reason)
        #expect(store.vector(at: clock.now)[#"up{instance="a:1", job="api"}"#] == 0)
    }

    @Test func oneBadTargetDoesNotStopTheOthers() async {
        let manager = manager { request throws(TransportError) in
            if request.url.contains("bad") { throw TransportError(.connect, "no") }
            return FakeTransport.text("a 1\n")
        }
        manager.apply([job("api", ["good:1", "bad:1"])])
        let seen = await run(manager, sleepers: 2, scrapes: 4)
        #expect(Set(seen.map { $0.report.error == nil }) == [true, false])
    }

    @Test func aTargetThatIsGoneGoesStaleAndTheRestGoesOn() {
        let manager = manager()
        manager.apply([job("api", ["a:1", "b:1"])])
        #expect(manager.status.active.count == 2)
        manager.apply([job("api", ["b:1"]), job("new", ["c:1"])])
        #expect(
            manager.status.active.map(\.target.url) == ["http://b:1/metrics", "http://c:1/metrics"])
    }

    @Test func afterAReloadARemovedTargetsSeriesEnd() async {
        let manager = manager()
        manager.apply([job("api", ["a:1"])])
        let seen = await run(manager, sleepers: 1, scrapes: 1)
        let last = seen.first?.time ?? .seconds(0)
        manager.apply([])
        #expect(store.vector(at: last + .seconds(15)).isEmpty)
        #expect(!store.vector(at: last + .seconds(14)).isEmpty)
    }

    /// As in Prometheus an empty body needs no content type, and every other one does.
    @Test(arguments: [("", "", 1.0), ("", "text/html", 1), ("\n", "", 0), (" ", "text/html", 0)])
    func anEmptyBodyNeedsNoContentType(body: String, type: String, up: Double) async {
        let manager = manager { _ throws(TransportError) in FakeTransport.text(body, type: type) }
        manager.apply([job("api", ["a:1"])])
        _ = await run(manager, sleepers: 1, scrapes: 1)
        #expect(store.vector(at: clock.now)[#"up{instance="a:1", job="api"}"#] == up)
    }

    private func timestampedJob(_ targets: [String]) -> ScrapeConfiguration {
        var configuration = job("api", targets)
        configuration.trackTimestampsStaleness = true
        return configuration
    }

    private func timestampedManager() -> ScrapeManager {
        let clock = clock
        return manager { _ throws(TransportError) in
            FakeTransport.text("a 1 \(clock.now.milliseconds - 500)\n")
        }
    }

    private let timestampedName = #"a{instance="a:1", job="api"}"#

    @Test func afterAReloadARemovedTargetsTimestampedSeriesEnd() async {
        let manager = timestampedManager()
        manager.apply([timestampedJob(["a:1"])])
        let seen = await run(manager, sleepers: 1, scrapes: 1)
        let last = seen.first?.time ?? .seconds(0)
        manager.apply([timestampedJob([])])
        #expect(store.vector(at: last + .seconds(15)).isEmpty)
        #expect(store.samples(at: last + .seconds(14)) == [timestampedName: 1])
    }

    @Test func aTargetThatComesBackGoesOn() async {
        let manager = timestampedManager()
        manager.apply([timestampedJob(["a:1"])])
        _ = await run(manager, sleepers: 1, scrapes: 1)
        manager.apply([])
        manager.apply([timestampedJob(["a:1"])])
        let seen = await run(manager, sleepers: 1, scrapes: 3)
        #expect(seen.last?.report.outOfOrder == 0)
        #expect(store.samples(at: seen.last?.time ?? .distantPast) == [timestampedName: 1])
    }

    /// The one that took its place does not bring what only the old one brought.
    @Test func aTargetThatComesBackWithLessEndsTheRest() async {
        let clock = clock
        let isBack = Mutex(false)
        let manager = manager { _ throws(TransportError) in
            let name = isBack.withLock { $0 } ? "b" : "a"
            return FakeTransport.text("\(name) 1 \(clock.now.milliseconds - 500)\n")
        }
        manager.apply([timestampedJob(["a:1"])])
        let seen = await run(manager, sleepers: 1, scrapes: 5) { count in
            guard count == 1 else { return }
            manager.apply([])
            isBack.withLock { $0 = true }
            manager.apply([timestampedJob(["a:1"])])
        }
        let last = seen.last?.time ?? .seconds(0)
        #expect(seen.first.map { last - $0.time }.map { $0 >= .seconds(45) } == true)
        #expect(store.samples(at: last) == [#"b{instance="a:1", job="api"}"#: 1])
    }

    @Test func tooManyTargetsAreAllDown() async {
        let manager = manager()
        var configuration = job("api", ["a:1", "b:1"])
        configuration.limits.targets = 1
        manager.apply([configuration])
        let seen = await run(manager, sleepers: 2, scrapes: 2)
        #expect(
            Set(seen.compactMap(\.report.error))
                == ["target_limit exceeded (number of targets: 2, limit: 1)"])
    }

    @Test func aTextFileIsASampleOnlyWhenItWasRewritten() async {
        let manager = manager()
        var configuration = job("processor", [])
        configuration.discoveries.textfiles = [
            TextfileSource(
                files: ["/p.prom"], labels: Labels(["service": "p"]), maximumAge: .minutes(1))
        ]
        let written = clock.now
        files.write("/p.prom", "a 1\n", at: written)
        manager.apply([configuration])
        let name = #"a{instance="/p.prom", job="processor", service="p"}"#
        // Read once; then nothing for a minute, and then it is too old.
        let seen = await run(manager, sleepers: 2, scrapes: 2)
        #expect(seen.first?.report.error == nil)
        #expect(store.samples(at: seen.first?.time ?? .distantPast)[name] == 1)
        #expect(
            seen.last?.report.error?.hasPrefix("/p.prom was not rewritten for 1m") == true)
        #expect(seen.last?.report.error?.hasSuffix("longer than max_age 1m") == true)
        let age = (seen.last?.time ?? .seconds(0)) - written
        #expect(age > .minutes(1) && age <= .seconds(75))
        clock.advance(to: clock.now + .seconds(1))
        files.write("/p.prom", "a 2\n", at: clock.now)
        let fresh = await run(manager, sleepers: 2, scrapes: 1)
        #expect(fresh.first?.report.error == nil)
        #expect(store.samples(at: clock.now)[name] == 2)
        files.remove("/p.prom")
        let gone = await run(manager, sleepers: 2, scrapes: 1)
        #expect(gone.first?.report.error == "open /p.prom: no such file or directory")
    }

    @Test func aRecordedScrapeIsTakenInAsALiveOne() throws {
        let manager = manager()
        var configuration = job("api", ["a:1"])
        configuration.metricRelabeling = [
            try RelabelRule(.drop, sourceLabels: ["__name__"], regex: "b")
        ]
        manager.apply([configuration])
        let target = RecordedTarget(
            job: "api", instance: "i", labels: Labels(["service": "s"]))
        let report = manager.ingest(target, at: .seconds(10), .body(Array("a 1\nb 2\n".utf8)))
        #expect(report.scraped == 2 && report.added == 1)
        #expect(
            store.samples(at: .seconds(10)) == [#"a{instance="i", job="api", service="s"}"#: 1])
        manager.ingest(target, at: .seconds(25), .failure("gone"))
        #expect(store.samples(at: .seconds(25)).isEmpty)
        #expect(manager.status.active.contains { $0.lastError == "gone" && $0.health == .down })
    }
}

private final class ScrapesLeft: Sendable {
    private let count: Mutex<Int>

    init(_ count: Int) { self.count = Mutex(count) }

    var areNone: Bool { count.withLock { $0 <= 0 } }

    func countDown() { count.withLock { $0 -= 1 } }
}
