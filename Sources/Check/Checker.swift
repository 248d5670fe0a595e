import Configuration
import Exposition
import Model
import Notify
import Rules
import Setup

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
        let build = RuntimeBuilder(
            path: path, environment: environment, features: features, files: files
        ).build()
        var checker = Checker(
            files: files, syntaxOnly: syntaxOnly, environment: environment, features: features)
        checker.problems = build.problems.configuration
        guard let documents = build.documents else { return checker.problems }
        checker.targets(documents.configuration)
        checker.rules(of: documents, build.problems.rules)
        checker.notifiers(
            documents.notifiers, documents.templates, found: build.problems.notifiers)
        return checker.problems
    }

    /// Configurations with the rule files, target files and certificates that they name; without these
    /// where only the syntax is asked for. Notifiers are not among them.
    public static func checkConfigurations(
        _ paths: [String], environment: [String: String] = [:], features: [String] = [],
        syntaxOnly: Bool = false, files: FileAccess = .system
    ) -> [Problem] {
        var checker = Checker(
            files: files, syntaxOnly: syntaxOnly, environment: environment, features: features)
        for path in paths {
            let build = RuntimeBuilder(
                path: path, environment: environment, features: features, files: files
            ).build()
            checker.problems += build.problems.configuration
            guard let documents = build.documents, !syntaxOnly else { continue }
            checker.targets(documents.configuration)
            checker.rules(of: documents, build.problems.rules)
        }
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
        for path in paths {
            let document = NotifierDocument.read(path, files: files)
            checker.notifiers(
                document.configuration ?? .silent, document.templates, found: document.problems)
        }
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

    /// Expositions, by the letter of OpenMetrics 1.0: the first problem of each file.
    public static func checkOpenMetrics(
        _ paths: [String], files: FileAccess = .system
    ) -> [Problem] {
        var checker = Checker(files: files, syntaxOnly: false)
        for path in paths {
            guard let text = checker.read(path) else { continue }
            checker.problems += checkOpenMetrics(text, named: path)
        }
        return checker.problems
    }

    /// The same of an exposition that has been read.
    public static func checkOpenMetrics(_ text: [UInt8], named name: String) -> [Problem] {
        OpenMetricsCheck.problem(in: text).map {
            [Problem(at: SourcePlace(file: name, line: $0.line ?? 0), $0.message)]
        } ?? []
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

    private mutating func targets(_ configuration: TocsinConfiguration) {
        if syntaxOnly { return }
        problems += TargetCheck(configuration: configuration, files: files).problems
    }

    /// A configuration that is looked at for what it scrapes; one that cannot be read is an error.
    private mutating func named(_ path: String?) -> TocsinConfiguration? {
        guard let path, let bytes = read(path) else { return nil }
        return TocsinConfiguration.load(
            text: bytes, path: path, environment: environment, features: features, files: files
        ).draft
    }

    /// The rules of a configuration, with what was found while they were read.
    private mutating func rules(of documents: Documents, _ found: [Problem]) {
        // What the configuration says of them comes first.
        let (path, files) = (documents.configuration.path, documents.ruleFiles)
        problems += found.filter { $0.place.file.bytesEqual(path) }
        check(
            files, found: found.filter { !$0.place.file.bytesEqual(path) }, queries: [],
            documents.configuration, texts: documents.ruleTexts)
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
            if let file = result.draft { loaded.append(file) }
        }
        check(
            loaded, found: found, paths: sources.map(\.path), queries: queries, configuration,
            texts: texts)
    }

    /// Runs the checks of rules over files and over `queries`.
    private mutating func check(
        _ files: [RuleFile], found: [Problem], paths: [String]? = nil,
        queries: [Located<String>], _ configuration: TocsinConfiguration?,
        texts: [String: [UInt8]]
    ) {
        let rules = files.map(\.withoutEmptyExpressions)
        let context = CheckContext(
            configuration, features: features, rules: rules, sources: texts, files: self.files)
        var all = found
        // Advice about a file that does not load would mostly follow from what is wrong there.
        let broken = Set(found.filter { $0.severity == .error }.map(\.place.file))
        let (errors, advice) = (RuleCheck.errors, syntaxOnly ? RuleCheck.errors : RuleCheck.all)
        all += RuleCheck.run(
            errors, files: rules.filter { broken.contains($0.path) }, context)
        all += RuleCheck.run(
            advice, files: rules.filter { !broken.contains($0.path) }, queries: queries, context)
        problems += all.inOrder(of: paths ?? files.map(\.path))
    }

    /// What is wrong with routes and receivers, after what was found while they were read.
    private mutating func notifiers(
        _ configuration: NotifierConfiguration, _ templates: NotificationTemplates,
        found: [Problem]
    ) {
        problems += found
        problems += NotifierCheck(configuration, templates, files: files).problems(
            syntaxOnly: syntaxOnly)
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
