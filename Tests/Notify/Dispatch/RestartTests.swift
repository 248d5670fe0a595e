import Configuration
import Model
import Notify
import Testing

/// A kill at any instruction loses nothing and repeats nothing that was acknowledged.
@Suite struct RestartTests {
    @Test func betweenTwoNotificationsOnlyTheSecondIsSent() throws {
        var bench = Bench(receivers: ["main": [Bench.slack, Bench.pager]])
        bench.fire("A", at: 0)
        let deliveries = bench.begin(at: Bench.time(30))
        #expect(deliveries.count == 2)
        let pager = try #require(deliveries.first { $0.key.integration == "pagerduty" })
        bench.end(pager, .delivered(), at: Bench.time(31))
        bench.restart(at: 40)
        bench.run(to: 1000)
        #expect(bench.delivered == ["31 main/pagerduty +A", "40 main/slack +A"])
    }

    @Test func aCommittedFlushIsSentAfterAKill() {
        var bench = Bench()
        bench.fire("A", at: 0)
        _ = bench.begin(at: Bench.time(30))
        bench.restart(at: 500)
        bench.run(to: 520)
        #expect(bench.delivered == ["500 main/slack +A"])
    }

    @Test func whatWasUnderWayAtTheKillIsTakenBack() {
        var bench = Bench()
        bench.fire("A", at: 0)
        _ = bench.begin(at: Bench.time(30))
        bench.restart(at: 40)
        bench.answer = { _, second in second < 300 ? .retry(reason: "500") : .delivered() }
        bench.resolve("A", at: 60)
        bench.run(to: 1000)
        #expect(bench.delivered.map { $0.hasSuffix("main/slack -A") } == [true])
    }

