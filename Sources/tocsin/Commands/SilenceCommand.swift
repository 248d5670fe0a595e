import ArgumentParser
import Configuration
import Console
import Foundation
import Model

struct SilenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "silence", abstract: "Silences of a running daemon.",
        subcommands: [
            SilenceQuery.self, SilenceAdd.self, SilenceUpdate.self, SilenceExpire.self,
            SilenceImport.self,
        ], defaultSubcommand: SilenceQuery.self)
}

struct SilenceQuery: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query", abstract: "Shows silences (default).")

    @Argument(help: "Only silences for what these match, e.g. TargetDown severity=~'a|b'.")
    var matchers: [String] = []

    @Flag(help: "Expired ones instead of the others.")
    var expired = false

    @Flag(name: .shortAndLong, help: "Identifiers alone.")
    var quiet = false

    @Option(help: "Of this author.")
    var createdBy: String?

    @Option(help: "Those that end, or ended, within this time, e.g. 2h.")
    var within: String?

    @OptionGroup var options: ClientOptions

    func run() async throws {
        var query = SilenceCommands.Query()
        query.matchers = try LabelArguments.matchers(matchers)
        query.expired = expired
        query.createdBy = createdBy
        query.within = try within.map { try Milliseconds.flag($0, "--within") }
        options.show(try await options.silences.query(query, options.output, quiet: quiet))
    }
}

/// From when to when.
struct SpanOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "How long, e.g. 2h.")
    var duration: String?

    @Option(help: "When it begins, e.g. 2026-01-05T09:00:00Z.")
    var start: String?

    @Option(help: "When it ends, whatever --duration says.")
    var end: String?

    func span() throws -> SilenceCommands.Span {
        SilenceCommands.Span(
            start: try start.map { try Timestamp.flag($0, "--start") },
            end: try end.map { try Timestamp.flag($0, "--end") },
            duration: try duration.map { try Milliseconds.flag($0, "--duration") })
    }
}

struct SilenceAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Makes a silence, and prints its identifier.",
        discussion: "It lasts an hour unless said otherwise.")

    @Argument(help: "What it silences, e.g. TargetDown instance=~'db-.*'.")
    var matchers: [String]

    @Option(name: .shortAndLong, help: "Why; needed.")
    var comment: String

    @Option(name: .shortAndLong, help: "Who; the user where nothing is said.")
    var author: String?

    @OptionGroup var span: SpanOptions

    @OptionGroup var options: ClientOptions

    func run() async throws {
        options.show(
            try await options.silences.add(
                try LabelArguments.matchers(matchers), try span.span(),
                author: author ?? NSUserName(), comment: comment))
    }
}

struct SilenceUpdate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update", abstract: "Changes silences, and shows them.",
        discussion: "--duration counts from the silence's beginning.")

    @Argument(help: "Identifiers.")
    var ids: [String]

    @Option(name: .shortAndLong, help: "Another comment.")
    var comment: String?

    @Flag(name: .shortAndLong, help: "Identifiers alone.")
    var quiet = false

    @OptionGroup var span: SpanOptions

    @OptionGroup var options: ClientOptions

    func run() async throws {
        options.show(
            try await options.silences.update(
                ids, try span.span(), comment: comment, options.output, quiet: quiet))
    }
}

struct SilenceExpire: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "expire", abstract: "Ends silences now.")

    @Argument(help: "Identifiers.")
    var ids: [String]

    @OptionGroup var options: ClientOptions

    func run() async throws { try await options.silences.expire(ids) }
}

struct SilenceImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Makes the silences that 'silence query --output json' wrote.")

    @Argument(help: "The file; standard input where none is given.")
    var file: String?

    @Flag(name: .shortAndLong, help: "Creates all of them, even if they exist.")
    var force = false

    @OptionGroup var options: ClientOptions

    func run() async throws {
        let bytes: [UInt8]
        if let file {
            do { bytes = try FileAccess.system.read(file) } catch {
                throw Failure("\(file): \(error)")
            }
        } else {
            bytes = Array(FileHandle.standardInput.readDataToEndOfFile())
        }
        options.show(try await options.silences.importAll(bytes, anew: force))
    }
}
