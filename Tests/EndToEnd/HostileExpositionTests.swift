import Foundation
import TestSupport
import Testing

/// What a target may send to hurt us: it goes down with a reason, and everything else goes on.
@Suite("Hostile expositions", .serialized)
struct HostileExpositionTests {
    private static func text(
        _ body: [UInt8], _ headers: [String: String] = [:]
    ) -> @Sendable () -> Answer {
        {
            .respond(
                headers: ["Content-Type": Service.contentType].merging(headers) { _, new in new },
                body: body)
        }
    }

    private static func repeating(_ piece: String) -> @Sendable () -> Answer {
        {
            .stream { connection in
                connection.write(
                    Array("HTTP/1.1 200 OK\r\nContent-Type: \(Service.contentType)\r\n\r\n".utf8))
                let bytes = Array(
                    String(repeating: piece, count: 1 + 60_000 / piece.utf8.count).utf8)
                while connection.write(bytes) {}
            }
        }
    }

    /// Sends a byte now and then, and never ends.
    private static let dripping: @Sendable () -> Answer = {
        .stream { connection in
            connection.write(
                Array("HTTP/1.1 200 OK\r\nContent-Type: \(Service.contentType)\r\n\r\n".utf8))
            while connection.write([0x23]) { Thread.sleep(forTimeInterval: 0.1) }
        }
    }

    /// gzip in stored blocks: what a compressor would make is not needed to be read as gzip.
    private static let gzipHead: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]

    /// 256 MB of zeros in 256 kB: one block of fixed codes whose matches repeat the first byte.
    private static func bomb() -> [UInt8] {
        var (bits, count) = (UInt32(0), UInt32(0))
        var bytes = gzipHead
        func put(_ value: UInt32, _ width: UInt32) {
            bits |= value << count
            count += width
            while count >= 8 {
                bytes.append(UInt8(truncatingIfNeeded: bits))
                bits >>= 8
                count -= 8
            }
        }
        put(1, 1)  // the last block
        put(1, 2)  // with fixed codes
        put(0b0000_1100, 8)  // the literal 0: 00110000, its first bit first
        for _ in 0..<1_000_000 {
            put(0b1010_0011, 8)  // length 258: 11000101
            put(0, 5)  // distance 1
        }
        put(0, 7)  // the end
        put(0, 7)
        return bytes + [UInt8](repeating: 0, count: 8)
    }

    private static func garbage() -> [UInt8] {
        var generator = SeededRandom(seed: 7)
        return (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    private static func manyLabels() -> [UInt8] {
        Array(("m{" + (0..<1_000_000).map { "l\($0)=\"v\"" }.joined(separator: ",") + "} 1\n").utf8)
    }

    private struct Case: Sendable {
        var job: String
        var more = ""
        /// What its `lastError` contains.
        var reason: String
        var answer: @Sendable () -> Answer
    }

    private static let cases: [Case] = [
        Case(
            job: "endless", more: ", body_size_limit: 1MB", reason: "body size limit exceeded",
            answer: repeating("# all work and no play\n")),
        Case(
            job: "long-line", more: ", label_value_length_limit: 1000",
            reason: "label_value_length_limit",
            answer: text(Array("m{l=\"\(String(repeating: "x", count: 10_000_000))\"} 1\n".utf8))),
        Case(
            job: "many-labels", more: ", label_limit: 100", reason: "label_limit",
            answer: text(manyLabels())),
        Case(job: "binary", reason: "", answer: text(garbage())),
        Case(
            job: "truncated-gzip", reason: "",
            answer: text(
                gzipHead + [1, 0xff, 0xff, 0, 0] + Array("m 1\n".utf8),
                ["Content-Encoding": "gzip"])),
        Case(
            job: "bomb", more: ", body_size_limit: 4MB", reason: "body size limit exceeded",
            answer: text(bomb(), ["Content-Encoding": "gzip"])),
        Case(job: "drip", reason: "context deadline exceeded", answer: dripping),
        Case(job: "silent", reason: "context deadline exceeded", answer: { .hang }),
        Case(job: "hung-up", reason: "Get ", answer: { .close }),
    ]

    @Test("bring down their own target, with the reason, and nothing else")
    func hostile() async throws {
        let workspace = try Workspace()
        let healthy = try Service("app_broken 0\n")
        let receiver = try Receiver()
        let duplicates = try Service("same 1\nsame 1\nsame 2\n")
        let servers = try HostileExpositionTests.cases.map { hostile in
            let answer = hostile.answer
            return try HTTPServer { _ in answer() }
        }
        // The sizes are meant to take a moment to read.
        let slow = ", scrape_interval: 3s, scrape_timeout: 3s"
        var jobs = zip(HostileExpositionTests.cases, servers).map { hostile, server in
            Scene.job(hostile.job, server.address, more: slow + hostile.more)
        }
        jobs.append(Scene.job("healthy", healthy.address))
        jobs.append(Scene.job("duplicates", duplicates.address))
        try Scene.writeConfiguration(workspace, jobs)
        try Scene.writeRules(workspace, [Scene.rule("Broken")])
        try Scene.writeNotifiers(workspace, [("hook", Scene.webhook(receiver.url))])
        let daemon = try await Daemon.start(workspace)
        defer { daemon.process.kill() }

        for hostile in HostileExpositionTests.cases {
            let target = try await daemon.until("\(hostile.job) going down", within: .seconds(60)) {
                let target = try daemon.targets()[hostile.job]
                return target?.health == "down" ? target : nil
            }
            #expect(!target.lastError.isEmpty, "\(hostile.job)")
            if !hostile.reason.isEmpty {
                #expect(target.lastError.contains(hostile.reason), "\(hostile.job)")
            }
        }
        #expect(HostileExpositionTests.cases.count == 9)
        let before = try await daemon.until("the healthy one") { () -> Daemon.Target? in
            let target = try daemon.targets()["healthy"]
            return target?.health == "up" ? target : nil
        }
        try await daemon.until("the healthy one scraped again") {
            let target = try daemon.targets()["healthy"]
            return target?.health == "up" && target?.lastScrape != before.lastScrape ? true : nil
        }
        try await daemon.until("the one with duplicates up") {
            try daemon.targets()["duplicates"]?.health == "up" ? true : nil
        }
        // Rules and receivers go on too.
        healthy.show("app_broken 1\n")
        try await daemon.until("a notification") { receiver.posts.first }
        #expect(try receiver.told() == ["firing Broken"])
        #expect(daemon.process.isRunning)
        #expect(try await daemon.stop() == .exited(0))
        withExtendedLifetime((servers, duplicates)) {}
    }
}
