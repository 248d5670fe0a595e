import Configuration
import Model
import Notify
import Testing

@Suite("Why alerts are muted, and what is held back") struct MutingVerdictTests {
    /// The bench's start is 22:13:20Z: the night ends after 400 s.
    private static func muting() -> Muting {
        var night = CalendarInterval()
        night.times = [(22 * 60)..<(22 * 60 + 20)]
        var muting = Muting()
        muting.timeIntervals = ["night": [night]]
        muting.inhibitRules = [
            InhibitRule(source: [.equal("severity", "none")], target: [.equal("a", "b")]),
            InhibitRule(
                source: [.equal("severity", "critical")], target: [.equal("severity", "warning")]),
        ]
        return muting
    }

    private func integration(_ bench: Bench, at second: Int64) throws -> IntegrationVerdict {
        let groups = bench.notifier.verdicts(at: Bench.time(second))
        return try #require(groups.first?.integrations.first)
    }

    private func silence(_ bench: inout Bench, _ name: String, at second: Int64) throws -> String {
        try bench.silence(.equal("alertname", name, to: 100_000), at: second)
    }

    @Test func anInhibitionNamesItsSourceAndItsRule() throws {
        var bench = Bench(muting: Self.muting())
        bench.fire("A", [Label("severity", "critical")], at: 0)
        bench.fire("B", [Label("severity", "warning")], at: 0)
        let alerts = bench.notifier.alerts(at: Bench.time(0))
        let source = try #require(alerts.first).alert
        #expect(alerts.map(\.muted.isMuted) == [false, true])
        let inhibition = try #require(alerts.last?.muted.inhibition)
        #expect(inhibition.source == source.labels)
        #expect(inhibition.rule == 1)
        #expect(alerts.last?.muted.inhibitedBy == [source.fingerprint])
    }

    @Test func aSilenceIsNamed() throws {
        var bench = Bench()
        bench.fire("A", at: 0)
        bench.fire("B", at: 0)
        let id = try silence(&bench, "A", at: 0)
        let group = try #require(bench.notifier.verdicts(at: Bench.time(1)).first)
        #expect(group.group.alerts.map(\.muted.silencedBy) == [[id], []])
        #expect(group.integrations.map(\.notification) == [.notify(.first)])
        let other = try silence(&bench, "B", at: 2)
        let muted = try #require(bench.notifier.verdicts(at: Bench.time(3)).first)
        #expect(muted.group.alerts.map(\.muted.silencedBy) == [[id], [other]])
        #expect(muted.integrations.map(\.notification) == [.allMuted])
    }

    @Test func timeIntervalsSayWhetherTheyMuteOrDoNotHold() throws {
        var route = Bench.route("main")
        route.muteTimeIntervals = ["night"]
        var bench = Bench(route, muting: Self.muting())
        bench.fire("A", at: 0)
        func intervals(at second: Int64) -> TimeIntervalVerdict? {
            bench.notifier.groups(at: Bench.time(second)).first?.timeIntervals
        }
        #expect(intervals(at: 399) == .muted(["night"]))
        #expect(intervals(at: 400) == .active)
        route.muteTimeIntervals = []
        route.activeTimeIntervals = ["night"]
        bench.reconfigure(route, at: 0)
        #expect(intervals(at: 399) == .active)
        #expect(intervals(at: 400) == .notActive(["night"]))
        #expect(intervals(at: 400)?.names == ["night"])
    }

    // MARK: Holding back

    @Test func whatIsOwedIsHeldBackWhileAllIsMuted() throws {
        var bench = Bench()
        bench.answer = { _, _ in .retry(after: .minutes(10), reason: "busy") }
        bench.fire("A", at: 0)
        bench.run(to: 30)
        #expect(try integration(bench, at: 40).hold == nil)
        _ = try silence(&bench, "A", at: 40)
        #expect(try integration(bench, at: 41).hold == .heldBack)
        bench.run(to: 330)
        #expect(try integration(bench, at: 331).owed == nil)
    }

    @Test func whatMayHaveArrivedIsKept() throws {
        var bench = Bench()
        bench.answer = { _, _ in
            .retry(after: .minutes(10), reason: "no answer", mayHaveArrived: true)
        }
        bench.fire("A", at: 0)
        bench.run(to: 30)
        _ = try silence(&bench, "A", at: 40)
        #expect(try integration(bench, at: 41).hold == .keptUnconfirmed)
        bench.run(to: 330)
        #expect(try integration(bench, at: 331).owed != nil)
    }

    @Test func anAttemptUnderWayIsKept() throws {
        var bench = Bench()
        bench.fire("A", at: 0)
        _ = bench.begin(at: Bench.time(30))
        _ = try silence(&bench, "A", at: 40)
        #expect(try integration(bench, at: 41).hold == .keptUnderWay)
    }

    @Test func endsOfWhatTheReceiverBelievesAreKept() throws {
        var bench = Bench()
        bench.fire("A", at: 0)
        bench.fire("B", at: 0)
        bench.run(to: 30)
        bench.answer = { _, _ in .retry(after: .minutes(20), reason: "busy") }
        bench.resolve("A", at: 40)
        bench.run(to: 330)
        _ = try silence(&bench, "A", at: 340)
        _ = try silence(&bench, "B", at: 340)
        guard case .onlyEnds(let ends) = try integration(bench, at: 341).hold else {
            Issue.record("\(String(describing: try integration(bench, at: 341).hold))")
            return
        }
        #expect(ends.map(\.name) == ["A"])
        bench.run(to: 630)
        #expect(try integration(bench, at: 631).owed?.data.alerts.map(\.name) == ["A"])
        #expect(try integration(bench, at: 631).hold == .keptEnds)
    }

    @Test func aSiblingWithTheSameKeyMayTellIt() throws {
        var sleepy = Bench.route("main", [.equal("a", "b")], continues: true)
        sleepy.muteTimeIntervals = ["night"]
        let route = Bench.route(
            "main", routes: [sleepy, Bench.route("main", [.equal("a", "b")])])
        var bench = Bench(route, muting: Self.muting())
        bench.answer = { _, _ in .retry(after: .minutes(10), reason: "busy") }
        bench.fire("A", [Label("a", "b")], at: 0)
        bench.run(to: 30)
        let holds = bench.notifier.verdicts(at: Bench.time(40)).map { $0.integrations.first?.hold }
        #expect(holds == [.keptForSibling, nil])
    }
}
