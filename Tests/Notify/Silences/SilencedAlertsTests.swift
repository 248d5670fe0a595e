import Configuration
import Model
import Notify
import Testing

/// What silences do to notifications, on a clock that is moved.
@Suite struct SilencedAlertsTests {
    @Test func anAlertThatIsSilencedBeforeItFiresIsToldAtTheFlushAfterTheSilence() throws {
        var bench = Bench()
        let id = try bench.silence(.equal("alertname", "A", to: 100), at: 0)
        bench.fire("A", at: 0)
        bench.run(to: 90)
        let now = Bench.time(90)
        let alerts = bench.notifier.alerts(at: now)
        #expect(alerts.map(\.muted.silencedBy) == [[id]])
        #expect(alerts.map(\.state) == [.suppressed])
        let inGroups = bench.notifier.groups(at: now).flatMap(\.alerts)
        #expect(inGroups.map(\.muted.silencedBy) == [[id]])
        bench.run(to: 1000)
        #expect(bench.sent == ["330 main/slack +A"])
        #expect(bench.notifier.alerts(at: Bench.time(1000)).map(\.state) == [.active])
    }

    @Test func aPendingSilenceSilencesFromItsStart() throws {
        var bench = Bench()
        try bench.silence(.equal("alertname", "A", from: 100, to: 1000), at: 0)
        try bench.silence(.equal("alertname", "B", from: 20, to: 1000), at: 0)
        bench.fire("A", at: 0)
        bench.fire("B", at: 0)
        bench.run(to: 900)
        #expect(bench.sent == ["30 main/slack +A"])
        bench.run(to: 2000)
        #expect(bench.sent == ["30 main/slack +A", "1230 main/slack +A +B"])
    }

    @Test func theOthersOfTheGroupAreTold() throws {
        var bench = Bench()
        let id = try bench.silence(.equal("alertname", "A", to: 10_000), at: 0)
        bench.fire("A", at: 0)
        bench.fire("B", at: 0)
        bench.run(to: 400)
        #expect(bench.sent == ["30 main/slack +B"])
        try bench.expire(id, at: 400)
        bench.resolve("B", at: 500)
        bench.run(to: 1000)
        #expect(bench.sent == ["30 main/slack +B", "630 main/slack +A -B"])
    }

    // MARK: Told before

    @Test func anAlertThatWasToldIsNotToldAgainBeforeItsRepeatInterval() throws {
        var bench = Bench()
        bench.fire("A", at: 0)
        try bench.silence(.equal("alertname", "A", to: 5000), at: 100)
        bench.run(to: 15_000)
        // The first flush that lies more than four hours after 30.
        #expect(bench.sent == ["30 main/slack +A", "14730 main/slack +A"])
    }

    @Test func aRepeatThatFallsIntoTheSilenceComesAfterIt() throws {
        var bench = Bench()
        bench.fire("A", at: 0)
        try bench.silence(.equal("alertname", "A", to: 20_000), at: 100)
        bench.run(to: 21_000)
        #expect(bench.sent == ["30 main/slack +A", "20130 main/slack +A"])
    }

    /// As in Alertmanager: nobody hears of the end, and the log still says that it fires.
    @Test func anAlertThatEndsUnderASilenceIsNotToldAsResolved() throws {
        var bench = Bench()
        bench.fire("A", at: 0)
        try bench.silence(.equal("alertname", "A", to: 10_000), at: 100)
        bench.resolve("A", at: 200)
        bench.run(to: 400)
        #expect(bench.notifier.alerts(at: Bench.time(400)).isEmpty)
        bench.fire("A", at: 11_000)
        bench.run(to: 14_400)
        #expect(bench.sent == ["30 main/slack +A"])
        bench.run(to: 15_000)
        #expect(bench.sent == ["30 main/slack +A", "14630 main/slack +A"])
    }

    @Test func anAlertThatEndsAfterTheSilenceIsToldAsResolved() throws {
        var bench = Bench()
        bench.fire("A", at: 0)
        try bench.silence(.equal("alertname", "A", to: 1000), at: 100)
        bench.resolve("A", at: 1100)
        bench.run(to: 2000)
        #expect(bench.sent == ["30 main/slack +A", "1230 main/slack -A"])
    }

    @Test func anAlertThatFiresAndEndsUnderASilenceIsNeverHeardOf() throws {
        var bench = Bench()
        try bench.silence(.equal("alertname", "A", to: 1000), at: 0)
        bench.fire("A", at: 0)
        bench.resolve("A", at: 500)
        bench.run(to: 3000)
        #expect(bench.sent.isEmpty)
        #expect(bench.occupied == ["silences"])
    }

    // MARK: Silences that change

    @Test func anExpiredSilenceFreesAtTheNextFlush() throws {
        var bench = Bench()
        let id = try bench.silence(.equal("alertname", "A", to: 10_000), at: 0)
        bench.fire("A", at: 0)
        try bench.expire(id, at: 700)
        #expect(bench.notifier.alerts(at: Bench.time(700)).map(\.state) == [.active])
        bench.run(to: 2000)
        #expect(bench.sent == ["930 main/slack +A"])
    }

