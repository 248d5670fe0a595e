import Configuration
import Model
import Notify
import Testing

/// Another configuration under running alerts.
@Suite struct ReconfigureTests {
    private static let receivers = [
        "main": [Bench.slack], "ops": [Bench.pager], "quiet": [Bench.mail],
    ]

    private static func tree(_ receiver: String) -> RouteConfiguration {
        Bench.route("main", routes: [Bench.route(receiver, [.equal("team", "x")])])
    }

    @Test func theSameTreeChangesNothing() {
        var bench = Bench(Self.tree("ops"), receivers: Self.receivers)
        bench.fire("A", [Label("team", "x")], at: 0)
        bench.run(to: 100)
        let rows = bench.rows
        bench.reconfigure(Self.tree("ops"), at: 100)
        #expect(bench.rows == rows)
        bench.run(to: 1000)
        #expect(bench.sent == ["30 ops/pagerduty +A"])
    }

    @Test func whoWasToldByARouteThatGoesIsToldTheEnd() {
        var bench = Bench(Self.tree("ops"), receivers: Self.receivers)
        bench.fire("A", [Label("team", "x")], at: 0)
        bench.run(to: 100)
        bench.reconfigure(Bench.route("main"), at: 100)
        bench.run(to: 1000)
        #expect(
            bench.sent == [
                "30 ops/pagerduty +A", "100 ops/pagerduty -A", "100 main/slack +A",
            ])
        // Nothing more is owed, and a second reload says nothing more.
        bench.reconfigure(Bench.route("main"), at: 1000)
        bench.run(to: 3000)
        #expect(bench.sent.count == 3)
    }

    @Test func whoWasToldAndIsRemovedIsToldTheEnd() {
        var bench = Bench(Self.tree("ops"), receivers: Self.receivers)
        bench.fire("A", [Label("team", "x")], at: 0)
        bench.run(to: 100)
        bench.reconfigure(Self.tree("main"), receivers: ["main": [Bench.slack]], at: 100)
        bench.run(to: 1000)
        #expect(
            bench.sent == [
                "30 ops/pagerduty +A", "100 ops/pagerduty -A", "330 main/slack +A",
            ])
    }

    @Test func theEndSurvivesARestartAndAFailure() {
        var bench = Bench(Self.tree("ops"), receivers: Self.receivers)
        bench.fire("A", [Label("team", "x")], at: 0)
        bench.run(to: 100)
        bench.answer = { _, second in second < 150 ? .retry(reason: "500") : .delivered() }
        bench.reconfigure(Bench.route("main"), at: 100)
        bench.run(to: 120)
        bench.restart(at: 120)
        bench.reconfigure(Bench.route("main"), at: 130)
        bench.run(to: 1000)
        #expect(
            bench.delivered == [
                "30 ops/pagerduty +A", "163 ops/pagerduty -A", "163 main/slack +A",
            ])
    }

    @Test func whoWantsNoEndsGetsNone() {
        var bench = Bench(Self.tree("quiet"), receivers: Self.receivers)
        bench.fire("A", [Label("team", "x")], at: 0)
        bench.run(to: 100)
        bench.reconfigure(Bench.route("main"), at: 100)
        bench.run(to: 1000)
        #expect(bench.sent == ["30 quiet/email +A", "100 main/slack +A"])
    }

    @Test func whatIsOwedAndWasNotToldGoesTheNewWay() {
        var bench = Bench(Self.tree("ops"), receivers: Self.receivers)
        bench.answer = { delivery, _ in
            delivery.key.receiver == "ops" ? .retry(reason: "500") : .delivered()
        }
        bench.fire("A", [Label("team", "x")], at: 0)
        bench.run(to: 100)
        bench.reconfigure(Bench.route("main"), at: 100)
        bench.run(to: 1000)
        #expect(bench.delivered == ["100 main/slack +A"])
        #expect(bench.notifier.outbox.count == 0)
    }

    @Test func anAlertThatLeavesAGroupIsOverThere() {
        var bench = Bench(Bench.route("ops"), receivers: Self.receivers)
        bench.fire("A", [Label("team", "x")], at: 0)
        bench.fire("B", at: 0)
        bench.run(to: 100)
        let other = Bench.route("ops", routes: [Bench.route("main", [.equal("team", "x")])])
        bench.reconfigure(other, at: 100)
        bench.run(to: 1000)
        #expect(
            bench.sent == [
                "30 ops/pagerduty +B +A", "100 main/slack +A", "100 ops/pagerduty +B -A",
            ])
    }

    @Test func aTreeChangedWhileAwayCountsToo() {
        var bench = Bench(Self.tree("ops"), receivers: Self.receivers)
        bench.fire("A", [Label("team", "x")], at: 0)
        bench.run(to: 100)
        bench.setup.routes = RouteTree(Bench.route("main"))
        bench.restart(at: 200)
        bench.run(to: 1000)
        #expect(
            bench.sent == [
                "30 ops/pagerduty +A", "200 ops/pagerduty -A", "200 main/slack +A",
            ])
    }
}
