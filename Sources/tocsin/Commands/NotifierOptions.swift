import ArgumentParser
import Configuration
import Foundation
import Model

/// Which routes and receivers a command is about.
struct NotifierOptions: ParsableArguments {
    @Option(
        name: [.customLong("config.file"), .customLong("config")],
        help: "The configuration, whose file of routes and receivers is meant.")
    var configFile = "tocsin.yml"

    @Option(help: "A file of routes and receivers instead: notifiers.yml or alertmanager.yml.")
    var notifiers: String?

    /// Reads the file; what is wrong with it ends the command.
    func load() throws -> NotifierConfiguration {
        let path: String
        if let notifiers { path = notifiers } else { path = try main().tocsin.notifiers.value }
        return try NotifierConfiguration.load(path: path).get()
    }

    /// Reads the configuration.
    func main() throws -> TocsinConfiguration {
        try TocsinConfiguration.load(
            path: configFile, environment: ProcessInfo.processInfo.environment
        ).get()
    }
}
