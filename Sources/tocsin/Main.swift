import ArgumentParser
import Daemon

@main
struct Tocsin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tocsin",
        abstract: "Scrapes services, evaluates alerting rules, and tells people.",
        version: "tocsin \(BuildInformation.version)",
        subcommands: [
            RunCommand.self, CheckCommand.self, TestCommand.self, QueryCommand.self,
            ReplayCommand.self, RecordCommand.self, RoutesCommand.self, TemplateCommand.self,
            NotifyCommand.self, SilenceCommand.self, AlertsCommand.self, DiscoverCommand.self,
            ScrapeCommand.self,
        ])
}
