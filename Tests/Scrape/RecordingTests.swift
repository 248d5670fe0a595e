import Foundation
import Model
import Scrape
import Store
import TestSupport
import Testing
import Transport

@Suite struct RecordingTests {
    struct Scrape: Decodable {
        var timestamp_ms: Int64
        var job: String
        var instance: String
        var labels: [String: String]
        var ok: Bool
        var body: String?
        var error: String?
    }

    static let recording = SharedData.url("fixtures/lynex-a/scrapes.jsonl.gz")
    static let isPresent =
        recording != nil && FileManager.default.isExecutableFile(atPath: "/usr/bin/gzip")

    static func scrapes() throws -> [Scrape] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/gzip")
        process.arguments = ["-dc", try #require(recording).path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try data.split(separator: 0x0a).map {
            try JSONDecoder().decode(Scrape.self, from: $0)
        }
    }

    @Test(.enabled(if: isPresent, "\(SharedData.missing)"))
    func everyRecordedScrapeIsTakenIn() throws {
        var options = StoreOptions()
        options.keepsEverything = true
        let store = Store(options)
        let manager = ScrapeManager(
            store: store,
            transport: FakeTransport { (_) throws(TransportError) in FakeTransport.text("") },
            clock: ManualClock())
        let scrapes = try Self.scrapes()
        #expect(scrapes.count == 3840)
        let bodies = scrapes.map { scrape -> ScrapeOutcome in
            scrape.ok
                ? .body(Array((scrape.body ?? "").utf8)) : .failure(scrape.error ?? "failed")
        }
        for (scrape, outcome) in zip(scrapes, bodies) {
            let target = RecordedTarget(
                job: scrape.job, instance: scrape.instance, labels: Labels(scrape.labels))
            let report = manager.ingest(
                target, at: Timestamp(milliseconds: scrape.timestamp_ms), outcome)
            #expect((report.error == nil) == scrape.ok && report.isStored)
        }
        #expect(manager.status.active.count == Set(scrapes.map(\.instance)).count)
    }
}