    @Test func aSilenceMadeAfterTheFirstVerdictIsSeen() throws {
        var bench = Bench()
        try bench.silence(.equal("alertname", "other", to: 10_000), at: 0)
        bench.fire("A", at: 0)
        bench.fire("B", at: 0)
        bench.run(to: 50)
        let regex = try bench.silence(
            SilenceRequest(
                matchers: [SilenceMatcher(.matches, "alertname", "A|C")],
                endsAt: Bench.time(10_000)), at: 50)
        bench.resolve("A", at: 100)
        bench.fire("C", at: 100)
        bench.run(to: 400)
        #expect(bench.sent == ["30 main/slack +A +B"])
        let muted = bench.notifier.alerts(at: Bench.time(400)).filter(\.muted.isMuted)
        #expect(muted.map(\.alert.name) == ["C"])
        #expect(muted.map(\.muted.silencedBy) == [[regex]])
    }

    @Test func aLongerSilenceGoesOnAndAShorterOneEnds() throws {
        var bench = Bench()
        let id = try bench.silence(.equal("alertname", "A", from: 0, to: 200), at: 0)
        bench.fire("A", at: 0)
        #expect(
            try bench.silence(.equal("alertname", "A", id: id, from: 0, to: 5000), at: 100) == id)
        bench.run(to: 1000)
        #expect(bench.sent.isEmpty)
        #expect(
            try bench.silence(.equal("alertname", "A", id: id, from: 0, to: 1100), at: 1000) == id)
        bench.run(to: 2000)
        #expect(bench.sent == ["1230 main/slack +A"])
    }

    @Test func aSilenceWithOtherMatchersFreesWhatItHeld() throws {
        var bench = Bench()
        let id = try bench.silence(.equal("alertname", "A", to: 10_000), at: 0)
        bench.fire("A", at: 0)
        bench.fire("B", at: 0)
        bench.run(to: 20)
        let other = try bench.silence(.equal("alertname", "B", id: id, to: 10_000), at: 20)
        #expect(other != id)
        bench.run(to: 100)
        #expect(bench.sent == ["30 main/slack +A"])
        #expect(bench.notifier.silences[id]?.state(at: Bench.time(100)) == .expired)
    }

    // MARK: Restarts

    @Test func silencesSurviveARestart() throws {
        var bench = Bench()
        let id = try bench.silence(.equal("alertname", "A", to: 500), at: 0)
        try bench.silence(.equal("alertname", "B", from: 200, to: 2000), at: 0)
        bench.fire("A", at: 0)
        bench.run(to: 50)
        let before = bench.notifier.silences.list(at: Bench.time(100))
        bench.restart(at: 100)
        #expect(bench.notifier.silences.list(at: Bench.time(100)) == before)
        #expect(before.count == 2)
        let muted = bench.notifier.alerts(at: Bench.time(100)).map(\.muted.silencedBy)
        #expect(muted == [[id]])
        bench.fire("B", at: 210)
        bench.run(to: 400)
        #expect(bench.sent.isEmpty)
        bench.run(to: 700)
        #expect(bench.sent == ["630 main/slack +A"])
        bench.restart(at: 2500)
        bench.run(to: 3000)
        #expect(bench.sent == ["630 main/slack +A", "2500 main/slack +A +B"])
    }

    @Test func aSilenceThatEndedDuringTheOutageSilencesNoMore() throws {
        var bench = Bench()
        bench.fire("A", at: 0)
        let id = try bench.silence(.equal("alertname", "A", to: 10_000), at: 0)
        bench.run(to: 100)
        try bench.expire(id, at: 100)
        bench.restart(at: 5000)
        bench.run(to: 5100)
        #expect(bench.sent == ["5000 main/slack +A"])
        #expect(bench.notifier.silences[id]?.endsAt == Bench.time(100))
    }

    @Test func aRowThatCannotBeReadIsNamedAndTheOthersHold() throws {
        var bench = Bench()
        let id = try bench.silence(.equal("alertname", "A", to: 10_000), at: 0)
        bench.rows[.silences]?["broken"] = Array("{}".utf8)
        bench.restart(at: 100)
        #expect(bench.notifier.restoreProblems.count == 1)
        #expect(bench.notifier.restoreProblems.first?.contains("\"broken\" of silences") == true)
        #expect(bench.notifier.silences[id] != nil)
        #expect(bench.notifier.silences.count == 1)
    }

    @Test func anotherConfigurationKeepsSilences() throws {
        var bench = Bench()
        try bench.silence(.equal("alertname", "A", to: 10_000), at: 0)
        bench.fire("A", at: 0)
        bench.reconfigure(
            Bench.route("other"), receivers: ["other": [Bench.mail]], at: 10)
        bench.run(to: 5000)
        #expect(bench.sent.isEmpty)
        bench.run(to: 10_500)
        #expect(bench.sent == ["10230 other/email +A"])
    }

    // MARK: Receivers that are down

    @Test func aPageThatNobodyTookIsHeldBackUntilTheSilenceEnds() throws {
        var bench = Bench()
        bench.answer = { _, _ in .retry(reason: "500") }
        bench.fire("A", at: 0)
        try bench.silence(.equal("alertname", "A", to: 2000), at: 40)
        bench.run(to: 330)
        #expect(bench.notifier.outbox.count == 0)
        bench.answer = { _, _ in .delivered() }
        bench.run(to: 1900)
        #expect(bench.delivered.isEmpty)
        bench.run(to: 2500)
        #expect(bench.delivered == ["2130 main/slack +A"])
    }

    /// Two routes for one receiver: by day and by night.
    @Test func aRouteThatSleepsHoldsBackNothingOfOneThatSpeaks() throws {
        // The bench's start is 22:13:20, UTC.
        var night = CalendarInterval()
        night.times = [(22 * 60)..<(24 * 60)]
        var muting = Muting()
        muting.timeIntervals = ["night": [night]]
        var byNight = Bench.route("main", [.equal("alertname", "A")], continues: true)
        byNight.activeTimeIntervals = ["night"]
        var byDay = Bench.route("main", [.equal("alertname", "A")])
        byDay.muteTimeIntervals = ["night"]
        byDay.groupWait = .seconds(35)
        var bench = Bench(Bench.route("main", routes: [byNight, byDay]), muting: muting)
        bench.answer = { _, s in s < 100 ? .retry(reason: "500") : .delivered() }
        bench.fire("A", at: 0)
        bench.run(to: 300)
        #expect(bench.delivered == ["153 main/slack +A"])
    }

    @Test func aPageThatNobodyTookIsHeldBackWhileItsRouteSleeps() throws {
        // From 40 to 400 seconds after the bench's start.
        var late = CalendarInterval()
        late.times = [(22 * 60 + 14)..<(22 * 60 + 20)]
        var muting = Muting()
        muting.timeIntervals = ["late": [late]]
        var route = Bench.route("main")
        route.muteTimeIntervals = ["late"]
        var bench = Bench(route, muting: muting)
        bench.answer = { _, s in s < 350 ? .retry(reason: "500") : .delivered() }
        bench.fire("A", at: 0)
        bench.run(to: 1000)
        #expect(bench.delivered == ["630 main/slack +A"])
    }

    @Test func aPageThatMayHaveArrivedIsSaidUntilItIsCertain() throws {
        var bench = Bench()
        bench.answer = { _, s in
            s < 500 ? .retry(reason: "timeout", mayHaveArrived: true) : .delivered()
        }
        bench.fire("A", at: 0)
        try bench.silence(.equal("alertname", "A", to: 2000), at: 40)
        bench.run(to: 700)
        #expect(bench.delivered.count == 1)
        #expect(bench.delivered.first?.hasSuffix("+A") == true)
    }

    @Test func theEndOfWhatWasToldStaysOwed() throws {
        var bench = Bench()
        bench.fire("A", at: 0)
        bench.fire("B", at: 0)
        bench.run(to: 100)
        bench.answer = { _, s in s < 1000 ? .retry(reason: "500") : .delivered() }
        bench.resolve("B", at: 200)
        bench.fire("C", at: 200)
        bench.run(to: 400)
        try bench.silence(
            SilenceRequest(
                matchers: [SilenceMatcher(.matches, "alertname", ".+")],
                endsAt: Bench.time(20_000)), at: 400)
        bench.run(to: 1500)
        #expect(bench.delivered.first == "30 main/slack +A +B")
        #expect(bench.delivered.count == 2)
        #expect(bench.delivered.last?.hasSuffix("main/slack -B") == true)
    }

    // MARK: Beside inhibition and time intervals

    @Test func aSilencedSourceStillInhibits() throws {
        var muting = Muting()
        muting.inhibitRules = [
            InhibitRule(
                source: [.equal("alertname", "A")], target: [.equal("alertname", "B")], equal: [])
        ]
        var bench = Bench(muting: muting)
        let id = try bench.silence(
            SilenceRequest(
                matchers: [SilenceMatcher(.matches, "alertname", "A|B")],
                endsAt: Bench.time(10_000)), at: 0)
        bench.fire("A", at: 0)
        bench.fire("B", at: 0)
        bench.run(to: 1000)
        #expect(bench.sent.isEmpty)
        let alerts = bench.notifier.alerts(at: Bench.time(1000))
        #expect(alerts.map(\.muted.silencedBy) == [[id], [id]])
        #expect(alerts.map(\.muted.inhibitedBy.count) == [0, 1])
        try bench.expire(id, at: 1000)
        bench.run(to: 2000)
        #expect(bench.sent == ["1230 main/slack +A"])
    }
}
