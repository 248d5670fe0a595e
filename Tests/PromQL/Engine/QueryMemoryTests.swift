import Model
import PromQL
import Store
import Testing

/// What queries may take: a right answer or an error that names the limit, and nothing stays taken.
struct QueryMemoryTests {
    /// A store with so many series `m{i="…", b="…"}` of three samples, two seconds apart.
    static func young(_ count: Int) -> (store: Store, now: Timestamp) {
        let store = Store(StoreOptions())
        let axis = store.openAxis("target")
        for index in 0..<count {
            _ = axis.slot(
                for: Labels([
                    Label(Labels.name, "m"), Label("i", "\(index)"), Label("b", "\(index % 10)"),
                ]))
        }
        let start = Int64(1_767_600_000_000)
        for frame in 0..<3 {
            axis.commit(
                at: Timestamp(milliseconds: start + Int64(frame) * 2000),
                values: (0..<count).map { Double($0 * (frame + 1)) })
        }
        return (store, Timestamp(milliseconds: start + 5000))
    }

    private static func engine(
        _ store: Store, total: Int = 64 << 20, perQuery: Int = 32 << 20
    ) -> Engine {
        var options = EngineOptions()
        options.memory = MemoryLimits(total: total, perQuery: perQuery)
        options.parser = .all
        return Engine(store: store, options: options)
    }

    @Test func subqueriesCostWhatExists() throws {
        let (store, now) = Self.young(1000)
        let engine = Self.engine(store)
        for (query, answer) in [
            ("count(count_over_time(m[30d:1s]))", 1000),
            ("sum(count_over_time(m[30d:1s]))", 6000),
            ("count(count_over_time(count by (i) (m)[100d:200ms]))", 1000),
            ("count(count_over_time(count by (i) (m)[50000s:1s]))", 1000),
            ("sum(count_over_time(m[300d:1s] @ end()))", 6000),
            ("sum(count_over_time((m or m offset 2s)[300d:1s]))", 6000),
            ("sum(count_over_time(rate(m[4s])[300d:1s]))", 4000),
            ("sum(sum_over_time(count_over_time(m[30d:1s])[30d:1s]))", 21_000),
            ("sum(count_over_time(m[300d:1s] offset -200d))", 304_000),
        ] as [(String, Double)] {
            let result = try engine.instant(query, at: now)
            guard case .vector(let samples) = result.value else { continue }
            #expect(samples.map(\.value) == [answer], "\(query)")
        }
        #expect(engine.memory.bytes == 0)
    }

