import Fleet
import Foundation

/// A thousand rules over ten thousand series, in both programs: what teams write over a few metrics,
/// where the same rate stands in many rules.
struct ManyRulesRun {
    let arguments: Arguments
    let port: UInt16 = 9600

    init(_ arguments: Arguments) { self.arguments = arguments }

    func run() throws {
        let shape = FleetShape(targets: 10, seriesPerTarget: 1_000)
        let folder = try SideBySide.scratch()
        defer { try? FileManager.default.removeItem(at: folder) }
        try ManyRules.file(arguments.int("rules", 1000)).write(
            to: folder.appendingPathComponent("rules.yml"), atomically: true, encoding: .utf8)
        let config = folder.appendingPathComponent("prometheus.yml")
        let targets = (0..<shape.targets).map { "127.0.0.\(1 + $0):\(port)" }
        try SideBySide.configuration(jobs: [("lynex", targets)], rules: "rules.yml").write(
            to: config, atomically: true, encoding: .utf8)
        let server = FleetServer(shape, port: port)
        try server.run()
        print("\(arguments.int("rules", 1000)) rules over \(server.seriesCount) series")
        print(
            try SideBySide(
                tocsin: arguments.string("tocsin"), prometheus: arguments.string("prometheus"),
                config: config, folder: folder, warm: arguments.int("warm", 330),
                measure: arguments.int("measure", 120)
            ).run())
    }
}

/// Rules over the fleet's metrics, ten for each.
enum ManyRules {
    /// The metrics that a fleet of a thousand series per target has for them.
    static func metrics(_ count: Int) -> [String] {
        (0..<count).map { "lynex_internal_\($0)_total" }
    }

    /// Expressions over one metric; none of the alerts fires.
    static func expressions(_ metric: String) -> [(record: String?, expr: String)] {
        let rate = "rate(\(metric)[5m])"
        return [
            ("job:\(metric):rate5m", "sum by (job) (\(rate))"),
            (nil, "job:\(metric):rate5m > 1e9"),
            (nil, "sum by (instance) (\(rate)) > 1e9"),
            (nil, "max by (instance) (\(rate)) > 1e9"),
            (nil, "\(rate) > 1e9"),
            (nil, "avg without (shard) (\(rate)) > 1e9"),
            (nil, "sum by (instance) (\(rate)) / count by (instance) (\(rate)) > 1e9"),
            (nil, "\(metric) > 1e12"),
            (nil, "max_over_time(\(metric)[5m]) > 1e12"),
            (nil, "absent(\(metric))"),
        ]
    }

    /// A rule file: groups of a hundred rules.
    static func file(_ count: Int) -> String {
        let rules = metrics((count + 9) / 10).flatMap { expressions($0) }.prefix(count)
        var text = "groups:\n"
        for (number, rule) in rules.enumerated() {
            if number % 100 == 0 {
                text += "  - name: group-\(number / 100)\n    interval: 30s\n    rules:\n"
            }
            if let record = rule.record {
                text += "      - record: \(record)\n"
            } else {
                text += "      - alert: Alert\(number)\n"
            }
            text += "        expr: \(rule.expr)\n"
        }
        return text
    }
}