    @Test func timesStayAsAClientWroteThem() throws {
        var bench = Bench()
        var alert = Bench.alert("A", since: 0, until: 9000, at: 0)
        alert.writtenStart = try #require(
            WrittenTime(rfc3339: "2023-11-14T19:13:20.123456789-03:00"))
        bench.receive([alert], at: 0)
        bench.restart(at: 10)
        // The same start in another zone, a nanosecond later: the first one stays.
        var again = Bench.alert("A", since: 0, until: 9000, at: 20)
        again.writtenStart = try #require(WrittenTime(rfc3339: "2023-11-14T22:13:20.12345679Z"))
        bench.receive([again], at: 20)
        _ = bench.begin(at: Bench.time(60))
        bench.restart(at: 70)
        var deliveries: [Delivery] = []
        for _ in 0..<10 where deliveries.isEmpty {
            let wake = try #require(bench.notifier.nextWake)
            deliveries = bench.begin(at: max(wake, Bench.time(70)))
        }
        let delivery = try #require(deliveries.first)
        let text = "{{ range .Alerts }}{{ .StartsAt }} {{ toJson .StartsAt }}{{ end }}"
        #expect(
            try NotificationTemplates().render(text, delivery.data)
                == "2023-11-14 19:13:20.123456789 -0300 -0300 "
                + "\"2023-11-14T19:13:20.123456789-03:00\"")
    }

    @Test func rowsHoldAllThatWasSaid() {
        var bench = Bench()
        bench.answer = { _, _ in .retry(reason: "a \"503\" – \u{7}\nnot now", mayHaveArrived: true)
        }
        let alert = Alert(
            labels: Labels([
                Label("alertname", "A"), Label("path", "C:\\<é>\u{2028}\u{0}&\t/"),
            ]),
            annotations: Annotations([
                "summary": "\u{1F525} \"on\" \r\n fire \u{1b}", "description": "",
            ]),
            startsAt: Bench.time(-5), endsAt: Bench.time(9000),
            generatorURL: "http://p/graph?g0.expr=a<b&c", updatedAt: Bench.time(320),
            timesOut: true)
        bench.fire("B", at: 0)
        bench.resolve("B", at: 100)
        bench.receive([alert], at: 320)
        bench.run(to: 340)
        // A restart renews time-outs; at the alert's own moment nothing changes.
        let moment = Bench.time(320)
        let (alerts, owed) = (bench.notifier.alerts(at: moment), bench.notifier.outbox.owed)
        #expect(owed.map(\.data.alerts.count) == [2])
        #expect(owed.map(\.mayHaveArrived) == [true])
        bench.restart(at: 320)
        #expect(bench.notifier.alerts(at: moment) == alerts)
        #expect(bench.notifier.outbox.owed == owed)
    }

    @Test func overdueFlushesBecomeOne() {
        var bench = Bench()
        bench.fire("A", at: 0)
        bench.run(to: 40)
        bench.fire("B", at: 100)
        bench.restart(at: 100_000)
        let deliveries = bench.begin(at: Bench.time(100_000))
        #expect(deliveries.map { $0.data.firing.count } == [2])
        for delivery in deliveries { bench.end(delivery, .delivered(), at: Bench.time(100_000)) }
        #expect(bench.notifier.nextWake == Bench.time(100_300))
    }

    @Test func beingAwayResolvesNothing() {
        var bench = Bench()
        bench.receive([Bench.alert("A", since: 0, until: 240, at: 0)], at: 0)
        bench.run(to: 40)
        bench.restart(at: 10_000)
        bench.run(to: 10_239)
        #expect(bench.sent == ["30 main/slack +A"])
        bench.run(to: 11_000)
        #expect(bench.sent.count == 2)
        #expect(bench.sent.last?.hasSuffix("main/slack -A") ?? false)
    }

    @Test func rowsThatCannotBeReadAreNamed() {
        var bench = Bench()
        bench.fire("A", at: 0)
        bench.run(to: 40)
        bench.rows[.alerts]?["broken"] = Array("{".utf8)
        bench.rows[.notificationLog]?["other"] = Array("[]".utf8)
        bench.restart(at: 50)
        #expect(bench.notifier.restoreProblems.count == 2)
        #expect(bench.notifier.alerts(at: Bench.time(50)).count == 1)
        bench.run(to: 1000)
        #expect(bench.sent == ["30 main/slack +A"])
    }

    /// Random alerts, failures and times; one run as it is, one with restarts at random points.
    @Test func aRunSplitByRestartsTellsTheSame() {
        var compared = 0
        for seed in 0..<40 as Range<UInt64> {
            let whole = Self.run(seed, restarting: false)
            let split = Self.run(seed, restarting: true)
            #expect(whole.delivered == split.delivered, "seed \(seed)")
            #expect(whole.rows == split.rows, "seed \(seed)")
            compared += whole.delivered.count
        }
        #expect(compared > 400)
    }

    private static func run(_ seed: UInt64, restarting: Bool) -> Bench {
        var random = Generator(state: seed)
        // Restarts draw from their own numbers, so that both runs see the same story.
        var luck = Generator(state: seed &+ 1000)
        var root = Bench.route("main")
        root.groupBy = .labels(["g"])
        root.routes = [
            Bench.route("ops", [.equal("g", "1")], continues: true),
            Bench.route("quiet", [.equal("alertname", "B")]),
        ]
        var bench = Bench(
            root,
            receivers: [
                "main": [Bench.slack], "ops": [Bench.pager, Bench.slack],
                "quiet": [Bench.mail],
            ])
        bench.answer = { delivery, second in
            var dice = Generator(
                state: seed &+ UInt64(second) &+ UInt64(delivery.key.receiver.utf8.count))
            switch dice.next(under: 6) {
            case 0: return .retry(reason: "500")
            case 1: return .retry(after: .seconds(100), reason: "429", mayHaveArrived: true)
            case 2: return .failed(reason: "403")
            default: return .delivered()
            }
        }
        var now: Int64 = 0
        for _ in 0..<60 {
            now += Int64(random.next(under: 200))
            let name = ["A", "B", "C"][random.next(under: 3)]
            let group = [Label("g", String(random.next(under: 2)))]
            if random.next(under: 2) == 0 {
                bench.fire(name, group, at: now)
            } else {
                bench.resolve(name, group, at: now)
            }
            if restarting, luck.next(under: 3) == 0 { bench.restart(at: now) }
        }
        bench.run(to: now + 20_000)
        return bench
    }
}

/// SplitMix64: the same numbers on every machine.
struct Generator {
    var state: UInt64

    mutating func next(under limit: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int((z ^ (z >> 31)) % UInt64(limit))
    }
}

/// What an integration asks to be remembered.
@Suite struct MemoryTests {
    @Test func isToldWithTheNextNotificationUntilAllIsOver() throws {
        var bench = Bench()
        func next(_ second: Int64, _ memory: [String: String]?) throws -> [String: String]? {
            let delivery = try #require(bench.begin(at: Bench.time(second)).first)
            bench.end(delivery, .delivered(memory: memory), at: Bench.time(second))
            return delivery.data.memory
        }
        bench.fire("A", at: 0)
        #expect(try next(30, ["ts": "1"]) == nil)
        bench.fire("B", at: 40)
        bench.restart(at: 50)
        #expect(try next(330, nil) == ["ts": "1"])
        bench.resolve("A", at: 340)
        bench.resolve("B", at: 340)
        #expect(try next(630, ["ts": "2"]) == ["ts": "1"])
        bench.fire("A", at: 700)
        #expect(try next(1300, nil) == nil)
    }
}
