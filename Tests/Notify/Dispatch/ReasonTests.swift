import Model
import Notify
import Testing

/// Why a receiver is told, as templates and webhooks have it.
@Suite struct ReasonTests {
    @Test func eachNotificationHasItsReason() {
        var bench = Bench()
        var reasons: [String] = []
        func run(to seconds: Int64) {
            while let wake = bench.notifier.nextWake, wake <= Bench.time(seconds) {
                for delivery in bench.begin(at: wake) {
                    reasons.append(delivery.data.reason?.rawValue ?? "none given")
                    bench.end(delivery, .delivered(), at: wake)
                }
            }
        }
        bench.fire("A", at: 0)
        run(to: 31)
        bench.fire("B", at: 60)
        run(to: 331)
        // The reason is that of the log, which a restart keeps.
        bench.restart(at: 340)
        bench.receive([Bench.alert("B", since: 60, until: 350, at: 350)], at: 350)
        run(to: 700)
        run(to: 700 + 4 * 3600 + 600)
        bench.receive([Bench.alert("A", since: 0, until: 16_000, at: 16_000)], at: 16_000)
        run(to: 16_700)
        #expect(
            reasons == [
                "first notification", "new alerts added", "some alerts resolved",
                "repeat interval elapsed", "all alerts resolved",
            ])
    }

    @Test func whatIsPutRightHasNone() {
        var bench = Bench()
        var reasons: [NotificationReason?] = []
        bench.fire("A", at: 0)
        for delivery in bench.begin(at: Bench.time(30)) {
            reasons.append(delivery.data.reason)
            bench.end(
                delivery, .retry(after: .seconds(320), reason: "x", mayHaveArrived: true),
                at: Bench.time(30))
        }
        // The end of what nobody has acknowledged is no news, but somebody may have heard.
        bench.receive([Bench.alert("A", since: 0, until: 60, at: 60)], at: 60)
        for delivery in bench.begin(at: Bench.time(360)) { reasons.append(delivery.data.reason) }
        #expect(reasons == [.first, .noNews])
    }
}
