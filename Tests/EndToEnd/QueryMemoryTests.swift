import Foundation
import Synchronization
import TestSupport
import Testing

/// One query does not take the daemon with it: under a limit on its memory it refuses what is too large,
/// and its rules go on.
@Suite("Queries that ask for too much")
struct QueryMemoryTests {
    private static let queries = [
        "count(count_over_time(m[30d:1s]))",
        "count(count_over_time(count by (i) (m)[100d:200ms]))",
        "count(quantile_over_time(0.5, vector(1)[1000d:1s]))",
        "count(count_over_time(count by (i) (m)[50000s:1s]))",
        "count(quantile_over_time(0.5, m[5m:1ms]))",
        "m[5m:1ms]",
        "label_replace(m, \"x\", \"\(String(repeating: "x", count: 1_000_000))\", \"\", \"\")",
    ]

    @Test("fail by the name of the limit, and everything else goes on", .timeLimit(.minutes(3)))
    func tooMuch() async throws {
        let workspace = try Workspace()
        let service = try Service(
            "app_broken 0\n"
                + (0..<1000).map { "m{i=\"\($0)\",b=\"\($0 % 10)\"} \($0)\n" }.joined())
        let receiver = try Receiver()
        try Scene.writeConfiguration(workspace, [Scene.job("app", service.address)])
        try Scene.writeRules(workspace, [Scene.rule("Broken")])
        try Scene.writeNotifiers(workspace, [("hook", Scene.webhook(receiver.url))])
        // 5 GB of address space, of which threads take some without using it.
        let daemon = try await Daemon.start(
            workspace, addressSpaceKibibytes: 5_000_000, options: ["--query.timeout", "15s"])
        defer { daemon.process.kill() }
        // A whole second has to have passed since the first scrape.
        try await daemon.until("series") {
            Self.problem(daemon, "count(count_over_time(m[1m:1s]))") == nil ? true : nil
        }
        let problems = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 2 * Self.queries.count) { number in
            guard let problem = Self.problem(daemon, Self.queries[number / 2]) else { return }
            problems.withLock { $0.append(problem) }
        }
        #expect(problems.withLock { $0 } == [])
        service.show("app_broken 1\n")
        try await daemon.until("a notification") { receiver.posts.first }
        #expect(try receiver.told() == ["firing Broken"])
        #expect(try await daemon.stop() == .exited(0))
    }

    /// What is wrong with the answer to a query.
    private static func problem(_ daemon: Daemon, _ query: String) -> String? {
        let answer = daemon.client.request("POST", "/api/v1/query", form: [("query", query)])
        let text = answer?.text ?? "no answer"
        let isRight =
            switch answer?.status {
            case 200: text.contains("\"1000\"")
            // Without optimisation time is up first.
            case 503: text.contains("(limit query.timeout")
            case 422: text.contains("(limit query.max_")
            default: false
            }
        return isRight ? nil : "\(query.prefix(60)): \(text.prefix(300))"
    }
}
