import Foundation

/// Go itself, to compare our templates with: `peer.go`, built with the installed Go.
public struct GoTemplatePeer {
    /// A template, and how it is read.
    public struct Case: Sendable {
        /// Which of Go's packages answers, and with which option.
        public enum Mode: String, Sendable {
            /// `text/template` with `missingkey=zero`.
            case text
            /// `text/template` as it is.
            case plain = "default"
            /// `text/template` with `missingkey=error`.
            case strict = "error"
            /// `html/template` with `missingkey=zero`.
            case html
        }

        public var mode: Mode
        public var text: String

        /// A template, and how it is read.
        public init(_ mode: Mode, _ text: String) {
            self.mode = mode
            self.text = text
        }
    }

    /// What became of a template.
    public struct Answer: Codable, Sendable, Equatable {
        public enum Stage: String, Codable, Sendable {
            /// The text is what was written.
            case ok
            /// Otherwise it is the error's text.
            case parse, run, escape, panic
        }

        public var stage: Stage
        public var text: String
        /// Whether Go wrote bytes that are no UTF-8; they are not in `text` then.
        public var broken: Bool?

        /// What became of a template.
        public init(_ stage: Stage, _ text: String) {
            self.stage = stage
            self.text = text
        }
    }

    /// An installed Go.
    public struct Installation: Sendable {
        /// Where the program is.
        public let program: String
        /// The minor version: 25 of Go 1.25.5. Nil where it is not known.
        public let minorVersion: Int?

        /// Prometheus and Alertmanager of the versions that we follow are built with Go 1.25. Errors of
        /// older ones are worded otherwise.
        public var isCurrent: Bool { (minorVersion ?? 0) >= 25 }

        init(program: String) {
            self.program = program
            minorVersion = try? Installation.minorVersion(of: program)
        }

        /// From `go version go1.25.5 linux/amd64`.
        private static func minorVersion(of program: String) throws -> Int? {
            let process = Process()
            let output = Pipe()
            process.executableURL = URL(fileURLWithPath: program)
            process.arguments = ["version"]
            process.environment = ProcessInfo.processInfo.environment.merging(
                ["GOTOOLCHAIN": "local"]) { $1 }
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            process.standardInput = FileHandle.nullDevice
            try process.run()
            let text = String(
                decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            return text.firstMatch(of: /go1\.(\d+)/).flatMap { Int($0.1) }
        }
    }

    /// The Go that `TOCSIN_GO` names; without that setting the first one on the PATH, if any.
    public static let go: Installation? = {
        let environment = ProcessInfo.processInfo.environment
        if let program = environment["TOCSIN_GO"], !program.isEmpty {
            return Installation(program: program)
        }
        let folders = (environment["PATH"] ?? "").split(separator: ":")
        return folders.map { $0 + "/go" }.first(where: FileManager.default.isExecutableFile)
            .map { Installation(program: $0) }
    }()

    /// Why tests with it are skipped.
    public static let isMissing: String =
        "no Go: TOCSIN_GO is not set, and no program `go` is on the PATH"

    /// Tells, on the standard error, that errors are not compared, where this Go is too old for it.
    public static func tellAge() {
        guard let go, !go.isCurrent else { return }
        let version = go.minorVersion.map { "is Go 1.\($0)" } ?? "has an unknown version"
        FileHandle.standardError.write(
            Data(
                ("WARNING: \(go.program) \(version), older than Go 1.25: outputs are compared, ERROR "
                    + "TEXTS ARE NOT. Name a newer Go with TOCSIN_GO.\n").utf8))
    }

    private let workspace: Workspace

    /// Builds it.
    public init() async throws {
        workspace = try Workspace()
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("peer.go")
        try FileManager.default.copyItem(atPath: source.path, toPath: workspace.file("peer.go"))
        var settings = [
            "GO111MODULE": "off", "GOFLAGS": "", "GOPROXY": "off", "CGO_ENABLED": "0",
            "GOTOOLCHAIN": "local",
        ]
        if ProcessInfo.processInfo.environment["HOME"] == nil {
            settings["GOCACHE"] = workspace.file("cache")
        }
        let build = try Subprocess(
            GoTemplatePeer.go?.program ?? "go", ["build", "-o", "peer", "peer.go"], in: workspace,
            name: "build", environment: settings)
        guard try await build.waitForEnd(within: .seconds(240)) == .exited(0) else {
            throw TimedOut("building peer.go failed: \(build.logTail)")
        }
    }

    /// What it makes of each case, all of them executed on `data`.
    public func answers(
        _ cases: [Case], on data: GoDatum, now: String = "2026-01-02T03:04:05Z"
    ) async throws -> [Answer] {
        var input = "{\"data\":\(data.json),\"now\":\(GoDatum.quoted(now))}\n"
        for (index, one) in cases.enumerated() {
            input +=
                "{\"id\":\(index),\"mode\":\"\(one.mode.rawValue)\","
                + "\"text\":\(GoDatum.quoted(one.text))}\n"
        }
        try workspace.write("cases", input)
        let run = try await Subprocess.run(
            "/bin/sh", ["-c", "./peer < cases"], in: workspace, name: "answers",
            within: .seconds(300))
        guard run.end == .exited(0) else { throw TimedOut("peer.go failed: \(run.log)") }
        let decoder = JSONDecoder()
        return try run.output.utf8.split(separator: 0x0a).map {
            try decoder.decode(Answer.self, from: Data($0))
        }
    }
}
