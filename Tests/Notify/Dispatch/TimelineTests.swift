import Configuration
import Model
import Notify
import Testing

/// What is sent when, on a moved clock, by Alertmanager's rules.
@Suite struct TimelineTests {
    @Test func waitsForTheGroupThenForItsInterval() {
        var bench = Bench()
        bench.fire("A", at: 0)
        bench.fire("B", at: 20)
        bench.fire("C", at: 31)
        bench.run(to: 1000)
        #expect(bench.sent == ["30 main/slack +A +B", "330 main/slack +A +B +C"])
    }

    @Test func anOldAlertDoesNotWait() {
        var bench = Bench()
        bench.fire("A", since: -31, at: 0)
        bench.run(to: 10)
        #expect(bench.sent == ["0 main/slack +A"])
        // Exactly group_wait ago is not longer ago than that.
        bench = Bench()
        bench.fire("A", since: -30, at: 0)
        bench.run(to: 30)
        #expect(bench.sent == ["30 main/slack +A"])
    }

    @Test func anOldAlertHurriesOnlyTheFirstFlush() {
        var bench = Bench()
        bench.fire("A", at: 0)
        bench.fire("B", since: -100, at: 10)
        bench.run(to: 10)
        #expect(bench.sent == ["10 main/slack +A +B"])
        bench.fire("C", since: -100, at: 20)
        bench.run(to: 309)
        #expect(bench.sent.count == 1)
        bench.run(to: 310)
        #expect(bench.sent.last == "310 main/slack +A +B +C")
    }

    @Test func repeatsAfterTheIntervalHasPassed() {
        var bench = Bench()
        bench.fire("A", at: 0)
        bench.run(to: 30 + 4 * 3600)
        #expect(bench.sent == ["30 main/slack +A"])
        // The first flush at which more than repeat_interval is over.
        bench.run(to: 30 + 4 * 3600 + 300)
        #expect(bench.sent == ["30 main/slack +A", "14730 main/slack +A"])
    }

    @Test func resolvesAtTheNextFlushAndForgets() {
        var bench = Bench()
        bench.fire("A", at: 0)
        bench.resolve("A", at: 100)
        bench.run(to: 2000)
        #expect(bench.sent == ["30 main/slack +A", "330 main/slack -A"])
        #expect(bench.notifier.nextWake == nil)
        #expect(bench.occupied == ["notification_log"])
    }

    @Test func whatResolvesWithinTheWaitIsNotTold() {
        var bench = Bench()
        bench.fire("A", at: 0)
        bench.resolve("A", at: 20)
        bench.run(to: 2000)
        #expect(bench.sent.isEmpty)
        #expect(bench.occupied.isEmpty)
    }

    @Test func whatResolvesWithinTheWaitIsToldBesideAFiringOne() {
        var bench = Bench()
        bench.fire("A", at: 0)
        bench.fire("B", at: 0)
        bench.resolve("A", at: 20)
        bench.run(to: 100)
        #expect(bench.sent == ["30 main/slack +B -A"])
    }

    @Test func flappingWithinAnIntervalIsNoNews() {
        var bench = Bench()
        bench.fire("A", at: 0)
        bench.resolve("A", at: 60)
        bench.fire("A", at: 120)
        bench.run(to: 1000)
        #expect(bench.sent == ["30 main/slack +A"])
    }

