import Configuration
import Model
import PromQL
import Rules

/// Everything that users wrote, read and consistent: what a daemon runs on.
public struct Documents: Sendable {
    /// `tocsin.yml`.
    public var configuration: TocsinConfiguration
    /// The files of `rule_files`.
    public var ruleFiles: [RuleFile]
    /// The file of `tocsin.notifiers`.
    public var notifiers: NotifierConfiguration
    /// What is unwise but works.
    public var warnings: [Problem]
    /// Rules that cannot be evaluated: expressions and templates that are none. They fail by
    /// themselves and stop no other; a reload refuses them, since what runs is better.
    public var ruleErrors: [Problem]
    /// The configuration's text for others to see: without secrets.
    public var shownConfiguration = ""
    /// The same of the notifiers' file.
    public var shownNotifiers = ""

    /// Documents that were made rather than read.
    public init(
        configuration: TocsinConfiguration, ruleFiles: [RuleFile],
        notifiers: NotifierConfiguration, warnings: [Problem] = [], ruleErrors: [Problem] = []
    ) {
        self.configuration = configuration
        self.ruleFiles = ruleFiles
        self.notifiers = notifiers
        self.warnings = warnings
        self.ruleErrors = ruleErrors
    }

    /// Reads the configuration and what it names; throws every error in one go.
    ///
    /// A configuration that names no notifiers file of its own works without one: nobody is told.
    /// `features` are enabled besides those of the configuration.
    public static func load(
        path: String, environment: [String: String], features: [String] = [],
        files: FileAccess = .system
    ) throws(Problems) -> Documents {
        let main = TocsinConfiguration.load(
            path: path, environment: environment, features: features, files: files)
        let configuration = try main.get()
        let rules = RuleFile.loadAll(configuration.ruleFiles, files: files)
        let notifiers = loadNotifiers(configuration, files)
        let errors = rules.errors + notifiers.errors
        if !errors.isEmpty { throw Problems(errors) }
        let ruleFiles = try rules.get()
        var documents = Documents(
            configuration: configuration, ruleFiles: ruleFiles, notifiers: try notifiers.get(),
            warnings: main.warnings + rules.warnings + notifiers.warnings,
            ruleErrors: check(ruleFiles, configuration, files))
        documents.shownConfiguration = main.shown
        documents.shownNotifiers = notifiers.shown
        return documents
    }

    private static func check(
        _ ruleFiles: [RuleFile], _ configuration: TocsinConfiguration, _ files: FileAccess
    ) -> [Problem] {
        var context = CheckContext(
            parser: ParserOptions(features: configuration.tocsin.enabledFeatures))
        for file in ruleFiles { context.sources[file.path] = try? files.read(file.path) }
        return RuleCheck.run(RuleCheck.errors, files: ruleFiles, context)
    }

    private static func loadNotifiers(
        _ configuration: TocsinConfiguration, _ files: FileAccess
    ) -> LoadResult<NotifierConfiguration> {
        let path = configuration.tocsin.notifiers
        let isDefault = path.place.file.isEmpty
        if isDefault, (try? files.read(path.value)) == nil {
            // Others tell people.
            if !configuration.alertmanagers.isEmpty {
                return LoadResult(value: .silent, problems: [])
            }
            let warning = Problem(
                .warning, at: SourcePlace(file: configuration.path), path: "tocsin.notifiers",
                "\(path.value) does not exist: alerts are evaluated and shown, but nobody is told")
            return LoadResult(value: .silent, problems: [warning])
        }
        return NotifierConfiguration.load(path: path.value, files: files)
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
