import Configuration
import Model
import Notify
import Testing

@Suite("Why a group is or is not notified") struct GroupVerdictTests {
    private func verdict(_ bench: Bench, at second: Int64) throws -> GroupVerdict {
        try #require(bench.notifier.verdicts(at: Bench.time(second)).first)
    }

    private func notification(_ bench: Bench, at second: Int64) throws -> NotificationVerdict {
        try #require(try verdict(bench, at: second).integrations.first).notification
    }

    // MARK: Waiting

    @Test func aGroupWaitsForMoreAndThenForItsInterval() throws {
        var bench = Bench()
        bench.fire("A", at: 0)
        #expect(try verdict(bench, at: 29).group.flush == .groupWait(until: Bench.time(30)))
        #expect(try verdict(bench, at: 30).group.flush == .due)
        bench.run(to: 30)
        #expect(try verdict(bench, at: 31).group.flush == .groupInterval(until: Bench.time(330)))
    }

    @Test func anOldAlertDoesNotWait() throws {
        var bench = Bench()
        bench.fire("A", since: -100, at: 0)
        #expect(try verdict(bench, at: 0).group.flush == .due)
    }

    // MARK: Notifying

    @Test func whatWasNotifiedWaitsForTheRepeatInterval() throws {
        var bench = Bench()
        bench.fire("A", at: 0)
        #expect(try notification(bench, at: 0) == .notify(.first))
        bench.run(to: 30)
        let repeatAfter = Bench.time(30 + 4 * 3600)
        #expect(
            try notification(bench, at: 31)
                == .alreadyNotified(at: Bench.time(30), repeatAfter: repeatAfter))
        #expect(
            try notification(bench, at: 30 + 4 * 3600)
                == .alreadyNotified(at: Bench.time(30), repeatAfter: repeatAfter))
        #expect(try notification(bench, at: 31 + 4 * 3600) == .notify(.repeated))
        bench.fire("B", at: 60)
        #expect(try notification(bench, at: 60) == .notify(.newAlerts))
        let integration = try #require(try verdict(bench, at: 60).integrations.first)
        #expect(integration.lastNotified == Bench.time(30))
        #expect(integration.believesFiring(Bench.alert("A", since: 0, at: 0)))
        #expect(!integration.believesFiring(Bench.alert("B", since: 0, at: 0)))
        #expect(integration.owed == nil)
    }

    @Test func endsAreNews() throws {
        var bench = Bench()
        bench.fire("A", at: 0)
        bench.fire("B", at: 0)
        bench.run(to: 30)
        bench.resolve("A", at: 40)
        #expect(try notification(bench, at: 40) == .notify(.someResolved))
        bench.resolve("B", at: 50)
        #expect(try notification(bench, at: 50) == .notify(.allResolved))
    }

    @Test func anEndIsNotSentWhereNobodyWantsIt() throws {
        var bench = Bench(receivers: ["main": [Bench.mail]])
        bench.fire("A", at: 0)
        bench.fire("B", at: 0)
        bench.run(to: 30)
        bench.resolve("A", at: 40)
        guard case .alreadyNotified = try notification(bench, at: 40) else {
            Issue.record("an end was news")
            return
        }
        bench.resolve("B", at: 50)
        #expect(try notification(bench, at: 50) == .endNotWanted)
        bench.run(to: 400)
        #expect(bench.sent == ["30 main/email +A +B"])
    }

    @Test func whatNobodyHeardOfHasNoEnd() throws {
        var bench = Bench()
        bench.fire("A", at: 0)
        bench.resolve("A", at: 10)
        #expect(try notification(bench, at: 20) == .nothingToNotify)
        bench.run(to: 100)
        #expect(bench.sent.isEmpty)
    }

    @Test func anEndIsSentOnce() throws {
        var bench = Bench(
            receivers: ["main": [Bench.slack, Bench.pager]])
        bench.answer = { delivery, _ in
            delivery.key.integration == "pagerduty" && delivery.data.firing.isEmpty
                ? .retry(after: .minutes(30), reason: "busy") : .delivered()
        }
        bench.fire("A", at: 0)
        bench.run(to: 30)
        bench.resolve("A", at: 40)
        bench.run(to: 330)
        #expect(try notification(bench, at: 340) == .endAlreadyNotified(at: Bench.time(330)))
        let group = try verdict(bench, at: 340)
        #expect(group.group.alerts.map(\.ending) == [.owed])
        let owed = try #require(group.integrations.last?.owed)
        #expect(owed.owedSince == Bench.time(330))
        #expect(owed.lastError == "busy")
    }

    // MARK: Ending

    @Test func anAlertStaysUntilAFlushHasToldItsEnd() throws {
        var bench = Bench()
        bench.fire("A", at: 0)
        #expect(try verdict(bench, at: 0).group.alerts.map(\.ending) == [.firing])
        bench.run(to: 30)
        bench.resolve("A", at: 40)
        #expect(try verdict(bench, at: 40).group.alerts.map(\.ending) == [.notFlushed])
        bench.run(to: 330)
        #expect(bench.notifier.verdicts(at: Bench.time(331)).isEmpty)
    }

    @Test func anEndThatCameTooLateWaitsForTheNextFlush() throws {
        var bench = Bench()
        bench.fire("A", at: 0)
        bench.fire("B", at: 0)
        bench.run(to: 30)
        bench.receive([Bench.alert("A", since: 0, until: 25, at: 25)], at: 35)
        let endings = try verdict(bench, at: 35).group.alerts.map { ($0.alert.name, $0.ending) }
        #expect(endings.map(\.0) == ["A", "B"])
        #expect(endings.map(\.1) == [.endedUnseen, .firing])
    }

    @Test func alertsWithoutAGroupHaveNoEnding() {
        var bench = Bench()
        bench.fire("A", at: 0)
        #expect(bench.notifier.alerts(at: Bench.time(0)).map(\.ending) == [nil])
    }
}
