import Configuration
import Model
import Notify
import Testing
import Zones

@Suite struct MutingTests {
    private static func inhibiting() throws -> Muting {
        var muting = Muting()
        muting.inhibitRules = [
            InhibitRule(
                source: [.equal("severity", "critical")],
                target: [try Matcher(.matches, "severity", "critical|warning")],
                equal: ["dc"])
        ]
        return muting
    }

    private static func labels(_ severity: String, _ dc: String) -> [Label] {
        [Label("severity", severity), Label("dc", dc)]
    }

    @Test func aGreaterAlertInhibitsInTheSamePlace() throws {
        var bench = Bench(muting: try Self.inhibiting())
        bench.fire("A", Self.labels("critical", "1"), at: 0)
        bench.fire("B", Self.labels("warning", "1"), at: 0)
        bench.fire("C", Self.labels("warning", "2"), at: 0)
        bench.run(to: 100)
        #expect(bench.sent == ["30 main/slack +A +C"])
        let muted = bench.notifier.alerts(at: Bench.time(100)).filter(\.muted.isMuted)
        #expect(muted.map(\.alert.name) == ["B"])
        #expect(muted.first?.muted.inhibitedBy.count == 1)
        bench.resolve("A", Self.labels("critical", "1"), at: 100)
        bench.run(to: 400)
        #expect(bench.sent.last == "330 main/slack +B +C -A")
    }

    @Test func theLikesOfOneSourceDoNotInhibitEachOther() throws {
        var bench = Bench(muting: try Self.inhibiting())
        bench.fire("A", Self.labels("critical", "1"), at: 0)
        bench.fire("B", Self.labels("critical", "1"), at: 0)
        bench.run(to: 100)
        #expect(bench.sent == ["30 main/slack +A +B"])
    }

    @Test func missingLabelsAreEqual() throws {
        var bench = Bench(muting: try Self.inhibiting())
        bench.fire("A", [Label("severity", "critical")], at: 0)
        bench.fire("B", [Label("severity", "warning")], at: 0)
        bench.run(to: 100)
        #expect(bench.sent == ["30 main/slack +A"])
    }

    @Test func inhibitionFollowsAlertsAndConfigurations() throws {
        var bench = Bench(muting: try Self.inhibiting())
        bench.fire("A", Self.labels("critical", "1"), at: 0)
        bench.fire("B", Self.labels("warning", "1"), at: 0)
        bench.run(to: 100)
        bench.restart(at: 200)
        func inhibited(at second: Int64) -> [String] {
            bench.notifier.alerts(at: Bench.time(second)).filter { !$0.muted.inhibitedBy.isEmpty }
                .map(\.alert.name)
        }
        #expect(inhibited(at: 200) == ["B"])
        bench.resolve("A", Self.labels("critical", "1"), at: 300)
        #expect(inhibited(at: 300) == [])
        bench.run(to: 700)
        #expect(bench.sent == ["30 main/slack +A", "330 main/slack +B -A"])
        // Gone, and there again.
        #expect(bench.notifier.alerts(at: Bench.time(700)).map(\.alert.name) == ["B"])
        bench.fire("A", Self.labels("critical", "1"), at: 700)
        #expect(inhibited(at: 700) == ["B"])
        bench.setup.muting = Muting()
        bench.reconfigure(Bench.route("main"), at: 800)
        #expect(inhibited(at: 800) == [])
        bench.setup.muting = try Self.inhibiting()
        bench.reconfigure(Bench.route("main"), at: 810)
        #expect(inhibited(at: 810) == ["B"])
    }

    @Test func rulesWithoutEqualityInhibitToo() throws {
        var muting = Muting()
        muting.inhibitRules = [
            InhibitRule(
                source: [try Matcher(.matches, "alertname", "S.*")],
                target: [try Matcher(.notEqual, "team", "")]),
            InhibitRule(source: [.equal("team", "")], target: [.equal("alertname", "T")]),
        ]
        var bench = Bench(muting: muting)
        bench.fire("S1", at: 0)
        bench.fire("T", at: 0)
        bench.fire("U", [Label("team", "x")], at: 0)
        let alerts = bench.notifier.alerts(at: Bench.time(0))
        let source = try #require(alerts.first { $0.alert.name == "S1" }).alert.fingerprint
        #expect(alerts.filter(\.muted.isMuted).map(\.alert.name) == ["T", "U"])
        #expect(alerts.last?.muted.inhibitedBy == [source])
    }

    @Test func routesSleepAtNight() throws {
        // The bench's start is Tuesday, 2023-11-14T22:13:20Z.
        var night = CalendarInterval()
        night.times = [(22 * 60)..<(22 * 60 + 20)]
        var tuesday = CalendarInterval()
        tuesday.weekdays = [2...2]
        var muting = Muting()
        muting.timeIntervals = ["night": [night], "tuesday": [tuesday]]
        var route = Bench.route("main")
        route.muteTimeIntervals = ["night"]
        var bench = Bench(route, muting: muting)
        bench.fire("A", at: 0)
        bench.run(to: 1000)
        #expect(bench.sent == ["630 main/slack +A"])
        route.muteTimeIntervals = []
        route.activeTimeIntervals = ["night"]
        bench = Bench(route, muting: muting)
        bench.fire("A", at: 500)
        bench.run(to: 3000)
        #expect(bench.sent.isEmpty)
        route.activeTimeIntervals = ["night", "tuesday"]
        bench = Bench(route, muting: muting)
        bench.fire("A", at: 500)
        bench.run(to: 3000)
        #expect(bench.sent == ["530 main/slack +A"])
        #expect(
            bench.notifier.groups(at: Bench.time(86_400 * 3 + 3600)).map {
                $0.alerts[0].muted.mutedBy
            }
                == [["night", "tuesday"]])
    }

    @Test(arguments: [
        ("2024-02-29T12:00:00Z", true), ("2024-02-28T12:00:00Z", true),
        ("2024-02-27T12:00:00Z", false), ("2024-03-01T12:00:00Z", false),
        ("2023-02-28T12:00:00Z", false), ("2024-07-31T12:00:00Z", true),
        // In Berlin it is the next month already.
        ("2024-02-29T23:00:00Z", false),
        // Before the hour, in Berlin.
        ("2024-07-31T03:59:59Z", false), ("2024-07-31T04:00:00Z", true),
    ])
    func calendarsCountFromTheEnd(text: String, expected: Bool) throws {
        var interval = CalendarInterval()
        interval.daysOfMonth = [.init(-2, -1)]
        interval.years = [2024...2030]
        interval.months = [2...3, 7...7]
        interval.times = [(6 * 60)..<(24 * 60)]
        interval.location = try Zone(named: "Europe/Berlin")
        #expect(interval.contains(try #require(Timestamp(rfc3339: text))) == expected)
    }

    @Test func daysBeyondTheMonthAreCut() throws {
        let february = try #require(Timestamp(rfc3339: "2023-02-28T00:00:00Z"))
        var interval = CalendarInterval()
        interval.daysOfMonth = [.init(29, 31)]
        #expect(!interval.contains(february))
        interval.daysOfMonth = [.init(25, 31)]
        #expect(interval.contains(february))
    }
}
