import Foundation

/// The benchmarks' command line.
@main
enum Main {
    static let usage = """
        bench functions [--targets N] [--series N] [--only NAME]
            parse, alerts, bind, step per operator, rebind, commit: in this process
        bench fleet --tocsin PATH [--prometheus PATH] [--targets N] [--series N] [--warm S] [--measure S]
            the guide's seven rules, side by side with Prometheus
        bench rules --tocsin PATH [--prometheus PATH] [--rules N] [--warm S] [--measure S]
            many rules over few series, side by side
        bench timestamps --tocsin PATH [--targets N] [--series N] [--measure S]
            what samples with times of their own cost beside samples without
        bench crowd --tocsin PATH [--targets N] [--series N] [--hostile N] [--senders N] [--measure S]
            how late scrapes begin among targets that misbehave and senders that push
        bench ranges [--prometheus PATH] [--series N]
            range queries over the same samples, side by side
        bench alerts --tocsin PATH [--alertmanager PATH] [--groups N] [--steady MINUTES]
            alerts, silences and inhibition under load, side by side with Alertmanager
        """

    static func main() throws {
        let arguments = Arguments(CommandLine.arguments.dropFirst())
        switch arguments.command {
        case "functions": try functions(arguments)
        case "fleet": try FleetRun(arguments).run()
        case "rules": try ManyRulesRun(arguments).run()
        case "timestamps": try TimestampRun(arguments).run()
        case "crowd": try CrowdRun(arguments).run()
        case "ranges": try RangeRun(arguments).run()
        case "alerts": try AlertsRun(arguments).run()
        default:
            print(usage)
            exit(2)
        }
    }

    private static func functions(_ arguments: Arguments) throws {
        let targets = arguments.int("targets", 100)
        let series = arguments.int("series", 10_000)
        let only = arguments.string("only")
        if only == nil || only == "parse" { print(try ParseBenchmark.run(), "\n") }
        if only == nil || only == "alerts" {
            print(try AlertBenchmark.run(alerts: arguments.int("alerts", 10_000)), "\n")
        }
        if only != "parse", only != "commit", only != "alerts" {
            var steps = StepBenchmark(targets: targets, seriesPerTarget: series)
            print("\(steps.seriesCount) series in the store, 20 samples a window:\n")
            print(try steps.run(only), "\n")
        }
        if only == nil || only == "commit" {
            print(try CommitBenchmark(targets: targets, seriesPerTarget: series).run())
        }
    }
}

/// `command --name value --name value`
struct Arguments {
    let command: String
    private var options: [String: String] = [:]

    init(_ arguments: some Sequence<String>) {
        var rest = Array(arguments)
        command = rest.isEmpty ? "" : rest.removeFirst()
        while rest.count >= 2, rest[0].hasPrefix("--") {
            options[String(rest[0].dropFirst(2))] = rest[1]
            rest.removeFirst(2)
        }
    }

    /// What stands behind `--name`; nothing is the same as no option.
    func string(_ name: String) -> String? { options[name].flatMap { $0.isEmpty ? nil : $0 } }
    func string(_ name: String, _ other: String) -> String { options[name] ?? other }
    func int(_ name: String, _ other: Int) -> Int { options[name].flatMap { Int($0) } ?? other }
}
