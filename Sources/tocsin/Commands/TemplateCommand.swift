import ArgumentParser
import Configuration
import Console
import Daemon
import Foundation
import Model
import Notify

struct TemplateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "template", abstract: "Tries templates of notifications.",
        subcommands: [TemplateRender.self])
}

struct TemplateRender: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render", abstract: "Renders a template over a notification.",
        discussion:
            "The default templates are there, and those of the files that the configuration "
            + "names, where there is one.")

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case text
        case html
    }

    @Option(
        name: [.customLong("template"), .customLong("template.text")],
        help: "A text with {{ }}, or the name of a template.")
    var template: String

    @Option(
        name: [.customLong("data"), .customLong("template.data")],
        help: "A notification as JSON, such as the body of a webhook; a sample where none is given."
    )
    var data: String?

    @Option(
        name: [.customLong("files"), .customLong("template.glob")],
        help: "Template files instead of the configuration's: a path or a pattern; may be repeated."
    )
    var files: [String] = []

    @Option(
        name: [.customLong("type"), .customLong("template.type")],
        help: "text, or html: what is shown is escaped.")
    var type = Kind.text

    @OptionGroup var options: NotifierOptions

    func run() throws {
        let rendering = try TemplateRendering(files: try patterns())
        let now = WallClock().now
        var notification = SampleNotification.mixed(at: now)
        if let data {
            do {
                notification = try NotificationDocument(try FileAccess.system.read(data)).data(
                    at: now)
            } catch {
                throw Failure("\(data): \(error)")
            }
        }
        StandardOutput.write(try rendering.render(template, notification, isHTML: type == .html))
    }

    private func patterns() throws -> [Located<String>] {
        if !files.isEmpty { return files.map { Located($0) } }
        // Without a configuration the default templates are there.
        if options.notifiers == nil, !FileManager.default.fileExists(atPath: options.configFile) {
            return []
        }
        return try options.load().templates
    }
}
