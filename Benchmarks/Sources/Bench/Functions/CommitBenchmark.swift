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
        let costs = Mutex<[Cost]>([])
    }

    /// What one commit took: `work` is its thread's processor time. The rest it waited, if it gave its
    /// processor up by itself; otherwise somebody took it away.
    private struct Cost {
        var wall: Double
        var work: Double
        var gaveUp: Bool
        var wait: Double { gaveUp ? max(0, wall - work) : 0 }
        var delay: Double { gaveUp ? 0 : max(0, wall - work) }
    }

    func run() throws -> String {
        var table = Table(
            "stepped", "steps", "commits", "mean commit ms", "longest ms", "mean wait ms",
            "99 % wait ms", "99.9 % wait ms", "longest wait ms", "longest without processor ms",
            "half frames seen")
        for expr in [
            nil, "sum by (instance) (m_total)", "rate(m_total[5m])", "avg_over_time(m_total[1h])",
        ] {
            try measure(expr, &table)
        }
        return table.text
    }

    /// Without an expression, nothing is read meanwhile: what a commit costs alone.
    private func measure(_ expr: String?, _ table: inout Table) throws {
        var world = SyntheticStore(
            targets: targets, seriesPerTarget: seriesPerTarget, depth: .minutes(60))
        world.scrape(expr?.contains("1h") == true ? 250 : 24)
        let engine = Engine(store: world.store)
        let query = try expr.map { try engine.prepare($0) }
        _ = try query?.step(at: world.now, pin: world.store.pin())
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
                let time =
                    first + Milliseconds(SyntheticStore.interval.value * Int64(turn + 1))
                let switches = CPUTime.voluntarySwitches
                let (start, work) = (ContinuousClock.now, CPUTime.thread)
                axis.commit(at: time, values: frames[turn % frames.count])
                let cost = Cost(
                    wall: (ContinuousClock.now - start) / .milliseconds(1),
                    work: (CPUTime.thread - work) * 1e3,
                    gaveUp: CPUTime.voluntarySwitches > switches)
                writer.costs.withLock { $0.append(cost) }
                number += 1
                // The pace of a million series scraped every fifteen seconds by a hundred targets.
                Thread.sleep(forTimeInterval: 0.002)
            }
        }
        thread.start()
        var steps = 0
        var halves = 0
        let isSum = expr?.hasPrefix("sum") == true
        let end = ContinuousClock.now + .seconds(8)
        while ContinuousClock.now < end {
            guard let query else {
                Thread.sleep(forTimeInterval: 0.1)
                continue
            }
            let pin = world.store.pin()
            let now = axes[0].lastTimestamp ?? first
            let vector = try query.step(at: now, pin: pin)
            steps += 1
            if isSum { halves += CommitBenchmark.halves(vector, seriesPerTarget) }
        }
        writer.isDone.store(true, ordering: .relaxed)
        let costs = writer.costs.withLock { $0 }
        let walls = Sorted(costs.map(\.wall))
        let waits = Sorted(costs.map(\.wait))
        table.add(
            expr.map { "`\($0)`" } ?? "nothing", "\(steps)", "\(costs.count)", walls.mean.text(3),
            walls.quantile(1000).text(3), waits.mean.text(3), waits.quantile(990).text(3),
            waits.quantile(999).text(3), waits.quantile(1000).text(3),
            (costs.map(\.delay).max() ?? 0).text(3), isSum ? "\(halves)" : "")
    }

    private struct Sorted {
        private let values: [Double]

        init(_ values: [Double]) { self.values = values.sorted() }

        var mean: Double { values.reduce(0, +) / Double(max(1, values.count)) }

        /// The value below which so many of a thousand lie.
        func quantile(_ thousandths: Int) -> Double {
            values.isEmpty ? 0 : values[min(values.count - 1, values.count * thousandths / 1000)]
        }
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
