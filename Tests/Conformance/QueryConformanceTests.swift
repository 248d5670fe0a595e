import Foundation
import TestSupport
import Testing

/// The guide's 61 queries over a recording, asked through the HTTP API of a replay.
@Suite(
    "The guide's queries",
    .enabled(if: RecordedAnswers.folder != nil, "\(SharedData.missing)"))
struct QueryConformanceTests {
    private func ask(
        _ client: HTTPClient, _ path: String, _ form: [(String, String)]
    ) throws -> Answered {
        let response = try #require(client.request("POST", path, form: form), "nobody answers")
        let envelope = try JSONDecoder().decode(Envelope.self, from: Data(response.body))
        #expect(envelope.status == "success", "\(form): \(envelope.error ?? "")")
        return try #require(envelope.data)
    }

    /// Vectors and matrices are sets.
    private func expectEqual(_ found: Answered, _ wanted: Answered, _ what: String) {
        #expect(found.resultType == wanted.resultType, "\(what)")
        #expect(found.result.count == wanted.result.count, "\(what)")
        let (foundSet, wantedSet) = (Set(found.result), Set(wanted.result))
        #expect(foundSet.count == found.result.count, "\(what): an entry comes twice")
        let missing = wantedSet.subtracting(foundSet)
        #expect(missing.isEmpty, "\(what)")
        #expect(foundSet.isSubset(of: wantedSet), "\(what)")
    }

    @Test("have the recorded answers, ranges and instants, to the last digit")
    func queries() async throws {
        let folder = try #require(RecordedAnswers.folder)
        let queries = try RecordedAnswers.load([RecordedQuery].self, "queries.json")
        let workspace = try Workspace()
        let port = try Listener.freePort()
        let replay = try Subprocess(
            try Program.path(),
            [
                "replay", folder.appendingPathComponent("scrapes.jsonl.gz").path, "--config",
                Program.repository.appendingPathComponent("tocsin.yml").path, "--serve",
                "--listen", "127.0.0.1:\(port)",
            ], in: workspace, name: "replay")
        defer { replay.kill() }
        let client = HTTPClient(port: port)
        _ = try await eventually("the replay serving", within: .seconds(60)) {
            if let end = replay.end { throw TimedOut("the replay ended: \(end) \(replay.logTail)") }
            return client.get("/-/healthy")
        }
        var (ranges, instants) = (0, 0)
        for recorded in queries {
            let range = try ask(
                client, "/api/v1/query_range",
                [
                    ("query", recorded.query), ("start", "\(recorded.range.start)"),
                    ("end", "\(recorded.range.end)"), ("step", "\(recorded.range.step)"),
                ])
            expectEqual(range, recorded.range.data, "range: \(recorded.query)")
            ranges += 1
            for instant in recorded.instant {
                let answer = try ask(
                    client, "/api/v1/query",
                    [("query", recorded.query), ("time", "\(instant.time)")])
                expectEqual(answer, instant.data, "at \(instant.time): \(recorded.query)")
                instants += 1
            }
        }
        #expect(ranges == 61)
        #expect(instants == 305)
    }

    @Test("on the command line print exactly the API's answer")
    func commandLine() async throws {
        let folder = try #require(RecordedAnswers.folder)
        let queries = try RecordedAnswers.load([RecordedQuery].self, "queries.json")
        let recorded = try #require(queries.first { !($0.instant.last?.data.result ?? []).isEmpty })
        let instant = try #require(recorded.instant.last)
        let workspace = try Workspace()
        let run = try await Subprocess.run(
            try Program.path(),
            [
                "query", recorded.query, "--recording",
                folder.appendingPathComponent("scrapes.jsonl.gz").path, "--at", "\(instant.time)",
                "--format", "json",
            ], in: workspace)
        #expect(run.end == .exited(0), "\(run.log)")
        let envelope = try JSONDecoder().decode(Envelope.self, from: Data(run.output.utf8))
        expectEqual(try #require(envelope.data), instant.data, recorded.query)
    }
}
