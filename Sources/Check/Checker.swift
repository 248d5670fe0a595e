import Configuration
import Model
import Rules

/// Everything behind `tocsin check`: all that is wrong in what a user wrote, in one go.
///
/// Reads documents and nothing else: no network, no database, no clock. What cannot be used is an
/// error; what works and is likely not meant is a warning or advice, left out where only the syntax
/// is asked for.
public struct Checker {
    private let files: FileAccess
    private let syntaxOnly: Bool
    private let environment: [String: String]
    private let features: [String]
    private var problems: [Problem] = []

    private init(
        files: FileAccess, syntaxOnly: Bool, environment: [String: String] = [:],
        features: [String] = []
    ) {
        self.files = files
        self.syntaxOnly = syntaxOnly
        self.environment = environment
        self.features = features
    }

    // MARK: What is checked

    /// A configuration, its rule files and its notifiers. `features` are enabled besides those of the
    /// configuration, here and below.
    public static func check(
        configurationPath path: String, environment: [String: String] = [:],
        features: [String] = [], syntaxOnly: Bool = false, files: FileAccess = .system
    ) -> [Problem] {
        var checker = Checker(
            files: files, syntaxOnly: syntaxOnly, environment: environment, features: features)
        guard let configuration = checker.configuration(path) else { return checker.problems }
        checker.rules(checker.rulePaths(configuration), configuration)
        let notifiers = configuration.tocsin.notifiers
        checker.notifiers(
            notifiers.value, isOptional: notifiers.place.line == 0,
            othersTell: !configuration.alertmanagers.isEmpty, namedAt: notifiers.place)
        return checker.problems
    }

    /// Configurations alone, without the files that they name.
    public static func checkConfigurations(
        _ paths: [String], environment: [String: String] = [:], files: FileAccess = .system
    ) -> [Problem] {
        var checker = Checker(files: files, syntaxOnly: true, environment: environment)
        for path in paths { _ = checker.configuration(path) }
        return checker.problems
    }

    /// Rule files. With a configuration, the advice knows what is scraped and how often; what is
    /// wrong with the configuration itself is not told.
    public static func checkRules(
        _ paths: [String], configurationPath: String? = nil, environment: [String: String] = [:],
        features: [String] = [], syntaxOnly: Bool = false, files: FileAccess = .system
    ) -> [Problem] {
        var checker = Checker(
            files: files, syntaxOnly: syntaxOnly, environment: environment, features: features)
        checker.problems = FeatureFlags.problems(features)
        checker.rules(paths, checker.named(configurationPath))
        return checker.problems
    }

    /// Files of routes and receivers.
    public static func checkNotifiers(
        _ paths: [String], syntaxOnly: Bool = false, files: FileAccess = .system
    ) -> [Problem] {
        var checker = Checker(files: files, syntaxOnly: syntaxOnly)
        for path in paths { checker.notifiers(path) }
        return checker.problems
    }

    /// Plain queries, one a line, or those in a Markdown document's fenced blocks, with the rules and
    /// the configuration that stand there. A configuration named here takes the place of the
    /// document's own.
    public static func checkQueries(
        _ paths: [String], configurationPath: String? = nil, environment: [String: String] = [:],
        features: [String] = [], syntaxOnly: Bool = false, files: FileAccess = .system
    ) -> [Problem] {
        var checker = Checker(
            files: files, syntaxOnly: syntaxOnly, environment: environment, features: features)
        checker.problems = FeatureFlags.problems(features)
        let configuration = checker.named(configurationPath)
        for path in paths {
            guard let bytes = checker.read(path) else { continue }
            checker.document(QueryDocument(bytes, path: path), bytes, configuration)
        }
        return checker.problems
    }

    // MARK: How

    private mutating func read(_ path: String, namedAt place: SourcePlace? = nil) -> [UInt8]? {
        do { return try files.read(path) } catch {
            if let place, place.line > 0 {
                problems.append(Problem(at: place, "\(path): \(error)"))
            } else {
                problems.append(Problem(at: SourcePlace(file: path), "\(error)"))
            }
            return nil
        }
    }

