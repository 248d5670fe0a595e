import Configuration
import Foundation
import Model
import PromQL
import Rules
import Store

/// What an evaluation costs in which thousands of alerts go on: those that are not handed on, and those
/// in which all are.
struct AlertBenchmark {
    private static let start = Timestamp(milliseconds: 1_767_600_000_000)

    static func run(alerts: Int) throws -> String {
        let store = Store()
        let axis = store.openAxis("target")
        let slots = (0..<alerts).map { number in
            axis.slot(
                for: Labels([
                    "__name__": "queue_depth", "job": "api", "instance": "a:1",
                    "queue": "q\(number)",
                ]))
        }
        var values = [Double](repeating: SampleValue.stale, count: axis.slotCount)
        let rules = """
            groups:
            - name: g
              rules:
              - alert: QueueBacklog
                expr: queue_depth > 100
                for: 1m
                labels: {severity: page, team: "{{ $labels.job }}"}
                annotations:
                  summary: "Queue {{ $labels.queue }} of {{ $labels.instance }} is long"
                  description: "{{ $value | humanize }} events wait in {{ $labels.queue }}."
            """
        var options = RuleOptions()
        options.interval = .seconds(30)
        let set = RuleSet(
            [try RuleFile.load(text: rules, path: "rules.yml").get()], options: options,
            engine: RuleEngine(Engine(store: store)), store: store, start: .at(start))
        var table = Table("evaluation of \(alerts) alerts", "ms", "us an alert", "handed on")
        var best: [Bool: (seconds: Double, told: Int)] = [:]
        for step in 0..<20 {
            let now = start + .seconds(Int64(step) * 30)
            for (number, slot) in slots.enumerated() {
                values[slot] = Double(200 + (number * 31 + step * 7) % 1000)
            }
            axis.commit(at: now, values: values)
            let before = CPUTime.thread
            let told = set.groups.reduce(0) { $0 + $1.evaluate(at: now).alerts.count }
            let seconds = CPUTime.thread - before
            if step < 5 { continue }
            if seconds < best[told > 0]?.seconds ?? .infinity { best[told > 0] = (seconds, told) }
        }
        for (name, isTold) in [("nothing is due", false), ("all are due", true)] {
            guard let (seconds, told) = best[isTold] else { continue }
            table.add(
                name, (seconds * 1e3).text(2), (seconds * 1e6 / Double(alerts)).text(2), "\(told)")
        }
        return table.text
    }
}
