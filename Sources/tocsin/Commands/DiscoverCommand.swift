import ArgumentParser
import Configuration
import Daemon
import Foundation
import Model
import Scrape
import Transport

/// `tocsin discover`: what service discovery finds now.
struct DiscoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discover",
        abstract:
            "Shows the targets that service discovery finds now, before and after relabelling.")

    enum Output: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    @Argument(help: "The jobs to look at; all without one.")
    var jobs: [String] = []

    @Option(
        name: [.customLong("config.file"), .customLong("config")], help: "The configuration.")
    var configFile = "tocsin.yml"

    @Option(help: "How long discovery may take.")
    var timeout = "1m"

    @Option(
        name: .shortAndLong, help: "text, or json as `promtool check service-discovery` prints.")
    var output = Output.text

    @OptionGroup var features: FeatureOptions

    func run() async throws {
        let limit = try Milliseconds.flag(timeout, "--timeout").duration
        let configuration = try TocsinConfiguration.load(
            path: configFile, environment: ProcessInfo.processInfo.environment,
            features: features.names
        ).get()
        let names = configuration.scrapeConfigurations.map(\.jobName)
        for job in jobs where !names.contains(job) {
            throw ValidationError(
                "there is no job \(job); there are: \(names.joined(separator: ", "))")
        }
        let environment = SourceEnvironment(clock: WallClock(), transport: CurlTransport())
        var printed: [PrintedTarget] = []
        var hasFailed = false
        for job in configuration.scrapeConfigurations
        where jobs.isEmpty || jobs.contains(job.jobName) {
            let preview = await DiscoveryPreview.look(job, in: environment, for: limit)
            hasFailed = hasFailed || preview.hasProblems
            switch output {
            case .text: StandardOutput.write(DiscoveryText.of(job.jobName, preview))
            case .json: printed += PrintedTarget.all(preview)
            }
        }
        if output == .json { try PrintedTarget.print(printed) }
        if hasFailed { throw ExitCode.failure }
    }
}

extension DiscoveryPreview {
    /// Whether a source failed, or something cannot become a target.
    fileprivate var hasProblems: Bool {
        !failures.isEmpty || sources.contains { $0.update?.problems.isEmpty != true }
    }
}

/// A job's discovery as people read it.
private enum DiscoveryText {
    static func of(_ job: String, _ preview: DiscoveryPreview) -> String {
        var lines = ["\(job):"]
        for source in preview.sources {
            let name = "  \(source.section)[\(source.index)]"
            guard let update = source.update else {
                lines.append("\(name): no answer in time")
                continue
            }
            let count = (update.groups ?? []).reduce(0) { $0 + $1.targets.count }
            lines.append("\(name): \(count) \(count == 1 ? "target" : "targets")")
            lines += update.problems.map { "    error: \($0)" }
        }
        for target in preview.targets {
            lines.append("  \(target.url)")
            lines.append("    labels:     \(target.labels)")
            lines.append("    discovered: \(target.shownLabels)")
        }
        for dropped in preview.dropped {
            lines.append("  dropped: \(dropped.reason)")
            lines.append("    discovered: \(dropped.discoveredLabels)")
        }
        lines += preview.failures.map { "  error: \($0)" }
        return lines.joined(separator: "\n")
    }
}

/// A target as promtool prints it.
private struct PrintedTarget: Encodable {
    var discoveredLabels: [String: String]
    var labels: [String: String]
    var error: String?

    static func all(_ preview: DiscoveryPreview) -> [PrintedTarget] {
        let kept = preview.targets.map {
            PrintedTarget(
                discoveredLabels: dictionary($0.shownLabels), labels: dictionary($0.labels))
        }
        let dropped = preview.dropped.map {
            PrintedTarget(discoveredLabels: dictionary($0.discoveredLabels), labels: [:])
        }
        let failed = preview.failures.map {
            PrintedTarget(discoveredLabels: [:], labels: [:], error: $0)
        }
        return kept + dropped + failed
    }

    static func print(_ targets: [PrintedTarget]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        StandardOutput.write(String(decoding: try encoder.encode(targets), as: UTF8.self))
    }

    private static func dictionary(_ labels: Labels) -> [String: String] {
        Dictionary(uniqueKeysWithValues: labels.sorted.map { ($0.name, $0.value) })
    }
}