    private mutating func configuration(_ path: String) -> TocsinConfiguration? {
        let result = TocsinConfiguration.load(
            path: path, environment: environment, features: features, files: files)
        problems += result.problems
        return result.draft
    }

    /// A configuration that is looked at for what it scrapes; one that cannot be read is an error.
    private mutating func named(_ path: String?) -> TocsinConfiguration? {
        guard let path, let bytes = read(path) else { return nil }
        return TocsinConfiguration.load(
            text: bytes, path: path, environment: environment, features: features, files: files
        ).draft
    }

    private mutating func rulePaths(_ configuration: TocsinConfiguration) -> [String] {
        let (paths, warnings) = files.paths(matching: configuration.ruleFiles, of: "rule_files")
        problems += warnings
        return paths
    }

    private mutating func rules(_ paths: [String], _ configuration: TocsinConfiguration?) {
        var sources: [(path: String, bytes: [UInt8])] = []
        for path in paths {
            if let bytes = read(path) { sources.append((path, bytes)) }
        }
        check(rules: sources, queries: [], configuration)
    }

    /// Loads rule files, and runs the checks of rules over them and over `queries`.
    private mutating func check(
        rules sources: [(path: String, bytes: [UInt8])], queries: [Located<String>],
        _ configuration: TocsinConfiguration?, text: [String: [UInt8]] = [:]
    ) {
        var loaded: [RuleFile] = []
        var texts = text
        var found: [Problem] = []
        for source in sources {
            let result = RuleFile.load(
                text: source.bytes, path: source.path,
                nameValidation: configuration?.global.nameValidation ?? .utf8)
            found += result.problems
            texts[source.path] = texts[source.path] ?? source.bytes
            if let file = result.draft { loaded.append(file.withoutEmptyExpressions) }
        }
        let context = CheckContext(
            configuration, features: features, rules: loaded, sources: texts)
        found += RuleCheck.run(
            syntaxOnly ? RuleCheck.errors : RuleCheck.all, files: loaded, queries: queries, context)
        problems += found.inOrder(of: sources.map(\.path))
    }

    private mutating func notifiers(
        _ path: String, isOptional: Bool = false, othersTell: Bool = false,
        namedAt place: SourcePlace? = nil
    ) {
        if isOptional, files.glob(path).isEmpty {
            if othersTell { return }
            problems.append(
                Problem(
                    .warning, at: SourcePlace(file: path),
                    "there is no such file: nobody is told of alerts"))
            return
        }
        guard let bytes = read(path, namedAt: place) else { return }
        let result = NotifierConfiguration.load(text: bytes, path: path)
        problems += result.problems
        guard let configuration = result.draft else { return }
        problems += NotifierCheck(configuration, files: files).problems(syntaxOnly: syntaxOnly)
    }

    private mutating func document(
        _ document: QueryDocument, _ bytes: [UInt8], _ named: TocsinConfiguration?
    ) {
        var configuration = named
        if named == nil, let text = document.configurations.first {
            let result = TocsinConfiguration.load(
                text: text, path: document.path, environment: environment, files: files)
            problems += result.problems
            configuration = result.draft
            configuration?.tocsin.enabledFeatures += features
        }
        check(
            rules: document.ruleFiles.map { (document.path, $0) }, queries: document.queries,
            configuration, text: [document.path: bytes])
    }
}

extension RuleFile {
    /// Without the rules whose missing expression is an error already.
    fileprivate var withoutEmptyExpressions: RuleFile {
        var file = self
        for index in file.groups.indices {
            file.groups[index].rules.removeAll { $0.expr.value.isEmpty }
        }
        return file
    }
}

extension [Problem] {
    /// File by file as given, in a file by place; those of one place as they were found.
    fileprivate func inOrder(of paths: [String]) -> [Problem] {
        var rank: [String: Int] = [:]
        for path in paths where rank[path] == nil { rank[path] = rank.count }
        return enumerated().sorted { a, b in
            let (x, y) = (a.element.place, b.element.place)
            let (i, j) = (rank[x.file] ?? .max, rank[y.file] ?? .max)
            return (i, x.line, x.column, a.offset) < (j, y.line, y.column, b.offset)
        }.map(\.element)
    }
}
