import Foundation
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
        let daemon = try await Daemon.start(workspace, addressSpaceKibibytes: 5_000_000)
        defer { daemon.process.kill() }
        try await daemon.until("series") {
            let answer = daemon.client.get("/api/v1/query?query=count(m)")
            return answer?.text.contains("\"1000\"") == true ? true : nil
        }
        DispatchQueue.concurrentPerform(iterations: 2 * Self.queries.count) { number in
            Self.ask(daemon, Self.queries[number / 2])
        }
        service.show("app_broken 1\n")
        try await daemon.until("a notification") { receiver.posts.first }
        #expect(try receiver.told() == ["firing Broken"])
        #expect(try await daemon.stop() == .exited(0))
    }

    private static func ask(_ daemon: Daemon, _ query: String) {
        let answer = daemon.client.request("POST", "/api/v1/query", form: [("query", query)])
        let what = "\(query.prefix(60)): \(answer?.text.prefix(300) ?? "no answer")"
        switch answer?.status {
        case 200: #expect(answer?.text.contains("\"1000\"") == true, "\(what)")
        case 422: #expect(answer?.text.contains("(limit query.max_") == true, "\(what)")
        default: Issue.record("\(what)")
        }
    }
}
