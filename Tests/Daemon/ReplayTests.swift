import Configuration
import Daemon
import Foundation
import Model
import Notify
import Rules
import Setup
import Synchronization
import Testing

@Suite struct ReplayTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    /// Two targets every 15 s; `down` is 0 from 90 s to 239 s on one of them.
    private static let scrapes: [RecordedScrape] = (0..<40).flatMap { index -> [RecordedScrape] in
        let second = Int64(index) * 15
        return ["a:1", "b:1"].map { instance in
            let isDown = instance == "a:1" && (90..<240).contains(second)
            return RecordedScrape(
                time: at(second), job: "app", instance: instance, labels: ["zone": "z"],
                result: .body(Array("app_up \(isDown ? 0 : 1)\n".utf8)))
        }
    }

    private func replay(
        _ scrapes: [RecordedScrape], _ files: Files, name: String = "r.jsonl"
    ) async throws -> (events: [Replay.Event], replay: Replay) {
        let writer = try RecordingWriter(path: folder[name])
        for scrape in scrapes { try writer.write(scrape) }
        try writer.close()
        let events = Mutex<[Replay.Event]>([])
        let replay = try Replay(
            recording: folder[name], runtime: try files.build().get(),
            onEvent: { event in events.withLock { $0.append(event) } })
        let count = try await replay.run()
        #expect(count == scrapes.count)
        return (events.withLock { $0 }, replay)
    }

    private func text(_ events: [Replay.Event]) -> [String] {
        events.map { event in
            switch event {
            case .transition(let transition):
                let second = (transition.time - origin).value / 1000
                return "\(second) \(transition.kind.rawValue) \(transition.labels)"
            case .notification(let notification):
                let data = notification.data
                let second = (data.now - origin).value / 1000
                let text = (try? notification.rendered.get().text) ?? "not rendered"
                return "\(second) \(data.receiver) \(data.status.rawValue): \(text)"
            }
        }
    }

    private let labels =
        #"{alertname="Down", instance="a:1", job="app", severity="critical", zone="z"}"#

    private func files(interval: String = "30s") -> Files {
        var files = Files(rules: downRules)
        files.main = files.main.replacingOccurrences(
            of: "evaluation_interval: 5s", with: "evaluation_interval: \(interval)")
        return files
    }

    @Test func transitionsStandAtExactTimes() async throws {
        let (events, replay) = try await replay(Self.scrapes, files())
        let lines = text(events)
        let transitions = lines.filter { !$0.contains(" hook ") }
        #expect(
            transitions == [
                "90 pending \(labels)", "150 firing \(labels)", "240 resolved \(labels)",
            ])
        let notifications = lines.filter { $0.contains(" hook ") }
        #expect(notifications.count == 2)
        #expect(notifications.first?.hasPrefix("150 hook firing: [FIRING:1] Down") == true)
        #expect(notifications.last?.hasPrefix("240 hook resolved: [RESOLVED] Down") == true)
        // All of it is there for queries afterwards.
        let result = try replay.engine.instant("count_over_time(app_up[10m])", at: at(600))
        #expect("\(result)".contains("40") || "\(result)".contains("39"))
        #expect(replay.clock.now == at(600))
    }

    @Test func theFileCompressedOrKeptOtherwiseGivesTheSame() async throws {
        let plain = text(try await replay(Self.scrapes, files()).events)
        let packed = text(try await replay(Self.scrapes, files(), name: "r.jsonl.gz").events)
        #expect(plain == packed)
        var keeping = files()
        keeping.main += "\n"
        keeping.main = keeping.main.replacingOccurrences(
            of: "tocsin: {notifiers", with: "tocsin: {storage: {keep: rules}, notifiers")
        #expect(text(try await replay(Self.scrapes, keeping).events) == plain)
        // The order of scrapes at one time does not matter.
        let turned = Self.scrapes.sorted { ($0.time, $1.instance) < ($1.time, $0.instance) }
        #expect(turned != Self.scrapes)
        #expect(text(try await replay(turned, files()).events) == plain)
    }

    @Test func aFailedScrapeIsNoResolution() async throws {
        var scrapes = Self.scrapes
        for index in scrapes.indices
        where scrapes[index].instance == "a:1"
            && (at(150)..<at(200)).contains(scrapes[index].time)
        {
            scrapes[index].result = .failure("refused")
        }
        let lines = text(try await replay(scrapes, files()).events)
        // The series went stale with the failure: as Prometheus, the alert is over, and pends anew.
        #expect(
            lines.filter { $0.contains("pending") || $0.contains("inactive") } == [
                "90 pending \(labels)", "150 inactive \(labels)", "210 pending \(labels)",
                "240 inactive \(labels)",
            ])
    }

    @Test func hostileRecordings() async throws {
        let first = Self.scrapes[0]
        var last = first
        last.time = Timestamp(milliseconds: 253_402_300_799_999)
        await #expect(throws: RecordingError.self) {
            try await self.replay([first, last], self.files())
        }
        var early = first
        early.time = Timestamp(milliseconds: 0)
        #expect(try await replay([early], files()).events.isEmpty)
        #expect(try await replay([], files()).events.isEmpty)
        var garbage = first
        garbage.result = .body([0xff, 0x00, 0x7b, 0x0a, 0x22])
        let (_, replay) = try await replay([garbage, Self.scrapes[2]], files())
        #expect(replay.scrapes.status.active.contains { $0.health == .up })
        // Time that goes back is kept out of the store, and stops nothing.
        _ = try await self.replay([Self.scrapes[40], Self.scrapes[0]], files())
    }
}
