import Model
import PromQL
import Store

extension OracleWorld {
    /// Steps queries that share a plan, each of them twice, and the same queries by themselves. What the
    /// first ones answer is written to the store as a recording rule's, and read by the later ones.
    /// Returns how often something was there already.
    static func compareSharing(
        seed: UInt64, queries: Int, steps: Int, _ tally: inout OracleTally
    ) throws -> Int {
        var world = OracleWorld(seed: seed, empty: true)
        var writes = HistoryGenerator.writes(seed: seed).writes[...]
        let plan = SharedPlan()
        var prepared: [(text: String, own: PreparedQuery, shared: PreparedQuery)] = []
        var texts = world.expressions(queries, seed: seed &+ 9_000_000)
        texts += texts.map { "count(\($0))" } + ["recorded", "sum(recorded)", "recorded > 0"]
        for text in texts {
            // Not every expression has a count.
            guard let own = try? world.engine.prepare(text) else { continue }
            let shared = try world.engine.prepare(text, sharing: plan)
            prepared.append((text, own, shared))
        }
        let store = world.writer.store
        let axis = store.openAxis("recorded")
        let slot = axis.slot(for: Labels(["__name__": "recorded"]))
        for step in 0..<steps {
            let now =
                world.start + (world.end - world.start) * Int64(step + 1) / Int64(steps)
            while let next = writes.first, next.time <= now {
                world.take(next)
                writes.removeFirst()
            }
            let time = Timestamp(milliseconds: now)
            var pin = store.pin()
            for round in 0..<2 {
                for one in prepared {
                    let shared = samples(one.shared, at: time, pin)
                    let own = samples(one.own, at: time, pin)
                    tally.compared += 1
                    if own?.isEmpty == false { tally.withSamples += 1 }
                    if own == nil { tally.errors += 1 }
                    if shared != own {
                        tally.fail("seed \(seed): \(one.text): \(shared ?? []) != \(own ?? [])")
                    }
                }
                if round > 0 { continue }
                var values = [Double](repeating: SampleValue.stale, count: slot + 1)
                values[slot] = Double(step + 1)
                axis.commit(at: time, values: values)
                pin.include(axis)
            }
        }
        return plan.reuses
    }

    /// What a step gives, in an order of its own; nil for an error.
    private static func samples(
        _ query: PreparedQuery, at time: Timestamp, _ pin: Pin
    ) -> [String]? {
        guard let vector = try? query.step(at: time, pin: pin) else { return nil }
        return vector.samples(at: time).map { sample in
            "\(sample.labels) \(sample.value.bitPattern) "
                + (sample.histogram.map(\.description) ?? "")
        }.sorted()
    }
}
