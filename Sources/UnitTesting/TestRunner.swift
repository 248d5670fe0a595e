import Configuration
import Model
import TestScripts

/// Unit tests of rules and of the query language: everything behind `tocsin test`.
///
/// A file is either a script in the language of Prometheus's own PromQL tests (`*.test`), or a file of
/// rule unit tests as `promtool test rules` reads it. Rules under test are evaluated by the module
/// Rules, over a store that is filled as the test's clock moves: the same code as in the daemon.
public struct TestRunner: Sendable {
    /// What is asked for.
    public struct Options: Sendable {
        /// Of rule unit tests, only those with a name that matches.
        public var names: LinearRegex?
        /// Prometheus's feature flags that rules and expressions are read with.
        public var features: [String] = []
        /// Whether keys that nobody knows are let pass.
        public var ignoresUnknownKeys = false

        /// Everything, as a plain Prometheus reads it.
        public init() {}
    }

    /// A file to run, and what it is.
    public struct File: Sendable, Hashable {
        /// The two kinds.
        public enum Kind: Sendable, Hashable {
            case script
            case unitTests
        }

        /// Where it is.
        public var path: String
        /// What it is.
        public var kind: Kind

        /// A file; its name says what it is.
        public init(path: String) {
            self.path = path
            kind = path.hasSuffix(".test") ? .script : .unitTests
        }
    }

    private let options: Options
    private let files: FileAccess

    /// Runs tests that are read through `files`.
    public init(_ options: Options = Options(), files: FileAccess = .system) {
        self.options = options
        self.files = files
    }

    /// Runs a file.
    public func run(_ file: File) -> FileReport {
        let bytes: [UInt8]
        do { bytes = try files.read(file.path) } catch {
            return FileReport(
                file: file.path, problems: [Problem(at: SourcePlace(file: file.path), "\(error)")])
        }
        switch file.kind {
        case .script:
            if bytes.count > TestRunner.maximumScriptSize {
                let problem = Problem(
                    at: SourcePlace(file: file.path),
                    "larger than the limit of \(TestRunner.maximumScriptSize) bytes "
                        + "(TestRunner.maximumScriptSize)")
                return FileReport(file: file.path, problems: [problem])
            }
            return ScriptRunner.run(String(decoding: bytes, as: UTF8.self), file: file.path)
        case .unitTests: return UnitTests(options, files).run(bytes, path: file.path)
        }
    }

    /// How large a script may be.
    public static let maximumScriptSize = 16 << 20
}
