import Configuration
import Model
import Notify
import Testing

/// What happens when receivers do not just take it.
@Suite struct OutboxTests {
    /// Answers by the second of the attempt; delivered where nothing is said.
    private func bench(_ answers: [Int64: DeliveryOutcome], until end: Int64 = 0) -> Bench {
        var bench = Bench()
        bench.answer = { _, second in
            answers[second] ?? (second < end ? .retry(reason: "503") : .delivered())
        }
        return bench
    }

    @Test func backsOffUpToAMinute() {
        var bench = bench([:], until: 200)
        bench.fire("A", at: 0)
        bench.run(to: 320)
        #expect(
            bench.sent.map { $0.prefix { $0 != " " } } == [
                "30", "31", "33", "37", "45", "61", "93", "153", "213",
            ])
        #expect(bench.delivered == ["213 main/slack +A"])
        #expect(bench.rows[.outbox]?.isEmpty ?? true)
    }

    @Test func honoursRetryAfter() {
        var bench = bench([30: .retry(after: .seconds(90), reason: "429")])
        bench.fire("A", at: 0)
        bench.run(to: 200)
        #expect(bench.delivered == ["120 main/slack +A"])
        // More than an hour is not waited.
        bench = self.bench([30: .retry(after: .seconds(1_000_000), reason: "429")])
        bench.fire("A", at: 0)
        bench.run(to: 4000)
        #expect(bench.delivered == ["3630 main/slack +A"])
    }

    @Test func waitsWithNewerContentToo() {
        var bench = bench([30: .retry(after: .seconds(400), reason: "429")])
        bench.fire("A", at: 0)
        bench.fire("B", at: 100)
        bench.run(to: 500)
        #expect(bench.sent == ["30 main/slack +A", "430 main/slack +A +B"])
    }

    @Test func aRefusedOneIsTriedAtTheNextInterval() {
        var bench = bench([
            30: .failed(reason: "403"), 330: .failed(reason: "403"),
        ])
        bench.fire("A", at: 0)
        bench.run(to: 1000)
        #expect(
            bench.sent == ["30 main/slack +A", "330 main/slack +A", "630 main/slack +A"])
        #expect(bench.delivered == ["630 main/slack +A"])
    }

    @Test func theNewestWins() {
        var bench = bench([:], until: 400)
        bench.fire("A", at: 0)
        bench.resolve("A", at: 60)
        bench.fire("B", at: 70)
        bench.run(to: 1000)
        #expect(bench.delivered == ["453 main/slack +B -A"])
    }

    @Test func whatWasNeverHeardNeedNotBeTakenBack() {
        var bench = bench([:], until: 400)
        bench.fire("A", at: 0)
        bench.resolve("A", at: 60)
        bench.run(to: 1000)
        #expect(bench.delivered.isEmpty)
        #expect(bench.occupied.isEmpty)
    }

    @Test func whatMayHaveBeenHeardIsTakenBack() {
        var bench = bench([
            30: .retry(after: .seconds(320), reason: "timeout", mayHaveArrived: true)
        ])
        bench.fire("A", at: 0)
        bench.resolve("A", at: 60)
        bench.run(to: 1000)
        #expect(bench.delivered == ["350 main/slack -A"])
    }

    @Test func anOwedResolvedIsDroppedWhenItFiresAgain() {
        var bench = bench([330: .retry(after: .seconds(600), reason: "429")])
        bench.fire("A", at: 0)
        bench.resolve("A", at: 60)
        bench.run(to: 400)
        bench.fire("A", at: 400)
        bench.run(to: 2000)
        #expect(bench.sent == ["30 main/slack +A", "330 main/slack -A"])
        #expect(bench.delivered == ["30 main/slack +A"])
        #expect(bench.notifier.outbox.count == 0)
    }

    @Test func aResolvedAlertStaysUntilItIsDelivered() {
        var bench = bench([:], until: 0)
        bench.fire("A", at: 0)
        bench.fire("B", at: 0)
        bench.run(to: 40)
        bench.answer = { _, s in s < 1000 ? .retry(reason: "500") : .delivered() }
        bench.resolve("A", at: 100)
        bench.run(to: 700)
        bench.fire("C", at: 700)
        bench.run(to: 1300)
        #expect(bench.delivered.last?.hasSuffix("+B +C -A") ?? false)
        #expect(bench.delivered.count == 2)
        bench.run(to: 3000)
        #expect(bench.delivered.count == 2)
        #expect(bench.notifier.alerts(at: Bench.time(3000)).map(\.alert.name) == ["B", "C"])
    }

    @Test func aLateAcknowledgementCountsForWhatItTold() {
        var bench = Bench()
        bench.fire("A", at: 0)
        let first = bench.begin(at: Bench.time(30))
        bench.save(
            bench.notifier.receive([Bench.alert("B", since: 40, at: 40)], at: Bench.time(40)))
        // The slot is busy: the newer content waits behind it.
        #expect(bench.begin(at: Bench.time(330)).isEmpty)
        #expect(first.count == 1)
        for delivery in first { bench.end(delivery, .delivered(), at: Bench.time(340)) }
        bench.run(to: 350)
        #expect(bench.sent == ["30 main/slack +A", "340 main/slack +A +B"])
    }

    @Test func aLateAcknowledgementOfTheSameIsEnough() {
        var bench = Bench()
        bench.fire("A", at: 0)
        let first = bench.begin(at: Bench.time(30))
        #expect(bench.begin(at: Bench.time(330)).isEmpty)
        for delivery in first { bench.end(delivery, .delivered(), at: Bench.time(340)) }
        bench.run(to: 2000)
        #expect(bench.sent == ["30 main/slack +A"])
    }

    @Test func aLateFailureAfterAllIsOver() {
        var bench = Bench()
        bench.fire("A", at: 0)
        let first = bench.begin(at: Bench.time(30))
        bench.save(
            bench.notifier.receive(
                [Bench.alert("A", since: 0, until: 60, at: 60)], at: Bench.time(60)))
        _ = bench.begin(at: Bench.time(330))
        for delivery in first { bench.end(delivery, .retry(reason: "500"), at: Bench.time(340)) }
        bench.run(to: 2000)
        #expect(bench.sent == ["30 main/slack +A"])
        #expect(bench.occupied.isEmpty)
    }

    @Test func anEndNobodyWaitsForChangesNothing() throws {
        var bench = Bench()
        bench.fire("A", at: 0)
        let delivery = try #require(bench.begin(at: Bench.time(30)).first)
        bench.end(delivery, .delivered(), at: Bench.time(31))
        let rows = bench.rows
        let report = bench.end(delivery, .failed(reason: "x"), at: Bench.time(32))
        #expect(report.result == .stale)
        #expect(bench.rows == rows)
    }

    @Test func oneReceiverDelaysNoOther() {
        var bench = Bench(receivers: ["main": [Bench.slack, Bench.pager]])
        bench.answer = { delivery, second in
            delivery.key.integration == "slack" && second < 1000
                ? .retry(reason: "500") : .delivered()
        }
        bench.fire("A", at: 0)
        bench.resolve("A", at: 100)
        bench.run(to: 2000)
        #expect(bench.delivered == ["30 main/pagerduty +A", "330 main/pagerduty -A"])
    }

    @Test func attemptsAtOnceAreLimitedPerIntegration() {
        var route = Bench.route("main")
        route.groupBy = .all
        var bench = Bench(route, receivers: ["main": [Bench.slack, Bench.pager]])
        for index in 0..<40 { bench.fire("A\(index)", at: 0) }
        let first = bench.begin(at: Bench.time(30))
        #expect(first.count == 2 * Outbox.maximumInFlightPerIntegration)
        // Everything else waits for an end, not for a time.
        #expect(bench.notifier.nextWake == Bench.time(330))
        for delivery in first { bench.end(delivery, .delivered(), at: Bench.time(31)) }
        bench.run(to: 40)
        #expect(bench.delivered.count == 80)
        #expect(bench.notifier.outbox.count == 0)
    }

    @Test func givesUpAfterItsAge() {
        var bench = Bench()
        bench.answer = { _, _ in .retry(after: .minutes(60), reason: "x", mayHaveArrived: true) }
        bench.fire("A", at: 0)
        bench.resolve("A", at: 90)
        bench.run(to: 4 * 86_400)
        #expect(bench.notifier.outbox.count == 1)
        bench.run(to: 6 * 86_400)
        #expect(bench.notifier.outbox.count == 0)
        #expect(bench.notifier.nextWake == nil)
        #expect(bench.delivered.isEmpty)
    }

    @Test func givesUpAfterTheAgeThatIsConfigured() {
        var bench = Bench(maximumAge: .minutes(90))
        bench.answer = { _, _ in .retry(after: .minutes(20), reason: "x", mayHaveArrived: true) }
        bench.fire("A", at: 0)
        bench.resolve("A", at: 90)
        bench.run(to: 85 * 60)
        #expect(bench.notifier.outbox.count == 1)
        bench.run(to: 3 * 3600)
        #expect(bench.notifier.outbox.count == 0)
        #expect(bench.delivered.isEmpty)
    }
}
