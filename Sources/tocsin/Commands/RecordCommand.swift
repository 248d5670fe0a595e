import ArgumentParser
import Configuration
import Daemon
import Foundation
import Logging
import Model
import Scrape
import Store
import Transport
import UnixSignals

struct RecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Scrapes the configured targets and writes what they expose to a recording.")

    @Option(name: .customLong("config.file"), help: "The configuration.")
    var configFile = "tocsin.yml"

    @Option(name: .shortAndLong, help: "The file to write; gzipped where it ends in .gz.")
    var output: String

    @Option(help: "How long to record, e.g. 1h; until Ctrl-C without it.")
    var duration: String?

    @OptionGroup var log: LogOptions

    func run() async throws {
        try log.start()
        let configuration = try TocsinConfiguration.load(
            path: configFile, environment: ProcessInfo.processInfo.environment
        ).get()
        let length = try duration.map { try Milliseconds.flag($0, "--duration") }
        let writer = try RecordingWriter(path: output)
        let clock = WallClock()
        let scrapes = ScrapeManager(
            store: Store(), transport: CurlTransport(), clock: clock)
        let (observations, sink) = AsyncStream<ScrapeObservation>.makeStream()
        scrapes.observe { sink.yield($0) }
        scrapes.apply(configuration.scrapeConfigurations)
        let count = try await write(
            observations, endedBy: sink, of: scrapes, to: writer,
            until: length.map { clock.now + $0 }, clock)
        try writer.close()
        StandardError.write("\(count) scrapes in \(output)")
    }

    /// Writes what is scraped until the end, a signal, or a file that cannot be written; the number of
    /// scrapes.
    private func write(
        _ observations: AsyncStream<ScrapeObservation>,
        endedBy sink: AsyncStream<ScrapeObservation>.Continuation, of scrapes: ScrapeManager,
        to writer: RecordingWriter, until end: Timestamp?, _ clock: WallClock
    ) async throws -> Int {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        return try await withThrowingTaskGroup(of: Int?.self) { group in
            group.addTask {
                await scrapes.run()
                return nil
            }
            group.addTask {
                for await _ in signals { break }
                return nil
            }
            if let end {
                group.addTask {
                    try await clock.sleep(until: end)
                    return nil
                }
            }
            group.addTask {
                var count = 0
                for await observation in observations {
                    try writer.write(RecordedScrape(observation))
                    count += 1
                }
                return count
            }
            _ = try await group.next()
            sink.finish()
            group.cancelAll()
            var count = 0
            while let result = await group.nextResult() {
                if case .success(let written?) = result { count = written }
            }
            return count
        }
    }
}
