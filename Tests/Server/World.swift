import Configuration
import Daemon
import Foundation
import Model
import Notify
import Server
import Setup
import Store
import Synchronization
import TestSupport
import Testing
import Transport

/// A clock that stands where a test puts it.
struct StillClock: PipelineClock {
    let now: Timestamp

    func sleep(until moment: Timestamp) async throws {
        try await Task.sleep(for: .seconds(86_400))
    }
}

/// Nothing is reached.
struct NoNetwork: Transporting {
    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        throw TransportError(.connect, "connection refused")
    }

    func send(_ mail: MailMessage) async throws(TransportError) -> MailReceipt {
        throw TransportError(.invalidRequest, "no mail here")
    }
}

/// A daemon that does nothing by itself, its samples those that a test gives it, behind a real server.
final class World: Sendable {
    /// The present: 2026-01-05T09:00:00Z.
    static let now = Timestamp(milliseconds: 1_767_603_600_000)

    let daemon: Daemon
    private let workspace: Workspace
    private let written: Written

    static let nobody = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"

    static let configuration = """
        global: {scrape_interval: 15s, evaluation_interval: 15s, external_labels: {region: eu}}
        rule_files: [/rules.yml]
        scrape_configs:
          - job_name: app
            static_configs: [{targets: ["app:1", "localhost:2"]}]
            relabel_configs:
              - {source_labels: [__address__], regex: "localhost:.*", action: drop}
              - {target_label: tier, replacement: front}
            basic_auth: {username: me, password: hush}
        """

    init(
        _ settings: String = "", rules: String = "groups: []\n",
        main: String = World.configuration, notifiers: String = World.nobody,
        externalURL: String = "http://tocsin.example",
        clock: any PipelineClock = StillClock(now: World.now)
    ) throws {
        let workspace = try Workspace()
        self.workspace = workspace
        let text = main + "\ntocsin:\n  notifiers: /notifiers.yml\n" + settings
        let written = Written([
            "/tocsin.yml": text, "/rules.yml": rules, "/notifiers.yml": notifiers,
        ])
        self.written = written
        let files = FileAccess(
            read: { path throws(FileAccess.ReadError) in
                try FileAccess.memory(written.files).read(path)
            }, glob: { FileAccess.memory(written.files).glob($0) })
        let builder = RuntimeBuilder(path: "/tocsin.yml", files: files) { documents in
            documents.configuration.tocsin.web.externalURL = externalURL
            documents.configuration.tocsin.storage.path = workspace.path
        }
        daemon = try Daemon(
            Daemon.Setup(
                runtime: try builder.build().get(), rebuild: { builder.build() },
                clock: clock, transport: NoNetwork()))
        daemon.scrapes.apply(daemon.runtime.configuration.scrapeConfigurations)
    }

    /// What users wrote.
    private final class Written: Sendable {
        private let held: Mutex<[String: String]>

        init(_ files: [String: String]) { held = Mutex(files) }

        var files: [String: String] { held.withLock { $0 } }

        func write(_ path: String, _ text: String) { held.withLock { $0[path] = text } }
    }

    /// What the next reload reads at the path.
    func write(_ path: String, _ text: String) { written.write(path, text) }

    /// A sample `seconds` before the present.
    func append(_ labels: Labels, _ seconds: Int64, _ value: Double) {
        daemon.store.append(labels, at: World.now - .seconds(seconds), value: value)
    }

    /// Runs `body` with a client of the daemon's server.
    func serve(_ body: @escaping @Sendable (Client) async throws -> Void) async throws {
        let server = try Server.HTTPServer(Endpoints(daemon), address: "127.0.0.1:0")
        let (ports, port) = AsyncStream<Int>.makeStream()
        let running = Task { try await server.run { port.yield($0) } }
        defer { running.cancel() }
        for await number in ports {
            try await body(Client(port: number))
            break
        }
        running.cancel()
        try? await running.value
    }
}

/// A client that waits on threads of its own: the pool's are the server's.
struct Client: Sendable {
    let port: Int

    func ask(
        _ method: String, _ path: String, form: [(String, String)] = [],
        headers: [(String, String)] = []
    ) async throws -> HTTPClient.Response {
        let port = port
        let response = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    returning: HTTPClient(port: port).request(
                        method, path, form: form, headers: headers))
            }
        }
        return try #require(response, "no answer to \(method) \(path)")
    }

    /// Sends JSON.
    func post(
        _ path: String, _ body: String, type: String? = "application/json", method: String = "POST"
    ) async throws -> HTTPClient.Response {
        let (port, headers) = (port, type.map { [("Content-Type", $0)] } ?? [])
        let response = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    returning: HTTPClient(port: port).request(
                        method, path, body: Array(body.utf8), headers: headers))
            }
        }
        return try #require(response, "no answer to \(method) \(path)")
    }

    /// Sends bytes.
    func send(
        _ path: String, _ body: [UInt8], headers: [(String, String)] = []
    ) async throws -> HTTPClient.Response {
        let port = port
        let response = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    returning: HTTPClient(port: port).request(
                        "POST", path, body: body, headers: headers))
            }
        }
        return try #require(response, "no answer to POST \(path)")
    }

    func get(_ path: String) async throws -> HTTPClient.Response { try await ask("GET", path) }

    /// Expects an answer of the API, GET or POST alike.
    func expect(
        _ path: String, _ parameters: [(String, String)] = [], status: Int = 200, _ body: String,
        posts: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let query = parameters.map { "\(escaped($0.0))=\(escaped($0.1))" }.joined(separator: "&")
        let full = "/api/v1/" + path + (query.isEmpty ? "" : "?" + query)
        var answers = [try await get(full)]
        if posts { answers.append(try await ask("POST", "/api/v1/" + path, form: parameters)) }
        for answer in answers {
            #expect(answer.text == body, sourceLocation: sourceLocation)
            #expect(answer.status == status, sourceLocation: sourceLocation)
        }
    }

    private func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}

func success(_ data: String, _ more: String = "") -> String {
    #"{"status":"success","data":\#(data)\#(more)}"#
}

func failure(_ type: String, _ message: String) -> String {
    #"{"status":"error","errorType":"\#(type)","error":"\#(message)"}"#
}
