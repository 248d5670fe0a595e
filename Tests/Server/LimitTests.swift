import Model
import TestSupport
import Testing

/// Limits have names, and going over one is an error that says which; the daemon goes on.
@Suite struct LimitTests {
    /// Takes far longer than any test: 30 days of seconds, over and over.
    private let endless = "count_over_time(max_over_time(vector(1)[30d:1s])[30d:1s])"

    private func world(_ query: String = "") throws -> World {
        let world = try World("  query: {\(query)}\n")
        for number in 0..<20 {
            world.append(Labels(["__name__": "m", "n": String(number)]), 0, 1)
        }
        return world
    }

    @Test func samples() async throws {
        try await world("max_samples: 10").serve { client in
            try await client.expect(
                "query", [("query", "m")], status: 422,
                failure(
                    "execution",
                    "query processing would load too many samples into memory in query execution "
                        + "(limit query.max_samples: 10)"), posts: true)
            try await client.expect(
                "query_range",
                [("query", "vector(1)"), ("start", "0"), ("end", "10"), ("step", "1")],
                status: 422,
                failure(
                    "execution",
                    "query processing would load too many samples into memory in query execution "
                        + "(limit query.max_samples: 10)"))
            #expect(try await client.get("/api/v1/query?query=1").status == 200)
        }
    }

