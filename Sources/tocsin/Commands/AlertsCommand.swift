import ArgumentParser
import Console
import Daemon
import Model

struct AlertsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts", abstract: "Alerts that a running daemon routes.",
        subcommands: [AlertsQuery.self, AlertsAdd.self], defaultSubcommand: AlertsQuery.self)
}

struct AlertsQuery: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query", abstract: "Shows alerts (default).",
        discussion: "Active ones, unless others are asked for.")

    @Argument(help: "Only alerts that these match, e.g. TargetDown severity=~'a|b'.")
    var matchers: [String] = []

    @Flag(name: .shortAndLong, help: "Active alerts.")
    var active = false

    @Flag(name: .shortAndLong, help: "Those that a silence holds back.")
    var silenced = false

    @Flag(name: .shortAndLong, help: "Those that other alerts hold back.")
    var inhibited = false

    @Flag(name: .shortAndLong, help: "Those that were not looked at yet.")
    var unprocessed = false

    @Option(name: .shortAndLong, help: "Those for receivers whose names match this expression.")
    var receiver: String?

    @OptionGroup var options: ClientOptions

    func run() async throws {
        var query = AlertCommands.Query()
        query.matchers = try LabelArguments.matchers(matchers)
        query.receiver = receiver
        for (isWanted, state) in [
            (active, AlertCommands.Query.State.active), (silenced, .silenced),
            (inhibited, .inhibited), (unprocessed, .unprocessed),
        ] where isWanted {
            query.states.insert(state)
        }
        options.show(try await AlertCommands(options.client).query(query, options.output))
    }
}

struct AlertsAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Says an alert, which is routed like any other.")

    @Argument(help: "Its labels, NAME=VALUE; the first may be its name alone.")
    var labels: [String]

    @Option(help: "An annotation, NAME=VALUE; may be repeated.")
    var annotation: [String] = []

    @Option(help: "A link to where it comes from.")
    var generatorURL: String?

    @Option(help: "When it began, e.g. 2026-01-05T09:00:00Z.")
    var start: String?

    @Option(help: "When it is over.")
    var end: String?

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await AlertCommands(options.client).add(
            try LabelArguments.labels(labels),
            annotations: try LabelArguments.annotations(annotation),
            // Without a start, Alertmanager's API would have it begin when it ends.
            start: try start.map { try Timestamp.flag($0, "--start") } ?? WallClock().now,
            end: try end.map { try Timestamp.flag($0, "--end") }, generatorURL: generatorURL)
    }
}
