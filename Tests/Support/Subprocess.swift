import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A program that runs beside the tests, with its output in files; killed when this goes away.
public final class Subprocess: @unchecked Sendable {
    // @unchecked: `Process` guards its own state; nothing here is changed after `init`.
    private let process = Process()
    private let workspace: Workspace
    private let name: String

    /// How a program ended.
    public enum End: Sendable, Equatable {
        case exited(Int32)
        case killed(signal: Int32)
    }

    /// Starts it.
    public init(
        _ path: String, _ arguments: [String], in workspace: Workspace, name: String,
        environment: [String: String] = [:]
    ) throws {
        self.workspace = workspace
        self.name = name
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: workspace.path)
        process.environment = ProcessInfo.processInfo.environment
            .merging(environment) { _, new in new }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try Subprocess.file(workspace.file(name + ".out"))
        process.standardError = try Subprocess.file(workspace.file(name + ".err"))
        try process.run()
    }

    deinit { kill() }

    private static func file(_ path: String) throws -> FileHandle {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }

    /// What it has printed.
    public var output: String { workspace.read(name + ".out") }

    /// What it has said on standard error.
    public var log: String { workspace.read(name + ".err") }

    /// The log's last lines.
    public var logTail: String {
        log.split(separator: "\n").suffix(25).joined(separator: "\n")
    }

    /// Whether it still runs.
    public var isRunning: Bool { process.isRunning }

    /// How it ended; nil while it runs.
    public var end: End? {
        if process.isRunning { return nil }
        return process.terminationReason == .exit
            ? .exited(process.terminationStatus) : .killed(signal: process.terminationStatus)
    }

    /// Sends it a signal.
    public func signal(_ number: Int32) {
        if process.isRunning { _ = Glibc.kill(process.processIdentifier, number) }
    }

    /// Ends it at once: no handler of its own runs.
    public func kill() { signal(SIGKILL) }

    /// Waits for its end.
    public func waitForEnd(within limit: Duration = .seconds(30)) async throws -> End {
        try await eventually("the end of \(name)", within: limit) { end }
    }

    /// Kills it and waits until it is gone.
    public func killAndWait() async throws {
        kill()
        _ = try await waitForEnd()
    }

    /// Runs a program to its end.
    public static func run(
        _ path: String, _ arguments: [String], in workspace: Workspace, name: String = "run",
        within limit: Duration = .seconds(60)
    ) async throws -> (end: End, output: String, log: String) {
        let process = try Subprocess(path, arguments, in: workspace, name: name)
        let end = try await process.waitForEnd(within: limit)
        return (end, process.output, process.log)
    }
}

/// Something that was waited for did not happen.
public struct TimedOut: Error, CustomStringConvertible {
    public let description: String

    /// It says what did not happen.
    public init(_ description: String) { self.description = description }
}

/// Asks again and again until there is an answer.
@discardableResult
public func eventually<Value>(
    _ what: String, within limit: Duration = .seconds(30),
    every pause: Duration = .milliseconds(25), isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> Value?
) async throws -> Value {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while true {
        if let value = try await body() { return value }
        if clock.now >= deadline { throw TimedOut("\(what) did not happen within \(limit)") }
        try await Task.sleep(for: pause)
    }
}
