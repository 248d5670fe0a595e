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
        let alerts = bench.notifier.alerts(at: Bench.time(90))
        #expect(alerts.map(\.muted.silencedBy) == [[id]])
        #expect(alerts.map(\.state) == [.suppressed])
        #expect(
            bench.notifier.groups(at: Bench.time(90)).flatMap(\.alerts).map(\.state) == [
                .suppressed
            ])
        bench.run(to: 1000)
        #expect(bench.sent == ["330 main/slack +A"])
        #expect(bench.notifier.alerts(at: Bench.time(1000)).map(\.state) == [.active])
    }
}
