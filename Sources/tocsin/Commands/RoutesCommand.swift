import ArgumentParser
import Configuration
import Console
import Foundation
import Model

struct RoutesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routes", abstract: "Shows which receivers get which alerts, and why.",
        subcommands: [RoutesShow.self, RoutesTest.self], defaultSubcommand: RoutesShow.self)
}

struct RoutesShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "The routing tree (default).")

    @OptionGroup var options: NotifierOptions

    func run() throws {
        StandardOutput.write(RouteSheet(try options.load()).text)
    }
}

struct RoutesTest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Which routes take an alert with these labels, whom they tell, and why.")

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    @Argument(help: "The alert's labels, NAME=VALUE; the first may be its name alone.")
    var labels: [String]

    @Option(help: "text or json.")
    var output = Format.text

    @Option(
        name: .customLong("verify.receivers"),
        help: "Fails unless exactly these receivers get the alert (separated by commas).")
    var receivers: String?

    @Flag(
        help:
            "The labels are those of a rule's alert: external labels and alert_relabel_configs of the configuration come first."
    )
    var relabel = false

    @OptionGroup var options: NotifierOptions

    func run() throws {
        var labels = try LabelArguments.labels(labels)
        if relabel {
            let main = try options.main()
            let whole = main.global.externalLabels.merging(labels)
            guard let kept = Relabel.apply(main.alertRelabeling, to: whole) else {
                StandardOutput.write("alert_relabel_configs drop the alert: no receiver gets it")
                throw ExitCode.failure
            }
            labels = kept
        }
        let test = RouteTest(RouteSheet(try options.load()), labels)
        StandardOutput.write(output == .json ? test.json : test.text)
        guard let receivers else { return }
        let wanted = receivers.split(separator: ",").map { String($0).trimmingWhitespace }
        if wanted != test.receivers {
            throw Failure(
                "expected the receivers \(wanted.joined(separator: ", ")), "
                    + "not \(test.receivers.joined(separator: ", "))")
        }
    }
}
