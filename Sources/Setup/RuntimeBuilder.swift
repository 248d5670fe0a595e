import Configuration
import Model
import Notify
import Synchronization

/// Makes a runtime of what users wrote: the same for `run`, a reload, `check`, and `replay`.
public struct RuntimeBuilder: Sendable {
    private let path: String
    private let environment: [String: String]
    private let features: [String]
    private let files: FileAccess
    private let adjust: @Sendable (inout Documents) -> Void

    /// Builds from the configuration at `path`.
    ///
    /// - Parameters:
    ///   - environment: what `${NAME}` in `external_labels` reads.
    ///   - features: enabled besides those of the configuration.
    ///   - adjust: puts what the command line says in the place of what is written.
    public init(
        path: String, environment: [String: String] = [:], features: [String] = [],
        files: FileAccess = .system,
        adjust: @escaping @Sendable (inout Documents) -> Void = { _ in }
    ) {
        self.path = path
        self.environment = environment
        self.features = features
        self.files = files
        self.adjust = adjust
    }

    /// Reads every file once and builds, or says everything that is in the way.
    public func build() -> RuntimeBuild {
        let files = files.readingOnce()
        let main = TocsinConfiguration.load(
            path: path, environment: environment, features: features, files: files)
        var problems = RuntimeBuild.Findings(configuration: main.problems)
        guard let configuration = main.draft else { return RuntimeBuild(problems: problems) }
        let rules = RuleFile.loadAll(
            configuration.ruleFiles, nameValidation: configuration.global.nameValidation,
            files: files)
        problems.rules = rules.problems
        let notifiers = notifiers(of: configuration, files)
        problems.notifiers = notifiers.problems
        var documents = Documents(
            configuration: configuration, ruleFiles: rules.draft ?? [],
            notifiers: notifiers.configuration ?? .silent)
        for file in documents.ruleFiles {
            documents.ruleTexts[file.path] = try? files.read(file.path)
        }
        documents.templates = notifiers.templates
        documents.shownConfiguration = main.shown
        documents.shownNotifiers = notifiers.shown
        adjust(&documents)
        return RuntimeBuild(documents: documents, problems: problems)
    }

    /// A configuration that names no notifiers file of its own works without one: no notification is sent.
    private func notifiers(
        of configuration: TocsinConfiguration, _ files: FileAccess
    ) -> NotifierDocument {
        let path = configuration.tocsin.notifiers
        let isDefault = path.place.file.isEmpty
        if isDefault, (try? files.read(path.value)) == nil {
            var document = NotifierDocument(configuration: .silent, problems: [])
            // Alertmanagers that get the alerts send the notifications.
            if configuration.alertmanagers.isEmpty {
                document.problems = [
                    Problem(
                        .warning, at: SourcePlace(file: configuration.path),
                        path: "tocsin.notifiers",
                        "\(path.value) does not exist: alerts are evaluated and shown, "
                            + "but no notification is sent")
                ]
            }
            return document
        }
        return .read(path.value, namedAt: path.place, files: files)
    }
}

/// What a builder made.
public struct RuntimeBuild: Sendable {
    /// What was found, by document, each in the order of its places.
    public struct Findings: Sendable {
        /// In the configuration itself.
        public var configuration: [Problem] = []
        /// In the rule files.
        public var rules: [Problem] = []
        /// In the file of routes and receivers, and in template files.
        public var notifiers: [Problem] = []

        /// All of it.
        public var all: [Problem] { configuration + rules + notifiers }
    }

    /// What was read, even where there are errors: to look for more of them, not to be used.
    public let documents: Documents?
    /// What was found while reading.
    public let problems: Findings

    init(documents: Documents? = nil, problems: Findings) {
        self.documents = documents
        self.problems = problems
    }

    /// A build of documents that were made rather than read.
    public init(_ documents: Documents) {
        self.init(documents: documents, problems: Findings())
    }

    /// The runtime, or every error that was found while reading. Its `faults` stop nothing but what
    /// they are about: a start goes on with them.
    public func get() throws(Problems) -> Runtime {
        let errors = problems.all.filter { $0.severity == .error }
        guard let documents, errors.isEmpty else { throw Problems(errors) }
        return Runtime(documents, warnings: problems.all)
    }

    /// As `get()`, and faults are errors: what runs is better than what would fail.
    public func getFaultless() throws(Problems) -> Runtime {
        let runtime = try get()
        if !runtime.faults.isEmpty { throw Problems(runtime.faults) }
        return runtime
    }
}

extension FileAccess {
    /// The same files, each read once: whoever asks again gets the text that was read first.
    func readingOnce() -> FileAccess {
        let (texts, read) = (Texts(), read)
        var once = self
        once.read = { path throws(ReadError) in
            if let known = texts.value.withLock({ $0[path] }) { return known }
            let text = try read(path)
            texts.value.withLock { $0[path] = text }
            return text
        }
        return once
    }

    private final class Texts: Sendable {
        let value = Mutex<[String: [UInt8]]>([:])
    }
}