    @Test func firingAgainAfterResolvedIsTold() {
        var bench = Bench()
        bench.fire("A", at: 0)
        bench.resolve("A", at: 60)
        bench.run(to: 400)
        bench.fire("A", at: 400)
        bench.run(to: 500)
        #expect(
            bench.sent == ["30 main/slack +A", "330 main/slack -A", "430 main/slack +A"])
    }

    @Test func oneOfSeveralResolvesOnlyForThoseWhoWantToKnow() {
        var bench = Bench(receivers: ["main": [Bench.slack, Bench.mail]])
        bench.fire("A", at: 0)
        bench.fire("B", at: 0)
        bench.resolve("A", at: 60)
        bench.run(to: 500)
        bench.resolve("B", at: 500)
        bench.run(to: 1000)
        bench.fire("A", at: 1000)
        bench.run(to: 1100)
        #expect(
            bench.sent == [
                "30 main/email +A +B", "30 main/slack +A +B", "330 main/slack +B -A",
                "630 main/slack -B", "1030 main/email +A", "1030 main/slack +A",
            ])
    }

    @Test func timesOutUnlessRepeated() {
        var bench = Bench()
        bench.receive([Bench.alert("A", since: 0, until: 240, at: 0)], at: 0)
        bench.receive([Bench.alert("A", since: 0, until: 300, at: 60)], at: 60)
        bench.run(to: 1000)
        #expect(bench.sent == ["30 main/slack +A", "330 main/slack -A"])
    }

    @Test func continueTellsBoth() {
        var root = Bench.route("main")
        root.routes = [
            Bench.route("ops", [.equal("alertname", "A")], continues: true),
            Bench.route("dev", [.equal("alertname", "A")]),
        ]
        var bench = Bench(
            root, receivers: ["main": [Bench.slack], "ops": [Bench.pager], "dev": [Bench.slack]])
        bench.fire("A", at: 0)
        bench.fire("B", at: 0)
        bench.run(to: 100)
        #expect(
            bench.sent == ["30 dev/slack +A", "30 ops/pagerduty +A", "30 main/slack +B"])
    }

    @Test func groupsByLabels() {
        var route = Bench.route("main")
        route.groupBy = .labels(["dc"])
        var bench = Bench(route)
        bench.fire("A", [Label("dc", "1")], at: 0)
        bench.fire("B", [Label("dc", "2")], at: 0)
        bench.fire("C", [Label("dc", "1")], at: 0)
        bench.run(to: 100)
        #expect(bench.sent == ["30 main/slack +A +C", "30 main/slack +B"])
        let groups = bench.notifier.groups(at: Bench.time(100))
        #expect(groups.map(\.key) == [#"{}:{dc="1"}"#, #"{}:{dc="2"}"#])
        #expect(groups.map { $0.alerts.count } == [2, 1])
        #expect(groups.map(\.nextFlush) == [Bench.time(330), Bench.time(330)])
        #expect(bench.notifier.alerts(at: Bench.time(100)).map(\.receivers).count == 3)
    }

    @Test func sortsAlertsByJobThenInstanceThenLabels() {
        var bench = Bench()
        let labels: [(String, [Label])] = [
            ("F", []), ("E", [Label("instance", "1")]),
            ("D", [Label("job", "b")]), ("C", [Label("job", "a"), Label("z", "1")]),
            ("B", [Label("job", "a"), Label("instance", "2")]),
            ("A", [Label("instance", "10"), Label("job", "a")]), ("G", [Label("a", "1")]),
        ]
        for (name, more) in labels { bench.fire(name, more, at: 0) }
        bench.run(to: 100)
        #expect(bench.sent == ["30 main/slack +A +B +C +D +E +F +G"])
    }

    @Test func tellsWhatGroupsShare() throws {
        var bench = Bench()
        bench.fire("A", at: 0)
        let delivery = try #require(bench.begin(at: Bench.time(30)).first)
        let data = delivery.data
        #expect(data.groupKey == "{}:{}")
        #expect(data.status == .firing)
        #expect(data.externalURL == "http://tocsin")
        #expect(data.now == Bench.time(30))
        #expect(data.alerts.map(\.endsAt) == [nil])
        #expect(data.alerts.map(\.startsAt) == [Bench.time(0)])
    }

    @Test func unknownResolvedAlertsAreNoNews() {
        var bench = Bench()
        bench.resolve("A", since: -100, at: 0)
        #expect(bench.notifier.nextWake == nil)
        #expect(bench.occupied.isEmpty)
    }

    @Test func aRepeatedAlertWritesNothing() {
        var bench = Bench()
        bench.receive([Bench.alert("A", since: 0, until: 240, at: 0)], at: 0)
        let again = bench.notifier.receive(
            [Bench.alert("A", since: 0, until: 270, at: 30)], at: Bench.time(29))
        #expect(again.isEmpty)
        var changed = Bench.alert("A", since: 0, until: 280, at: 40)
        changed.annotations = Annotations(["summary": "worse"])
        #expect(bench.notifier.receive([changed], at: Bench.time(29)).map(\.table) == [.alerts])
    }

    @Test func overlappingReportsKeepTheEarliestStart() throws {
        var bench = Bench()
        bench.receive([Bench.alert("A", since: 0, until: 240, at: 0)], at: 0)
        bench.receive([Bench.alert("A", since: 20, until: 250, at: 20)], at: 20)
        let alert = try #require(bench.notifier.alerts(at: Bench.time(20)).first).alert
        #expect(alert.startsAt == Bench.time(0))
        #expect(alert.endsAt == Bench.time(250))
    }

    /// A resolution may be heard of after the flush whose time it is before: the evaluation began
    /// before the flush and ended after it.
    @Test func whatEndedBeforeAFlushAndWasHeardAfterItIsTold() {
        var bench = Bench()
        bench.fire("A", at: 0)
        let flush = Bench.time(30)
        let deliveries = bench.begin(at: flush)
        #expect(deliveries.count == 1)
        for ended in [Int64(30), 29] {
            bench.save(
                bench.notifier.receive(
                    [Bench.alert("A", since: 0, until: ended, at: ended)], at: flush))
        }
        for delivery in deliveries { bench.end(delivery, at: flush) }
        bench.run(to: 330)
        #expect(bench.delivered == ["30 main/slack +A", "330 main/slack -A"])
        #expect(!bench.occupied.contains("alerts"))
    }
}
