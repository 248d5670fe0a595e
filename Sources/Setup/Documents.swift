import Configuration
import Model
import Notify

/// Everything that users wrote, as it was read: one text of each file, and what it says.
public struct Documents: Sendable {
    /// `tocsin.yml`, with what the command line says in its place.
    public var configuration: TocsinConfiguration
    /// The files of `rule_files`.
    public var ruleFiles: [RuleFile]
    /// Their texts by path, with which a place within an expression is exact.
    public var ruleTexts: [String: [UInt8]] = [:]
    /// The file of `tocsin.notifiers`.
    public var notifiers: NotifierConfiguration
    /// The templates of the files that it names.
    public var templates = NotificationTemplates()
    /// The configuration's text as it was loaded, without secrets.
    public var shownConfiguration = ""
    /// The same of the notifiers' file.
    public var shownNotifiers = ""

    /// Documents that were made rather than read.
    public init(
        configuration: TocsinConfiguration, ruleFiles: [RuleFile] = [],
        notifiers: NotifierConfiguration = .silent
    ) {
        self.configuration = configuration
        self.ruleFiles = ruleFiles
        self.notifiers = notifiers
    }
}

extension NotifierConfiguration {
    /// One receiver that tells nobody.
    public static var silent: NotifierConfiguration {
        NotifierConfiguration(
            route: RouteConfiguration(receiver: "nobody"),
            receivers: [ReceiverConfiguration("nobody")])
    }
}

/// The file of routes and receivers with the templates that it names, as far as they can be read.
public struct NotifierDocument: Sendable {
    /// What it says; nil where that cannot be told.
    public var configuration: NotifierConfiguration?
    /// The default templates, and those of its files.
    public var templates = NotificationTemplates()
    /// Its text without secrets.
    public var shown = ""
    /// What is wrong with it and with the template files. An error among them keeps it from being used.
    public var problems: [Problem]

    /// Reads it. `place` is where its name stands.
    public static func read(
        _ path: String, namedAt place: SourcePlace? = nil, files: FileAccess
    ) -> NotifierDocument {
        let text: [UInt8]
        do {
            text = try files.read(path)
        } catch {
            guard let place, place.line > 0 else {
                return NotifierDocument(problems: [
                    Problem(at: SourcePlace(file: path), "\(error)")
                ])
            }
            return NotifierDocument(problems: [
                Problem(at: place, path: "tocsin.notifiers", "\(path): \(error)")
            ])
        }
        let result = NotifierConfiguration.load(text: text, path: path)
        var document = NotifierDocument(
            configuration: result.draft, shown: result.shown, problems: result.problems)
        if let configuration = result.draft {
            let (templates, problems) = NotificationTemplates.load(configuration, files: files)
            document.templates = templates
            document.problems += problems
        }
        return document
    }
}
