import Model
import PromQL
import Store
import Testing

/// Each query that tries to get large ends in an answer or in an error that names the limit; nothing stays
/// reserved, and the engine answers afterwards.
struct HostileQueryTests {
    private static let limit = 24 << 20

    private static func engine(_ store: Store, timeout: Milliseconds = .seconds(1)) -> Engine {
        var options = EngineOptions()
        options.memory = MemoryLimits(total: 2 * limit, perQuery: limit)
        options.timeout = timeout
        options.parser = .all
        return Engine(store: store, options: options)
    }

    private func judge(
        _ engine: Engine, _ what: String, _ evaluate: () throws(QueryError) -> QueryResult
    ) {
        do throws(QueryError) {
            let result = try evaluate()
            #expect(result.memory?.bytes ?? 0 <= Self.limit, "\(what)")
        } catch {
            switch error.kind {
            case .tooMuchMemory: #expect(error.message.contains("(limit query.max_memory"))
            case .timeout: break
            case .execution, .badData:
                // Of a query that has no right answer.
                #expect(
                    error.message.contains("labelset") || error.message.contains("info metric"),
                    "\(what): \(error.message)")
            case .tooManySamples, .canceled: Issue.record("\(what): \(error.message)")
            }
        }
        #expect(engine.memory.bytes == 0, "\(what)")
    }

    @Test(arguments: HostileQueries.instant.indices)
    func instant(_ index: Int) throws {
        let (what, query) = HostileQueries.instant[index]
        let (store, now) = QueryMemoryTests.young(200)
        let engine = Self.engine(store)
        judge(engine, what) { () throws(QueryError) in try engine.instant(query, at: now) }
        #expect(try engine.instant("count(m)", at: now).value.type == .vector)
    }

    @Test(arguments: HostileQueries.range.indices)
    func range(_ index: Int) throws {
        let (what, query) = HostileQueries.range[index]
        let (store, now) = QueryMemoryTests.young(200)
        let engine = Self.engine(store)
        judge(engine, what) { () throws(QueryError) in
            try engine.range(
                query, from: now - .seconds(10), through: now + .seconds(290),
                step: Milliseconds(100))
        }
    }

    @Test func textsAreCountedBeforeTheyAreMade() throws {
        let (store, now) = QueryMemoryTests.young(200)
        let engine = Self.engine(store, timeout: .minutes(2))
        for what in ["a text that doubles", "a long text"] {
            let query = try #require(HostileQueries.instant.first { $0.what == what }).query
            let error = #expect(throws: QueryError.self, "\(what)") {
                try engine.instant(query, at: now)
            }
            #expect(error?.kind == .tooMuchMemory, "\(what): \(error?.message ?? "")")
        }
    }
}
