import ArgumentParser
import Configuration
import Foundation
import Logging
import Model
import Setup

/// A failure that has been explained in words: printed as it is, exit status 1.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

struct LogOptions: ParsableArguments {
    @Option(
        name: .customLong("log.level"), help: "debug, info, warn or error.")
    var level = "info"

    @Option(name: .customLong("log.format"), help: "logfmt or json.")
    var format = "logfmt"

    /// Starts logging to standard error.
    func start(minimum: Logger.Level? = nil) throws {
        let levels: [String: Logger.Level] = [
            "debug": .debug, "info": .info, "warn": .warning, "error": .error,
        ]
        guard let level = levels[level] else {
            throw ValidationError("--log.level is debug, info, warn or error, not '\(self.level)'")
        }
        guard let format = LineLogHandler.Format(rawValue: format) else {
            throw ValidationError("--log.format is logfmt or json, not '\(self.format)'")
        }
        LoggingSystem.bootstrap { label in
            LineLogHandler(label: label, format: format, logLevel: max(minimum ?? level, level))
        }
    }
}

/// `--enable-feature`, for every command that reads queries.
struct FeatureOptions: ParsableArguments {
    @Option(
        name: .customLong("enable-feature"),
        help: "Prometheus's feature flags, with commas between; may be repeated.")
    var lists: [String] = []

    /// The names.
    var names: [String] { FeatureFlags.names(lists) }

    /// Says which names mean nothing; for commands without a configuration to say it with.
    func warn() {
        for problem in FeatureFlags.problems(names) { StandardError.write(problem.description) }
    }
}

extension RuntimeBuilder {
    /// A builder in the environment of this process.
    init(
        path: String, features: [String], adjust: @escaping @Sendable (inout Documents) -> Void
    ) {
        self.init(
            path: path, environment: ProcessInfo.processInfo.environment, features: features,
            adjust: adjust)
    }
}

extension Milliseconds {
    /// As a flag.
    static func flag(_ text: String, _ name: String) throws -> Milliseconds {
        do {
            return try Milliseconds(prometheus: text)
        } catch {
            throw ValidationError("\(name): \(error)")
        }
    }
}
