import ArgumentParser
import Configuration
import Console
import Model
import Notify
import Transport

struct NotifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notify", abstract: "Tries receivers.", subcommands: [NotifyTest.self])
}

struct NotifyTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Sends a test message to a receiver, and shows all that goes over the wire.",
        discussion: "Secrets are left out of what is shown. Status 1 where anybody did not take it."
    )

    @Argument(help: "The receiver's name.")
    var receiver: String

    @Argument(help: "The alert's labels, NAME=VALUE, over those of the sample.")
    var labels: [String] = []

    @Option(help: "An annotation, NAME=VALUE, over those of the sample; may be repeated.")
    var annotation: [String] = []

    @Option(help: "One integration alone, e.g. slack or slack[1].")
    var integration: String?

    @Flag(help: "Tells the alert's end too.")
    var resolved = false

    @Flag(help: "Shows what would be sent, and sends nothing.")
    var dryRun = false

    @Option(name: .customLong("web.external-url"), help: "Where links to us lead.")
    var externalURL: String?

    @OptionGroup var options: NotifierOptions

    func run() async throws {
        var content = NotificationTest.Content()
        content.labels = content.labels.merging(try LabelArguments.labels(labels))
        content.annotations = content.annotations.merging(
            try LabelArguments.annotations(annotation))
        content.isResolved = resolved
        content.externalURL = externalURL
        let test = try NotificationTest(
            try options.load(), receiver: receiver, integration: integration)
        let isDone =
            dryRun
            ? test.rehearse(content) { StandardOutput.write($0) }
            : await test.run(content, over: CurlTransport()) { StandardOutput.write($0) }
        if !isDone { throw ExitCode.failure }
    }
}
