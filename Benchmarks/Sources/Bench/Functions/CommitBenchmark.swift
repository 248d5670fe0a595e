import Foundation
import Model
import PromQL
import Store
import Synchronization

/// How long a scrape waits for the store while everything in it is being stepped without pause, and
/// whether a step ever sees half a frame.
struct CommitBenchmark {
    let targets: Int
    let seriesPerTarget: Int

    private final class Writer: Sendable {
        let isDone = Atomic<Bool>(false)
        let waits = Mutex<[Double]>([])
    }

    func run() throws -> String {
        var table = Table(
            "stepped", "steps", "commits", "mean commit ms", "99.9 % ms", "longest ms",
            "half frames seen")
        for expr in [
            "sum by (instance) (m_total)", "rate(m_total[5m])", "avg_over_time(m_total[1h])",
        ] {
            try measure(expr, &table)
        }
        return table.text
    }

    private func measure(_ expr: String, _ table: inout Table) throws {
        var world = SyntheticStore(
            targets: targets, seriesPerTarget: seriesPerTarget, depth: .minutes(60))
        world.scrape(expr.contains("1h") ? 250 : 24)
        let engine = Engine(store: world.store)
        let query = try engine.prepare(expr)
        _ = try query.step(at: world.now, pin: world.store.pin())
        let writer = Writer()
        let axes = world.axes
        // Every value of a frame is the frame's number, so that halves of two would be seen.
        let frames = (0..<32).map { number in
            [Double](repeating: 2e9 + Double(number), count: seriesPerTarget)
        }
        let first = world.now
        let thread = Thread {
            var number = 0
            while !writer.isDone.load(ordering: .relaxed), number < 3_000_000 {
                let axis = axes[number % axes.count]
                let turn = number / axes.count
                let time = first + SyntheticStore.interval + Milliseconds(Int64(turn))
                let start = ContinuousClock.now
                axis.commit(at: time, values: frames[turn % frames.count])
                let wait = (ContinuousClock.now - start) / .milliseconds(1)
                writer.waits.withLock { $0.append(wait) }
                number += 1
                // The pace of a million series scraped every fifteen seconds by a hundred targets.
                Thread.sleep(forTimeInterval: 0.002)
            }
        }
        thread.start()
        var steps = 0
        var halves = 0
        let end = ContinuousClock.now + .seconds(8)
        while ContinuousClock.now < end {
            let pin = world.store.pin()
            let now = first + SyntheticStore.interval + .seconds(100)
            let vector = try query.step(at: now, pin: pin)
            steps += 1
            if expr.hasPrefix("sum") { halves += CommitBenchmark.halves(vector, seriesPerTarget) }
        }
        writer.isDone.store(true, ordering: .relaxed)
        let waits = writer.waits.withLock { $0 }.sorted()
        let mean = waits.reduce(0, +) / Double(max(1, waits.count))
        table.add(
            "`\(expr)`", "\(steps)", "\(waits.count)", mean.text(3),
            (waits.isEmpty ? 0 : waits[min(waits.count - 1, waits.count * 999 / 1000)]).text(3),
            (waits.last ?? 0).text(3), expr.hasPrefix("sum") ? "\(halves)" : "")
    }

    /// How many sums are of no single frame.
    private static func halves(_ vector: StepVector, _ seriesPerTarget: Int) -> Int {
        let perTarget = Double((0..<seriesPerTarget).count { $0 % 5 != 4 })
        return vector.values.count { sum in
            if sum < 2e9 * perTarget { return false }
            let number = sum / perTarget - 2e9
            return number != number.rounded()
        }
    }
}
