import Configuration
import Journal
import Logging
import Model
import Notify
import Synchronization
import Testing

/// The edge: rows before requests, attempts of their own for each receiver, a disk that breaks.
@Suite(.timeLimit(.minutes(1))) struct PipelineTests {
    private final class Words: Sendable {
        private let words = Mutex<[String]>([])
        var list: [String] { words.withLock { $0 } }
        func add(_ word: String) { words.withLock { $0.append(word) } }
    }

    private final class House: Sendable {
        let clock = TestClock()
        let disk = FakeDisk()
        let transport: FakeTransport

        init(_ behaviours: [String: FakeTransport.Behaviour]) {
            transport = FakeTransport(behaviours)
        }

        func pipeline(
            _ integrations: [String: [any Integration]],
            mode: NotificationPipeline.Mode, route: RouteConfiguration = Bench.route("main"),
            logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) -> NotificationPipeline {
            let disk = disk
            return NotificationPipeline(
                configuration: NotifierConfiguration(route: route), integrations: integrations,
                externalURL: "http://tocsin", mode: mode, transport: transport, clock: clock,
                rows: disk.rows, journal: disk.journal(), logger: logger)
        }

        func go(_ pipeline: NotificationPipeline, to second: Int64) async {
            clock.now = Bench.time(second)
            await pipeline.advance(to: clock.now)
        }
    }

    private static let rule = StateChange(.ruleAlerts, key: "r", value: [1])

    @Test func alertsAndTheirRulesAreOneTransaction() async {
        let house = House([:])
        let pipeline = house.pipeline(["main": [FakeIntegration(host: "a")]], mode: .replay)
        pipeline.submit(
            [Bench.alert("A", since: 0, at: 0)], JournalStep(at: Bench.time(0), [Self.rule]))
        await pipeline.receive()
        #expect(house.disk.commits == [[.ruleAlerts, .alerts, .groups]])
        await house.go(pipeline, to: 30)
        #expect(
            house.disk.commits.dropFirst() == [[.groups, .outbox], [.outbox, .notificationLog]])
        #expect(house.transport.requests == ["a +A"])
        #expect(await pipeline.outboxSize == 0)
    }

    @Test func silencesAreWrittenBeforeTheyAreAcknowledged() async throws {
        let house = House([:])
        let pipeline = house.pipeline(["main": [FakeIntegration(host: "a")]], mode: .replay)
        await pipeline.receive(alerts: [Bench.alert("A", since: 0, at: 0)], at: Bench.time(0))
        let id = try await pipeline.setSilence(.equal("alertname", "A", to: 1000))
        #expect(house.disk.commits == [[.alerts, .groups], [.silences]])
        #expect(house.disk.rows[.silences]?.keys.map(\.self) == [id])
        await house.go(pipeline, to: 400)
        #expect(house.transport.requests.isEmpty)
        #expect(await pipeline.alerts.map(\.muted.silencedBy) == [[id]])
        #expect(await pipeline.silences(having: [.equal("alertname", "A")]).map(\.id) == [id])

        let next = house.pipeline(["main": [FakeIntegration(host: "a")]], mode: .replay)
        #expect(await next.silence(id)?.comment == "known")
        try await next.expireSilence(id)
        #expect(await next.silence(id)?.endsAt == Bench.time(400))
        #expect(house.disk.commits.last == [.silences])
        await house.go(next, to: 700)
        #expect(house.transport.requests == ["a +A"])
        await #expect(throws: SilenceError.notFound) { try await next.expireSilence("other") }
    }

    @Test func aReplayMakesEachFlushAtItsMoment() async {
        let house = House(["a": .status(503)])
        let pipeline = house.pipeline(["main": [FakeIntegration(host: "a")]], mode: .replay)
        await pipeline.receive(alerts: [Bench.alert("A", since: 0, at: 0)], at: Bench.time(0))
        await house.go(pipeline, to: 45)
        #expect(house.transport.requests.count == 5)
        #expect(await pipeline.nextWake == Bench.time(61))
        let counters = await pipeline.counters
        #expect(counters.total == ["webhook": 5])
        #expect(counters.failed.map(\.value) == [5])
        #expect(counters.failed.map(\.key.reason) == [.temporary])
    }

    private static let answers: [(FakeTransport.Behaviour, Timestamp?)] = [
        (.status(400), Bench.time(330)), (.status(429, retryAfter: "120"), Bench.time(150)),
        (.status(429), Bench.time(31)), (.status(500), Bench.time(31)),
        (.closes, Bench.time(31)), (.status(200), nil),
    ]

    @Test(arguments: answers)
    func answersDecideWhenItIsTriedAgain(
        behaviour: FakeTransport.Behaviour, notBefore: Timestamp?
    ) async {
        let house = House(["a": behaviour])
        let pipeline = house.pipeline(["main": [FakeIntegration(host: "a")]], mode: .replay)
        await pipeline.receive(alerts: [Bench.alert("A", since: 0, at: 0)], at: Bench.time(0))
        await house.go(pipeline, to: 30)
        #expect(await pipeline.outbox.first?.notBefore == notBefore)
        house.transport.set("a", .status(200))
        await house.go(pipeline, to: 330)
        #expect(await pipeline.outboxSize == 0)
        #expect(await pipeline.counters.lastSuccess["main"] == notBefore ?? Bench.time(30))
    }

    @Test func aHangingReceiverDelaysNoOther() async {
        let house = House(["hangs": .hangs])
        let integrations: [any Integration] = [
            FakeIntegration(host: "hangs"), FakeIntegration(name: "slack", host: "b"),
        ]
        let pipeline = house.pipeline(["main": integrations], mode: .live)
        await pipeline.receive(alerts: [Bench.alert("A", since: 0, at: 0)], at: Bench.time(0))
        await house.go(pipeline, to: 30)
        await house.transport.waitFor(2)
        await house.disk.until { $0[.notificationLog]?.count == 1 }
        #expect(await pipeline.outbox.map(\.key.integration) == ["webhook"])
        // The end of the incident waits behind the attempt under way, and reaches the other one.
        await pipeline.receive(
            alerts: [Bench.alert("A", since: 0, until: 60, at: 60)], at: Bench.time(60))
        await house.go(pipeline, to: 330)
        await house.disk.until { $0[.outbox]?.count == 1 }
        #expect(house.transport.requests.last == "b -A")
        // Draining does not wait for it for ever, and nothing is forgotten.
        #expect(await pipeline.drain(timeout: .zero) == false)
        #expect(house.disk.rows[.outbox]?.count == 1)
        house.transport.set("hangs", .status(200))
        let next = house.pipeline(["main": integrations], mode: .replay)
        await house.go(next, to: 400)
        #expect(house.transport.requests.last == "hangs -A")
        #expect(await next.outboxSize == 0)
    }

    @Test func drainingWaitsForWhatIsUnderWay() async {
        let house = House([:])
        let pipeline = house.pipeline(["main": [FakeIntegration(host: "a")]], mode: .live)
        await pipeline.receive(alerts: [Bench.alert("A", since: 0, at: 0)], at: Bench.time(0))
        await house.go(pipeline, to: 30)
        #expect(await pipeline.drain(timeout: .seconds(30)))
        #expect(house.disk.rows[.outbox]?.isEmpty ?? true)
        #expect(house.disk.rows[.notificationLog]?.count == 1)
        #expect(await pipeline.nextWake == nil)
    }

    @Test func aBrokenDiskStopsNoPage() async {
        let house = House([:])
        let pipeline = house.pipeline(["main": [FakeIntegration(host: "a")]], mode: .replay)
        house.disk.setBroken(true)
        pipeline.submit(
            [Bench.alert("A", since: 0, at: 0)], JournalStep(at: Bench.time(0), [Self.rule]))
        await pipeline.receive()
        await house.go(pipeline, to: 30)
        #expect(house.transport.requests == ["a +A"])
        #expect(await pipeline.receive() != .durable)
        #expect(house.disk.commits.isEmpty)
        house.disk.setBroken(false)
        await house.go(pipeline, to: 40)
        #expect(await pipeline.receive() == .durable)
        // All that was kept is one transaction, and a restart goes on from it.
        #expect(
            house.disk.commits == [[.ruleAlerts, .alerts, .groups, .outbox, .notificationLog]])
        let next = house.pipeline(["main": [FakeIntegration(host: "a")]], mode: .replay)
        await house.go(next, to: 1000)
        #expect(house.transport.requests == ["a +A"])
    }

    @Test func aReceiverThatGoesIsToldTheEndByItsOldIntegration() async {
        let house = House([:])
        let pipeline = house.pipeline(["main": [FakeIntegration(host: "a")]], mode: .replay)
        await pipeline.receive(alerts: [Bench.alert("A", since: 0, at: 0)], at: Bench.time(0))
        await house.go(pipeline, to: 30)
        house.clock.now = Bench.time(60)
        await pipeline.reconfigure(
            NotifierConfiguration(route: Bench.route("other")),
            integrations: ["other": [FakeIntegration(host: "b")]], externalURL: "",
            at: Bench.time(60))
        await house.go(pipeline, to: 400)
        #expect(house.transport.requests == ["a +A", "a -A", "b +A"])
        #expect(await pipeline.outboxSize == 0)
    }

    @Test func whatIsOwedToNobodyIsGivenUp() async {
        let house = House(["a": .status(500)])
        let pipeline = house.pipeline(["main": [FakeIntegration(host: "a")]], mode: .replay)
        await pipeline.receive(alerts: [Bench.alert("A", since: 0, at: 0)], at: Bench.time(0))
        await house.go(pipeline, to: 30)
        let next = house.pipeline(["main": []], mode: .replay)
        await house.go(next, to: 400)
        #expect(await next.outboxSize == 0)
        #expect(house.transport.requests.count == 1)
    }

    /// What is ours to mend is not said to be the receiver's refusal.
    @Test func whatCannotBeMadeIsNotSaidToBeRefused() async throws {
        let house = House(["a": .status(403)])
        let book = LogBook()
        let pipeline = house.pipeline(
            [
                "main": [
                    FakeIntegration(host: "a"),
                    FakeIntegration(name: "slack", host: "b", lacks: "no secret"),
                ]
            ], mode: .replay, logger: Logger(label: "test") { _ in book })
        await pipeline.receive(alerts: [Bench.alert("A", since: 0, at: 0)], at: Bench.time(0))
        await house.go(pipeline, to: 30)
        let refused = try #require(book.lines.first { $0.contains("webhook") })
        #expect(refused.contains("REFUSED by its receiver") && refused.contains("403"))
        let unmade = try #require(book.lines.first { $0.contains("slack") })
        #expect(unmade.contains("COULD NOT BE MADE") && unmade.contains("no secret"))
        #expect(!unmade.contains("REFUSED"))
        let failed = await pipeline.counters.failed
        #expect(failed[.init(integration: "webhook", reason: .refused)] == 1)
        #expect(failed[.init(integration: "slack", reason: .unmade)] == 1)
        // Both are tried again at the group's next interval.
        #expect(await pipeline.outbox.map(\.notBefore) == [Bench.time(330), Bench.time(330)])
    }

    /// Keeps what is logged.
    private final class LogBook: LogHandler, Sendable {
        private let kept = Mutex<[String]>([])
        var lines: [String] { kept.withLock { $0 } }
        var metadata: Logger.Metadata {
            get { [:] }
            set {}
        }
        var logLevel: Logger.Level {
            get { .trace }
            set {}
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { nil }
            set {}
        }

        func log(event: LogEvent) {
            kept.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
        }
    }

    @Test func receiversThatCannotWorkAreNamed() async {
        let house = House([:])
        let pipeline = house.pipeline(
            [
                "main": [
                    FakeIntegration(host: "a"), FakeIntegration(host: "b", trouble: "no file"),
                ]
            ], mode: .replay)
        #expect(
            await pipeline.receiverProblems().map(\.description) == [
                "receiver main, webhook[1]: no file"
            ])
    }

    @Test func aRecordingIntegrationSendsNothing() async {
        let house = House([:])
        let seen = Words()
        let sink: RecordingIntegration.Sink = { data, result in
            let text = (try? result.get().text) ?? "cannot be rendered"
            seen.add("\((data.now - Bench.start).value / 1000) \(text)")
        }
        let good = RecordingIntegration(FakeIntegration(host: "a"), sink: sink)
        let bad = RecordingIntegration(FakeIntegration(host: "b", trouble: "x"), sink: sink)
        let pipeline = house.pipeline(["main": [good, bad]], mode: .replay)
        await pipeline.receive(alerts: [Bench.alert("A", since: 0, at: 0)], at: Bench.time(0))
        await house.go(pipeline, to: 100)
        #expect(seen.list == ["30 A", "30 cannot be rendered"])
        #expect(house.transport.requests.isEmpty)
    }
}
