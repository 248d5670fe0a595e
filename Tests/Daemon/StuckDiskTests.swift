import Journal
import Logging
import Model
import Notify
import Rules
import Setup
import Synchronization
import Testing
import Transport

import Daemon

/// A disk that never answers.
@Suite(.timeLimit(.minutes(1))) struct StuckDiskTests {
    /// Evaluations and messages go on from memory once patience has run out.
    @Test func evaluationsGoOn() async throws {
        let runtime = try Files(
            rules: """
                groups:
                  - name: g
                    rules: [{alert: Always, expr: vector(1)}]
                """
        ).build().get()
        let (never, hold) = AsyncStream<Void>.makeStream()
        let journal = Journal(
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, sleep: { _ in },
            commit: { _ in for await _ in never {} })
        defer { hold.finish() }
        let network = Network()
        let clock = ReplayClock(at: at(0))
        let notifications = NotificationPipeline(
            configuration: runtime.documents.notifiers, integrations: runtime.integrations,
            externalURL: "", mode: .replay, transport: network, clock: clock, journal: journal)
        let store = runtime.store()
        let evaluated = Mutex<[Timestamp]>([])
        let runner = RuleRunner(
            runtime, store: store, engine: runtime.engine(over: store),
            notifications: notifications, start: .at(at(0)),
            observe: { evaluation in evaluated.withLock { $0.append(evaluation.time) } })
        for second: Int64 in [0, 5, 10] {
            clock.advance(to: at(second))
            await runner.evaluate(now: at(second))
            await notifications.advance(to: at(second))
        }
        #expect(evaluated.withLock { $0 } == [at(0), at(5), at(10)])
        #expect(network.received(by: "http://hook/").map(\.isFiring) == [true])
        #expect(journal.problem?.contains("Journal.patience") == true)
    }
}
