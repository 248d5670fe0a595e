import Journal
import Logging
import Model
import Synchronization
import Testing

/// The order in which rows are written, and who waits for them, with a disk that blocks and fails.
@Suite(.timeLimit(.minutes(1))) struct JournalTests {
    /// A disk whose every transaction waits until the test lets it end.
    private final class Disk: Sendable {
        struct Full: Error, CustomStringConvertible { let description = "disk full" }

        private let begun: AsyncStream<[JournalRow]>
        private let begin: AsyncStream<[JournalRow]>.Continuation
        private let held = Mutex<CheckedContinuation<Void, any Error>?>(nil)
        private let kept = Mutex<[[JournalRow]]>([])

        init() { (begun, begin) = AsyncStream.makeStream() }

        /// The transactions that ended well.
        var transactions: [[JournalRow]] { kept.withLock { $0 } }

        func commit(_ rows: [JournalRow]) async throws {
            try await withCheckedThrowingContinuation { continuation in
                held.withLock { $0 = continuation }
                begin.yield(rows)
            }
            kept.withLock { $0.append(rows) }
        }

        /// The transaction that begins next, or has begun.
        func next() async -> [JournalRow] {
            for await rows in begun { return rows }
            return []
        }

        func end(_ error: Full? = nil) {
            let continuation = held.withLock { held in
                defer { held = nil }
                return held
            }
            if let error { continuation?.resume(throwing: error) } else { continuation?.resume() }
        }
    }

    /// Real time, which passes when the test says so.
    private final class Patience: Sendable {
        private let asked: AsyncStream<CheckedContinuation<Void, Never>>
        private let ask: AsyncStream<CheckedContinuation<Void, Never>>.Continuation

        init() { (asked, ask) = AsyncStream.makeStream() }

        func sleep(_ duration: Duration) async throws {
            #expect(duration == Journal.patience)
            await withCheckedContinuation { _ = ask.yield($0) }
            try Task.checkCancellation()
        }

        /// Ends the first sleep.
        func runOut() async {
            for await continuation in asked {
                continuation.resume()
                return
            }
        }
    }

    private let disk = Disk()
    private let patience = Patience()
    private let journal: Journal

    init() {
        let (disk, patience) = (disk, patience)
        journal = Journal(
            after: 10, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            sleep: { try await patience.sleep($0) }, commit: { try await disk.commit($0) })
    }

    private func step(_ keys: String..., value: UInt8 = 1, at second: Int64 = 0) -> JournalStep {
        JournalStep(
            at: Timestamp(milliseconds: second * 1000),
            keys.map { StateChange(.alerts, key: $0, value: [value]) })
    }

    private func words(_ rows: [JournalRow]) -> [String] {
        rows.map { "\($0.sequence) \($0.change.key)=\($0.payload?.first ?? 0)" }
    }

    @Test func rowsAreWrittenInTheirOrderAndStepsAreWhole() async {
        #expect(journal.append(step("a", "b", at: 7)) == 12)
        let first = await disk.next()
        #expect(words(first) == ["11 a=1", "12 b=1"])
        #expect(
            first.map(\.time) == [Timestamp(milliseconds: 7000), Timestamp(milliseconds: 7000)])
        // What comes while a transaction is under way is the next one.
        let second = journal.append(step("c"))
        #expect(journal.append(step("d", "e")) == 15)
        disk.end()
        #expect(words(await disk.next()) == ["13 c=1", "14 d=1", "15 e=1"])
        #expect(await journal.settled(12) == .durable)
        async let waits = journal.settled(second)
        disk.end()
        #expect(await waits == .durable)
        #expect(await journal.settled() == .durable)
        let status = journal.status
        #expect(status.last == 15 && status.waiting == 0 && status.problem == nil)
    }

    @Test func ofRowsThatWaitTheNewestIsWritten() async {
        journal.append(step("first"))
        _ = await disk.next()
        journal.append(step("a", "b"))
        journal.append(step("a", value: 2))
        journal.append(
            JournalStep(
                at: Timestamp(milliseconds: 0),
                [
                    StateChange(.groups, key: "a", value: nil)
                ]))
        // Canonically equivalent keys are two.
        journal.append(step("e\u{301}"))
        journal.append(step("\u{e9}"))
        #expect(journal.status.waiting == 5)
        disk.end()
        #expect(
            words(await disk.next())
                == ["13 b=1", "14 a=2", "15 a=0", "16 e\u{301}=1", "17 \u{e9}=1"])
        disk.end()
        #expect(await journal.settled() == .durable)
    }

    @Test func whatADiskRefusesIsWrittenWithWhatCame() async {
        let one = journal.append(step("a", "b"))
        async let refused = journal.settled(one)
        _ = await disk.next()
        disk.end(Disk.Full())
        guard case .inMemory(let problem) = await refused else {
            Issue.record("it is not durable")
            return
        }
        #expect(problem.contains("disk full") && journal.problem == problem)
        #expect(journal.status.failures == 1)
        #expect(journal.status.waiting == 2)
        // Nothing is tried again by itself, and nobody waits for it.
        #expect(await journal.settled() == .inMemory(problem))
        journal.append(step("a", value: 2))
        #expect(words(await disk.next()) == ["12 b=1", "13 a=2"])
        disk.end(Disk.Full())
        #expect(await journal.settled() != .durable)
        journal.retry()
        #expect(words(await disk.next()) == ["12 b=1", "13 a=2"])
        async let written = journal.settled()
        disk.end()
        #expect(await written == .durable)
        #expect(journal.problem == nil)
        #expect(disk.transactions.map(\.count) == [2])
    }

    @Test func aDiskThatDoesNotAnswerHoldsUpNobodyForLong() async {
        let one = journal.append(step("a"))
        async let waiting = journal.settled(one)
        _ = await disk.next()
        await patience.runOut()
        guard case .inMemory(let problem) = await waiting else {
            Issue.record("it is not durable")
            return
        }
        #expect(problem.contains("Journal.patience"))
        #expect(journal.problem == problem && journal.status.delays == 1)
        // Once is enough: until the disk answers, nobody waits.
        #expect(await journal.settled(journal.append(step("b"))) == .inMemory(problem))
        journal.retry()
        disk.end()
        #expect(words(await disk.next()) == ["12 b=1"])
        #expect(journal.problem == nil)
        async let written = journal.settled()
        disk.end()
        #expect(await written == .durable)
    }

    @Test func samplesAreWrittenBeforeWhatFollowsFromThem() async {
        let order = Mutex<[String]>([])
        let journal = Journal(
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            samples: {
                order.withLock { $0.append("samples") }
                // What follows from them is written all the same.
                throw Disk.Full()
            },
            commit: { rows in order.withLock { $0.append("rows \(rows.count)") } })
        journal.append(step("a"))
        #expect(await journal.settled() == .durable)
        journal.append(
            JournalStep(
                at: Timestamp(milliseconds: 0), [StateChange(.ruleAlerts, key: "r", value: [1])],
                followsSamples: true
            ).adding([StateChange(.groups, key: "g", value: [1])]))
        #expect(await journal.settled() == .durable)
        #expect(order.withLock { $0 } == ["rows 1", "samples", "rows 2"])
    }

    @Test func whoeverComputesMayBeCancelled() async {
        let journal = journal
        let position = Task { journal.append(step("a")) }
        position.cancel()
        _ = await disk.next()
        disk.end()
        #expect(await journal.settled(await position.value) == .durable)
    }

    @Test func aReplayKeepsNothing() async {
        let journal = Journal.discarding()
        #expect(await journal.settled(journal.append(step("a"))) == .durable)
        #expect(journal.status.waiting == 0)
    }
}