    @Test func whatIsTooLargeFailsWithTheNameOfTheLimit() throws {
        let (store, now) = Self.young(1000)
        let engine = Self.engine(store, perQuery: 4 << 20)
        for query in [
            "count_over_time(vector(1)[1000d:1s])", "vector(1)[1000d:1s]",
            "quantile_over_time(0.5, m[5m:1ms])", "m[5m:1ms]",
            "sum_over_time((m * 2)[5m:10ms])",
        ] {
            let error = #expect(throws: QueryError.self, "\(query)") {
                try engine.instant(query, at: now)
            }
            #expect(error?.kind == .tooMuchMemory, "\(query): \(error?.message ?? "")")
            #expect(error?.apiType == "execution")
            #expect(
                error?.message.hasSuffix("(limit query.max_memory_per_query: 4MiB)") ?? false)
        }
        let error = #expect(throws: QueryError.self) {
            try engine.range(
                "m", from: now - .seconds(10), through: now + .seconds(10),
                step: Milliseconds(2))
        }
        #expect(error?.kind == .tooMuchMemory)
        #expect(engine.memory.bytes == 0)
        #expect(try engine.instant("count(m)", at: now).value.type == .vector)
    }

    @Test func answersStayCountedAsLongAsTheyAreHeld() throws {
        let (store, now) = Self.young(1000)
        let engine = Self.engine(store, total: 2 << 20, perQuery: 2 << 20)
        var held: [QueryResult] = []
        let error = #expect(throws: QueryError.self) {
            for _ in 0..<100 { held.append(try engine.instant("m", at: now)) }
        }
        #expect(!held.isEmpty)
        #expect(error?.message.hasSuffix("(limit query.max_memory: 2MiB)") ?? false)
        #expect(engine.memory.bytes > 0)
        held = []
        #expect(engine.memory.bytes == 0)
        _ = try engine.instant("m", at: now)
    }

    @Test func rulesHaveWhatClientsDoNotTake() throws {
        let (store, now) = Self.young(1000)
        let engine = Self.engine(store, total: 1 << 20, perQuery: 128 << 10)
        let rule = try engine.prepare("avg_over_time(m[1m:1s])")
        #expect(throws: QueryError.self) { try rule.evaluate(at: now, pin: store.pin()) }
        #expect(try rule.step(at: now, pin: store.pin()).samples(at: now).count == 1000)
        #expect(engine.memory.bytes == 0)
    }

    @Test(arguments: [
        "m", "-m", "rate(m[1m])", "sum by (b) (m)", "topk by (b) (2, m)", "m * on (i, b) m",
        "m and m", "m or m offset 1s", "label_replace(m, \"x\", \"$1$1\", \"i\", \"(.*)\")",
        "count_values by (b) (\"v\", m)", "sort_by_label(m, \"i\")", "info(m, {__name__=\"m\"})",
        "histogram_quantile(0.5, label_replace(m, \"le\", \"$1\", \"i\", \"(.*)\"))",
        "avg_over_time(m[1m:1s])", "max_over_time((m or m * 2)[1m:1s])", "quantile by (b) (0.5, m)",
    ])
    func whatWasInterruptedIsRightTheNextTime(_ query: String) throws {
        let (store, now) = Self.young(300)
        let total = 4 << 20
        var options = EngineOptions()
        options.memory = MemoryLimits(total: total, perQuery: total)
        options.parser = .all
        let memory = QueryMemory()
        let engine = Engine(store: store, options: options, memory: memory)
        let shared = SharedPlan()
        let rules = [
            try engine.prepare(query, sharing: shared),
            try engine.prepare("\(query) > 0", sharing: shared),
        ]
        func answers() -> [[VectorSample]?] {
            rules.map { try? $0.step(at: now, pin: store.pin()).samples(at: now) }
        }
        let right = answers()
        #expect(right.allSatisfy { $0 != nil })
        let other = SharedPlan()
        let interrupted = [
            try engine.prepare(query, sharing: other),
            try engine.prepare("\(query) > 0", sharing: other),
        ]
        var failures = 0
        for free in stride(from: 64 << 10, through: 2 << 20, by: 64 << 10) {
            let others = MemoryReservation(memory, .none)
            try others.take(total - free)
            for rule in interrupted {
                do {
                    _ = try rule.step(at: now, pin: store.pin())
                } catch {
                    failures += 1
                    #expect(error.kind == .tooMuchMemory, "\(error)")
                }
            }
        }
        #expect(failures > 0)
        for (rule, expected) in zip(interrupted, right) {
            let samples = try rule.step(at: now, pin: store.pin()).samples(at: now)
            #expect(samples.map(\.labels) == expected?.map(\.labels))
            // NaN differs from itself.
            #expect(samples.map(\.value.bitPattern) == expected?.map(\.value.bitPattern))
        }
        #expect(memory.bytes == 0)
    }

    @Test func sizesAreReadable() {
        for (bytes, text) in [
            (0, "0B"), (1023, "1023B"), (1024, "1KiB"), (1536, "1.5KiB"), (300 << 10, "300KiB"),
            (5 << 30, "5GiB"), ((5 << 30) + (1 << 28), "5.25GiB"), (-1024, "-1KiB"),
            ((1 << 30) + (1 << 26), "1.06GiB"), (.max, "7.99EiB"),
        ] {
            #expect(ByteCount(bytes).description == text)
        }
    }
}
