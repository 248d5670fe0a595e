import Fleet
import Foundation

/// The guide's seven rules over a fleet, in both programs.
struct FleetRun {
    let arguments: Arguments
    let port: UInt16 = 9600

    init(_ arguments: Arguments) { self.arguments = arguments }

    func run() throws {
        let shape = FleetShape(
            targets: arguments.int("targets", 100),
            seriesPerTarget: arguments.int("series", 10_000))
        let folder = try SideBySide.scratch()
        defer { try? FileManager.default.removeItem(at: folder) }
        let rules = arguments.string("rules-file", "../rules/alerts.yml")
        let rulesText = try String(contentsOfFile: rules, encoding: .utf8)
        try rulesText.write(
            to: folder.appendingPathComponent("alerts.yml"), atomically: true, encoding: .utf8)
        let config = folder.appendingPathComponent("prometheus.yml")
        try configuration(shape).write(to: config, atomically: true, encoding: .utf8)
        let server = FleetServer(shape, port: port)
        try server.run()
        print(
            "\(shape.targets) targets, \(server.seriesCount) series, of which the guide's rules "
                + "read \(shape.seriesReadByRules)")
        print(
            try SideBySide(
                tocsin: arguments.string("tocsin"), prometheus: arguments.string("prometheus"),
                config: config, folder: folder, warm: arguments.int("warm", 330),
                measure: arguments.int("measure", 120)
            ).run())
    }

    /// A tenth of the targets are ClickHouse's, the others Lynex's.
    private func configuration(_ shape: FleetShape) -> String {
        let all = (0..<shape.targets).map { "127.0.0.\(1 + $0):\(port)" }
        let split = max(1, shape.targets / 10)
        return SideBySide.configuration(
            jobs: [
                ("clickhouse", Array(all.prefix(split))), ("lynex", Array(all.dropFirst(split))),
            ], rules: "alerts.yml")
    }
}

extension SideBySide {
    /// A configuration that both programs read.
    static func configuration(
        jobs: [(name: String, targets: [String])], rules: String? = nil
    ) -> String {
        var text = """
            global:
              scrape_interval: 15s
              evaluation_interval: 30s
            \(rules.map { "rule_files: [\($0)]" } ?? "")
            scrape_configs:

            """
        for job in jobs where !job.targets.isEmpty {
            let targets = job.targets.map { "\"\($0)\"" }.joined(separator: ", ")
            text +=
                "  - job_name: \(job.name)\n    static_configs:\n      - targets: [\(targets)]\n"
        }
        return text
    }
}
