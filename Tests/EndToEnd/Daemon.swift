import Foundation
import TestSupport

#if canImport(Glibc)
    import Glibc
#endif

/// The daemon as a user runs it, on a folder of files, asked through its HTTP API.
final class Daemon: Sendable {
    let process: Subprocess
    let client: HTTPClient

    private init(_ process: Subprocess, _ client: HTTPClient) {
        self.process = process
        self.client = client
    }

    /// Starts it on the folder's `tocsin.yml`, on a port that it finds itself, and waits until it is
    /// ready.
    static func start(
        _ workspace: Workspace, name: String = "daemon", addressSpaceKibibytes: Int? = nil,
        options: [String] = []
    ) async throws -> Daemon {
        try await ready(
            launch(workspace, name, addressSpaceKibibytes, arguments + options))
    }

    /// The demo, with the configuration inside the program.
    static func demo(_ workspace: Workspace, options: [String]) async throws -> Daemon {
        try await ready(
            launch(
                workspace, "demo", nil,
                ["run", "--demo", "--web.listen-address", "127.0.0.1:0"] + options))
    }

    private static func ready(_ process: Subprocess) async throws -> Daemon {
        let port = try await eventually("the daemon listening") { () -> Int? in
            if let end = process.end { throw TimedOut("it ended: \(end)\n\(process.logTail)") }
            return listeningPort(process.log)
        }
        let daemon = Daemon(process, HTTPClient(port: port))
        try await daemon.until("ready") {
            daemon.client.get("/-/ready")?.status == 200 ? true : nil
        }
        return daemon
    }

    private static func launch(
        _ workspace: Workspace, _ name: String, _ addressSpaceKibibytes: Int?,
        _ arguments: [String]
    ) throws -> Subprocess {
        let program = try Program.path()
        guard let addressSpaceKibibytes else {
            return try Subprocess(program, arguments, in: workspace, name: name)
        }
        let script = "ulimit -v \(addressSpaceKibibytes) && exec \"$0\" \"$@\""
        return try Subprocess(
            "/bin/sh", ["-c", script, program] + arguments, in: workspace, name: name)
    }

    static let arguments = [
        "run", "--config.file", "tocsin.yml", "--web.listen-address", "127.0.0.1:0",
        "--web.external-url", "http://tocsin.example",
    ]

    private static func listeningPort(_ log: String) -> Int? {
        for line in log.split(separator: "\n") where line.contains("msg=listening") {
            if let range = line.range(of: "port=") { return Int(line[range.upperBound...]) }
        }
        return nil
    }

    /// Waits for an answer, and shows the log where there is none.
    @discardableResult
    func until<Value>(
        _ what: String, within limit: Duration = .seconds(30), _ body: () throws -> Value?
    ) async throws -> Value {
        do {
            return try await eventually(what, within: limit, body)
        } catch let error as TimedOut {
            throw TimedOut("\(error)\n\(process.logTail)")
        }
    }

    // MARK: The API

    struct Alert: Decodable {
        var labels: [String: String]
        var annotations: [String: String]
        var state: String
        var activeAt: String
        var value: String
    }

    struct Target: Decodable {
        var labels: [String: String]
        var health: String
        var lastError: String
        var lastScrape: String
    }

    struct Rule: Decodable {
        var name: String
        var health: String
    }

    struct RuleGroup: Decodable {
        var name: String
        var rules: [Rule]
    }

    private struct Envelope: Decodable {
        struct Data: Decodable {
            var alerts: [Alert]?
            var activeTargets: [Target]?
            var groups: [RuleGroup]?
        }

        var data: Data
    }

    private func envelope(_ path: String) throws -> Envelope.Data? {
        guard let response = client.get(path), response.status == 200 else { return nil }
        return try JSONDecoder().decode(Envelope.self, from: Data(response.body)).data
    }

    func alerts() throws -> [Alert] { try envelope("/api/v1/alerts")?.alerts ?? [] }

    func alert(_ name: String) throws -> Alert? {
        try alerts().first { $0.labels["alertname"] == name }
    }

    func targets() throws -> [String: Target] {
        var result: [String: Target] = [:]
        for target in try envelope("/api/v1/targets")?.activeTargets ?? [] {
            result[target.labels["job"] ?? ""] = target
        }
        return result
    }

    func ruleNames() throws -> [String] {
        try (envelope("/api/v1/rules")?.groups ?? []).flatMap(\.rules).map(\.name)
    }

    // MARK: Its end

    /// Kills it: no handler of its own runs.
    func kill() async throws { try await process.killAndWait() }

    /// Asks it to end, as a service manager does.
    @discardableResult
    func stop() async throws -> Subprocess.End {
        process.signal(SIGTERM)
        return try await process.waitForEnd()
    }
}