    @Test func memory() async throws {
        try await world("max_memory: 2MiB, max_memory_per_query: 1MiB").serve { client in
            try await client.expect(
                "query", [("query", endless)], status: 422,
                failure(
                    "execution",
                    "query processing would take too much memory in query execution "
                        + "(limit query.max_memory_per_query: 1MiB)"), posts: true)
            try await client.expect(
                "query", [("query", "count(count_over_time(m[30d:1s]))")], status: 200,
                success(
                    #"{"resultType":"vector","result":[{"metric":{},"value":[1767603600,"20"]}]}"#))
        }
    }

    @Test func memoryOfLists() async throws {
        let world = try World("  query: {max_memory: 1MiB}\n")
        for number in 0..<8000 {
            world.append(Labels(["__name__": "m", "n": String(number)]), 3600, 1)
        }
        let limit = "(limit query.max_memory_per_query: 512KiB)"
        try await world.serve { client in
            for path in [
                "/api/v1/series?match[]=m", "/api/v1/labels?match[]=m",
                "/api/v1/label/n/values?match[]=m", "/federate?match[]=m", "/api/v1/query?query=m",
            ] {
                let answer = try await client.get(path)
                #expect(answer.status == 422, "\(path)")
                #expect(answer.text.contains(limit), "\(path): \(answer.text.prefix(200))")
            }
            #expect(try await client.get("/api/v1/labels").status == 200)
            #expect(try await client.get("/api/v1/query?query=1").status == 200)
        }
    }

    @Test func memoryOfForms() async throws {
        let padding = String(repeating: "x", count: 10_000_000)
        let query = endless
        try await world().serve { client in
            let statuses = try await withThrowingTaskGroup { group in
                for _ in 0..<6 {
                    group.addTask {
                        let answer = try await client.ask(
                            "POST", "/api/v1/query",
                            form: [("query", query), ("timeout", "1s"), ("padding", padding)])
                        if answer.status == 503, !answer.text.contains("timed out") {
                            #expect(answer.text.contains("(limit maximumFormMemory: 64MiB)"))
                            return true
                        }
                        return false
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.contains(true))
            let answer = try await client.ask("POST", "/api/v1/query", form: [("query", "1")])
            #expect(answer.status == 200)
        }
    }

    @Test func points() async throws {
        let message =
            "exceeded maximum resolution of 11,000 points per timeseries. "
            + "Try decreasing the query resolution (?step=XX) (limit query.max_points: 11000)"
        try await world().serve { client in
            let range = { (end: String) in
                [("query", "1"), ("start", "0"), ("end", end), ("step", "1")]
            }
            try await client.expect(
                "query_range", range("11001"), status: 400, failure("bad_data", message),
                posts: true)
            let most = try await client.ask("POST", "/api/v1/query_range", form: range("11000"))
            #expect(most.status == 200)
        }
        try await world("max_points: 7").serve { client in
            let answer = try await client.get(
                "/api/v1/query_range?query=1&start=0&end=8&step=1")
            #expect(answer.text.contains("exceeded maximum resolution of 7 points"))
        }
    }

    @Test func time() async throws {
        try await world().serve { client in
            try await client.expect(
                "query", [("query", endless), ("timeout", "50ms")], status: 503,
                failure(
                    "timeout",
                    "query timed out in expression evaluation (limit timeout of the request: 50ms)"
                ))
            try await client.expect(
                "query_range",
                [
                    ("query", endless), ("timeout", "0.05"), ("start", "0"), ("end", "9"),
                    ("step", "1"),
                ], status: 503,
                failure(
                    "timeout",
                    "query timed out in expression evaluation (limit timeout of the request: 50ms)"
                ))
            try await client.expect(
                "query", [("query", "1"), ("timeout", "0")], status: 503,
                failure(
                    "timeout",
                    "query timed out in query queue (limit timeout of the request: 0s)"))
        }
        try await world("timeout: 50ms").serve { client in
            try await client.expect(
                "query", [("query", endless), ("timeout", "1h")], status: 503,
                failure(
                    "timeout",
                    "query timed out in expression evaluation (limit query.timeout: 50ms)"))
        }
    }

    /// One place: who comes second waits for it, until its time is up; and when a client goes, its
    /// query ends, so that the place is free again.
    @Test func concurrencyAndClientsThatGo() async throws {
        let endless = endless
        try await world("max_concurrency: 1").serve { client in
            let first = try #require(Connection(port: client.port))
            let escaped = LimitTests.escaped(endless)
            first.write(
                Array("GET /api/v1/query?query=\(escaped) HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
            // It is let in at some moment; from then on nobody else is.
            var answer = try await client.get("/api/v1/query?query=1&timeout=100ms")
            for _ in 0..<1000 where answer.status == 200 {
                answer = try await client.get("/api/v1/query?query=1&timeout=100ms")
            }
            #expect(
                answer.text
                    == failure(
                        "timeout",
                        "query timed out in query queue (limit timeout of the request: 100ms)"))
            // What is no query does not wait.
            #expect(try await client.get("/api/v1/labels").status == 200)
            first.shutDown()
            #expect(try await client.get("/api/v1/query?query=1&timeout=60s").status == 200)
        }
    }

    /// With every place taken by a query that does not end, rules are evaluated and all else answers.
    @Test func endlessQueriesHoldUpNothingElse() async throws {
        let world = try World(
            "  query: {max_concurrency: 8}\n",
            rules: "groups: [{name: g, rules: [{record: a, expr: vector(7)}]}]\n")
        let escaped = LimitTests.escaped(endless)
        try await world.serve { client in
            var clients: [Connection] = []
            for _ in 0..<16 {
                let connection = try #require(Connection(port: client.port))
                connection.write(
                    Array("GET /api/v1/query?query=\(escaped) HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
                clients.append(connection)
            }
            await world.daemon.runner.evaluate(now: World.now + .seconds(60))
            for path in ["/-/healthy", "/api/v1/rules", "/api/v1/labels", "/federate?match[]=a"] {
                let answer = try await client.get(path)
                #expect(answer.status == 200, "\(path)")
            }
            try await client.expect("label/__name__/values", [], success(#"["a"]"#))
            for connection in clients { connection.shutDown() }
            let after = try await client.get("/api/v1/query?query=a&time=1767603690&timeout=60s")
            #expect(after.text.contains(#""7"]"#), "\(after.text)")
        }
    }

    private static func escaped(_ query: String) -> String {
        query.map { $0 == "[" ? "%5B" : $0 == "]" ? "%5D" : String($0) }.joined()
    }

    @Test func regularExpressions() async throws {
        try await world().serve { client in
            let pattern = String(repeating: #"\\pL{1000}"#, count: 100)
            let answer = try await client.ask(
                "POST", "/api/v1/query", form: [("query", "m{n=~\"\(pattern)\"}")])
            #expect(answer.status == 400)
            #expect(
                answer.text.contains("limit LinearRegex.maximumMemory: 64 MiB"), "\(answer.text)")
        }
    }

    @Test func hostileRequests() async throws {
        try await world().serve { client in
            for (path, status) in [
                ("/api/v1/query?query=%zz", 400), ("/api/v1/query?query=%", 400),
                ("/api/v1/query?" + String(repeating: "a&", count: 11_000), 400),
                ("/api/v1/label/%ff/values", 200), ("/api/v1/query?query=%ff", 400),
                ("/api/v1/query_range?query=1&start=-9e15&end=9e15&step=1ms", 400),
                ("/api/v1/query?query=1&time=9e15", 200), ("/api/v1/rules?match[]=%ff", 400),
            ] {
                let answer = try await client.get(path)
                #expect(answer.status == status, "\(path.prefix(60)): \(answer.text.prefix(200))")
            }
            let deep = String(repeating: "(", count: 100_000)
            let answer = try await client.ask("POST", "/api/v1/query", form: [("query", deep)])
            #expect(answer.status == 400)
        }
    }
}
