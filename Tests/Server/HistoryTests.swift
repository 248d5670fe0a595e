import Daemon
import Model
import TestSupport
import Testing

@Suite("While history is read")
struct HistoryTests {
    @Test("Nothing answers from a part of it, and what needs none of it answers")
    func waits() async throws {
        let world = try World("  push: {enabled: true}\n")
        world.daemon.history.begin()
        try await world.serve { client in
            for path in [
                "/api/v1/query?query=up", "/api/v1/query_range?query=up&start=0&end=1&step=1",
                "/api/v1/series?match[]=up", "/api/v1/labels", "/api/v1/label/job/values",
                "/api/v1/rules", "/api/v1/alerts", "/api/v1/status/tsdb", "/federate?match[]=up",
            ] {
                let answer = try await client.get(path)
                #expect(answer.status == 503, "\(path)")
                #expect(answer.headers["retry-after"] == "1", "\(path)")
                #expect(answer.text.contains("reads its history"), "\(path)")
            }
            let written = try await client.send("/api/v1/write", [])
            #expect(written.status == 503)
            for path in [
                "/metrics", "/-/healthy", "/api/v2/status", "/api/v2/alerts", "/api/v2/silences",
                "/api/v1/status/buildinfo", "/api/v1/targets",
            ] {
                #expect(try await client.get(path).status == 200, "\(path)")
            }
            #expect(
                try await client.get("/api/v1/status/walreplay").text.contains(#""current":0"#))
            world.daemon.history.end()
            #expect(try await client.get("/api/v1/query?query=up").status == 200)
            #expect(try await client.get("/federate?match[]=up").status == 200)
        }
    }
}
