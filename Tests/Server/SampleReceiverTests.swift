import Configuration
import Daemon
import Model
import Scrape
import Store
import Synchronization
import Testing

@Suite("Samples of others, whatever the protocol")
struct SampleReceiverTests {
    /// A clock that a test moves.
    private final class MovableClock: PipelineClock {
        private let held = Mutex(World.now)

        var now: Timestamp { held.withLock { $0 } }

        func advance(by time: Milliseconds) {
            held.withLock { $0 = $0 + time }
        }

        func sleep(until moment: Timestamp) async throws {
            try await Task.sleep(for: .seconds(86_400))
        }
    }

    private static func batch(
        _ name: String, at time: Timestamp, start: Timestamp? = nil
    ) -> WrittenBatch {
        var written = WrittenBatch()
        written.batch.series = [Labels(["__name__": name])]
        written.batch.samples = [.init(series: 0, time: time, value: 1, startTime: start)]
        return written
    }

    private static func write(
        _ world: World, _ written: WrittenBatch, from peer: String = "10.0.0.1"
    ) async throws(WriteFailure) -> WriteOutcome {
        try await world.daemon.samples.receive(from: peer, by: .otlp) { _ in written }.get()
    }

    @Test("A series counts for its sender until it has not been written for an hour")
    func series() async throws {
        let clock = MovableClock()
        let world = try World("  push: {enabled: true, max_series_per_sender: 1}\n", clock: clock)
        func refused(_ name: String, from peer: String = "10.0.0.1") async throws -> Int {
            let outcome = try await Self.write(
                world, Self.batch(name, at: clock.now), from: peer)
            return outcome.refusals.samples[.senderLimit] ?? 0
        }
        #expect(try await refused("a") == 0)
        #expect(try await refused("b") == 1)
        #expect(try await refused("b", from: "10.0.0.2") == 0)
        for _ in 0..<4 {
            clock.advance(by: .minutes(29))
            #expect(try await refused("a") == 0)
            #expect(try await refused("c") == 1)
        }
        clock.advance(by: .minutes(61))
        #expect(try await refused("c") == 0)
    }

    @Test("There are no more senders than there may be, until one is gone for an hour")
    func senders() async throws {
        let clock = MovableClock()
        let world = try World("  push: {enabled: true, max_senders: 1}\n", clock: clock)
        _ = try await Self.write(world, Self.batch("a", at: clock.now))
        let failure = await #expect(throws: WriteFailure.self) {
            try await Self.write(world, Self.batch("a", at: clock.now), from: "10.0.0.2")
        }
        #expect("\(try #require(failure))".contains("push.max_senders allows (1)"))
        clock.advance(by: .minutes(61))
        _ = try await Self.write(world, Self.batch("b", at: clock.now), from: "10.0.0.2")
    }

    @Test("Times that are none are refused")
    func times() async throws {
        let world = try World("  push: {enabled: true}\n")
        for time in [Int64.min, -1, Int64.max, World.now.milliseconds + 600_001] {
            let outcome = try await Self.write(
                world, Self.batch("a", at: Timestamp(milliseconds: time)))
            #expect(outcome.refusals.samples == [.outOfBounds: 1], "\(time)")
        }
        #expect(try await Self.write(world, Self.batch("a", at: World.now)).samples == 1)
    }

    @Test("The stale marker stays, the mark of histograms becomes NaN")
    func marks() async throws {
        let world = try World("  push: {enabled: true}\n")
        @Sendable func write(_ bits: UInt64, at time: Timestamp) async throws {
            var written = Self.batch("a", at: time)
            written.batch.samples[0].value = Double(bitPattern: bits)
            #expect(try await Self.write(world, written).samples == 1)
        }
        try await write(SampleValue.histogramBits, at: World.now - .seconds(1))
        try await world.serve { client in
            try await client.expect(
                "query", [("query", "a"), ("time", "1767603600")],
                success(
                    #"{"resultType":"vector","result":[{"metric":{"__name__":"a"},"#
                        + #""value":[1767603600,"NaN"]}]}"#))
            try await write(SampleValue.staleBits, at: World.now)
            try await client.expect(
                "query", [("query", "a"), ("time", "1767603600")],
                success(#"{"resultType":"vector","result":[]}"#))
        }
    }

    @Test("Batches are bounded where they are received, whoever read them")
    func bounds() async throws {
        let world = try World("  push: {enabled: true, max_samples_per_request: 1}\n")
        var written = Self.batch("a", at: World.now)
        written.batch.samples += written.batch.samples
        let failure = await #expect(throws: WriteFailure.self) {
            try await Self.write(world, written)
        }
        #expect("\(try #require(failure))".contains("push.max_samples_per_request (1)"))
    }

    @Test("Metadata is bounded")
    func metadata() async throws {
        let world = try World(
            "  push: {enabled: true, max_metadata: 1, label_value_length_limit: 9}\n")
        var written = Self.batch("a", at: World.now)
        written.batch.metadata = ["a": MetricMetadata(help: "long enough")]
        _ = try await Self.write(world, written)
        #expect(world.daemon.samples.metadata.all.isEmpty)
        for name in ["b", "c"] {
            written.batch.metadata = [name: MetricMetadata(help: "short")]
            _ = try await Self.write(world, written)
        }
        #expect(world.daemon.samples.metadata.all == ["b": MetricMetadata(help: "short")])
    }
}
