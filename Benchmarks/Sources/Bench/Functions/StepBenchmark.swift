import CAllocations
import Model
import PromQL
import Store

/// What one evaluation costs, operator by operator: binding, stepping, and binding again after one
/// series came.
struct StepBenchmark {
    var world: SyntheticStore
    let seriesCount: Int

    /// Every operator, over all counters or all buckets. The name, the expression, and the expression
    /// whose cost is not the operator's own.
    static let cases: [(name: String, expr: String, input: String?)] = [
        ("instant selector", "m_total", nil),
        ("rate", "rate(m_total[5m])", nil),
        ("increase", "increase(m_total[5m])", nil),
        ("delta", "delta(m_total[5m])", nil),
        ("irate", "irate(m_total[5m])", nil),
        ("idelta", "idelta(m_total[5m])", nil),
        ("sum_over_time", "sum_over_time(m_total[5m])", nil),
        ("avg_over_time", "avg_over_time(m_total[5m])", nil),
        ("min_over_time", "min_over_time(m_total[5m])", nil),
        ("max_over_time", "max_over_time(m_total[5m])", nil),
        ("count_over_time", "count_over_time(m_total[5m])", nil),
        ("last_over_time", "last_over_time(m_total[5m])", nil),
        ("changes", "changes(m_total[5m])", nil),
        ("resets", "resets(m_total[5m])", nil),
        ("stddev_over_time", "stddev_over_time(m_total[5m])", nil),
        ("quantile_over_time", "quantile_over_time(0.9, m_total[5m])", nil),
        ("deriv", "deriv(m_total[5m])", nil),
        ("vector > scalar", "m_total > 1e12", "m_total"),
        ("vector * scalar", "m_total * 2", "m_total"),
        ("abs", "abs(m_total)", "m_total"),
        ("label_replace", "label_replace(m_total, \"x\", \"$1\", \"job\", \"(.*)\")", "m_total"),
        ("vector / vector", "m_total / m_total", "m_total"),
        (
            "group_left", "m_total * on (instance) group_left () count by (instance) (m_total)",
            "m_total"
        ),
        ("and", "m_total and m_total", "m_total"),
        ("or", "m_total or m_total", "m_total"),
        ("unless", "m_total unless h_bucket", "m_total"),
        ("sum", "sum(m_total)", "m_total"),
        ("sum by (path)", "sum by (path) (m_total)", "m_total"),
        ("avg by (path)", "avg by (path) (m_total)", "m_total"),
        ("max by (instance)", "max by (instance) (m_total)", "m_total"),
        ("stddev by (path)", "stddev by (path) (m_total)", "m_total"),
        ("quantile by (path)", "quantile by (path) (0.9, m_total)", "m_total"),
        ("topk(10)", "topk(10, m_total)", "m_total"),
        ("histogram_quantile", "histogram_quantile(0.9, h_bucket)", "h_bucket"),
    ]

    mutating func run(_ filter: String?) throws -> String {
        let engine = Engine(store: world.store)
        var table = Table(
            "operator", "bind ms", "step ms", "of which input", "allocations", "bytes",
            "step after 1 new series", "its bytes")
        var inputs: [String: Double] = [:]
        for (name, expr, input) in StepBenchmark.cases {
            if let filter, !name.contains(filter) { continue }
            let query = try engine.prepare(expr)
            let pin = world.store.pin()
            let bind = try CPUTime.best(of: 1) { _ = try query.step(at: world.now, pin: pin) }
            let step = try CPUTime.best(of: 5) { _ = try query.step(at: world.now, pin: pin) }
            let (count, bytes) = (allocation_count(), allocation_bytes())
            _ = try query.step(at: world.now, pin: pin)
            let (madeCount, madeBytes) = (allocation_count() - count, allocation_bytes() - bytes)
            if expr == input ?? expr { inputs[expr] = step }
            // The second time: buffers have grown to where one more fits.
            var rebind = 0.0
            var rebindBytes: UInt64 = 0
            for _ in 0..<2 {
                addSeries()
                let bytes = allocation_bytes()
                rebind = try CPUTime.best(of: 1) {
                    _ = try query.step(at: world.now, pin: world.store.pin())
                }
                rebindBytes = allocation_bytes() - bytes
            }
            table.add(
                name, (bind * 1e3).text(1), (step * 1e3).text(2),
                input.flatMap { inputs[$0] }.map { ($0 * 1e3).text(2) } ?? "",
                "\(madeCount)", "\(madeBytes)", (rebind * 1e3).text(2), "\(rebindBytes)")
        }
        return table.text
    }

    /// One more series of each metric, on an axis of its own.
    private mutating func addSeries() {
        newSeries += 1
        for (name, le) in [("m_total", ""), ("h_bucket", "+Inf")] {
            let axis = world.store.openAxis("new-\(name)-\(newSeries)")
            let slot = axis.slot(
                for: Labels([
                    Label(Labels.name, name), Label("le", le), Label("instance", "host-0:9100"),
                    Label("job", "job-0"), Label("series", "new-\(newSeries)"),
                    Label("path", "/path/0"), Label("handler", "new-\(newSeries)"),
                ]))
            var values = [Double](repeating: SampleValue.stale, count: slot + 1)
            values[slot] = 1
            axis.commit(at: world.now, values: values)
        }
    }

    private var newSeries = 0

    init(targets: Int, seriesPerTarget: Int) {
        world = SyntheticStore(
            targets: targets, seriesPerTarget: seriesPerTarget, depth: .minutes(6))
        world.scrape(24)
        seriesCount = targets * seriesPerTarget
    }
}
