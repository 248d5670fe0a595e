import ArgumentParser
import Check
import Foundation
import Model

/// `tocsin check`: everything that is wrong, in one go.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks a configuration, its rules and its receivers.",
        discussion: "Errors cannot be used, and the exit status is 1. Warnings and advice "
            + "are about things that work but are probably mistakes.",
        subcommands: [
            CheckAll.self, CheckConfig.self, CheckRules.self, CheckNotifiers.self,
            CheckQueries.self, CheckMetrics.self,
        ],
        defaultSubcommand: CheckAll.self)
}

/// The whole of a configuration.
struct CheckAll: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "all", abstract: "A configuration, its rule files and its notifiers (default)."
    )

    @Option(
        name: [.customLong("config.file"), .customLong("config")], help: "The configuration.")
    var configFile = "tocsin.yml"

    @Flag(help: "Leaves out warnings about what works: the syntax alone.")
    var syntaxOnly = false

    @OptionGroup var features: FeatureOptions

    func run() throws {
        try CheckReport.finish(
            Checker.check(
                configurationPath: configFile, environment: ProcessInfo.processInfo.environment,
                features: features.names, syntaxOnly: syntaxOnly))
    }
}

struct CheckConfig: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Configurations, with the rule files, target files and certificates they name.")

    @Argument(help: "tocsin.yml or prometheus.yml files.")
    var files: [String]

    @Flag(help: "Leaves out the files that they name: the syntax alone.")
    var syntaxOnly = false

    @OptionGroup var features: FeatureOptions

    func run() throws {
        try CheckReport.finish(
            Checker.checkConfigurations(
                files, environment: ProcessInfo.processInfo.environment,
                features: features.names, syntaxOnly: syntaxOnly))
    }
}

struct CheckRules: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "Rule files.")

    @Argument(help: "Rule files.")
    var files: [String]

    @Option(
        name: [.customLong("config.file"), .customLong("config")],
        help: "A configuration, so that jobs and intervals are known.")
    var configFile: String?

    @Flag(help: "Leaves out warnings about what works: the syntax alone.")
    var syntaxOnly = false

    @OptionGroup var features: FeatureOptions

    func run() throws {
        try CheckReport.finish(
            Checker.checkRules(
                files, configurationPath: configFile,
                environment: ProcessInfo.processInfo.environment, features: features.names,
                syntaxOnly: syntaxOnly))
    }
}

struct CheckNotifiers: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notifiers", abstract: "Files of routes and receivers, and their templates.")

    @Argument(help: "notifiers.yml or alertmanager.yml files.")
    var files: [String]

    @Flag(help: "Leaves out warnings about what works: the syntax alone.")
    var syntaxOnly = false

    func run() throws {
        try CheckReport.finish(Checker.checkNotifiers(files, syntaxOnly: syntaxOnly))
    }
}

struct CheckQueries: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queries",
        abstract: "Queries, one a line, or all that stand in a Markdown document's code blocks.")

    @Argument(help: "Files of queries, or .md documents.")
    var files: [String]

    @Option(
        name: [.customLong("config.file"), .customLong("config")],
        help: "A configuration, instead of the document's own.")
    var configFile: String?

    @Flag(help: "Leaves out warnings about what works: the syntax alone.")
    var syntaxOnly = false

    @OptionGroup var features: FeatureOptions

    func run() throws {
        try CheckReport.finish(
            Checker.checkQueries(
                files, configurationPath: configFile,
                environment: ProcessInfo.processInfo.environment, features: features.names,
                syntaxOnly: syntaxOnly))
    }
}

/// What a check prints, and how it ends.
enum CheckReport {
    static func finish(_ problems: [Problem]) throws {
        for problem in problems { StandardOutput.write(problem.description) }
        StandardOutput.write(summary(of: problems))
        if problems.contains(where: { $0.severity == .error }) { throw ExitCode.failure }
    }

    private static func summary(of problems: [Problem]) -> String {
        if problems.isEmpty { return "No problems found." }
        func count(_ severity: Problem.Severity, _ one: String, _ many: String) -> String? {
            let count = problems.count { $0.severity == severity }
            return count == 0 ? nil : "\(count) \(count == 1 ? one : many)"
        }
        let parts = [
            count(.error, "error", "errors"), count(.warning, "warning", "warnings"),
            count(.advice, "piece of advice", "pieces of advice"),
        ]
        return parts.compactMap { $0 }.joined(separator: ", ") + "."
    }
}
