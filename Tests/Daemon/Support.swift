import Configuration
import Daemon
import Foundation
import Logging
import Model
import Notify
import Rules
import Setup
import Synchronization
import Transport

/// A folder of its own for a test, gone with it.
final class Folder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/tocsin-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    subscript(name: String) -> String { path + "/" + name }

    /// What a killed process leaves: the files as they are at this moment.
    func copy(_ name: String, to other: String) throws {
        try FileManager.default.copyItem(atPath: self[name], toPath: self[other])
    }
}

/// Times of tests, in seconds from a whole half minute.
let origin = Timestamp(milliseconds: 1_767_603_600_000)

func at(_ second: Int64) -> Timestamp { origin + .seconds(second) }

/// A network that a test makes up: targets that expose, receivers that answer.
final class Network: Transporting {
    struct Received: Sendable {
        var url: String
        var body: String

        var isFiring: Bool { body.contains("\"status\":\"firing\"") }
    }

    private struct State {
        var expositions: [String: String?] = [:]
        var statuses: [String: [Int]] = [:]
        var silent: Set<String> = []
        var received: [Received] = []
    }

    private let state = Mutex(State())

    /// What the target exposes from now on; nil: nothing answers there.
    func expose(_ target: String, _ body: String?) {
        state.withLock { $0.expositions["http://\(target)/metrics"] = .some(body) }
    }

    /// The statuses of the next answers; 200 after them.
    func answer(_ url: String, _ statuses: [Int]) {
        state.withLock { $0.statuses[url] = statuses }
    }

    /// From now on requests to the URL hang until they are cancelled.
    func silence(_ url: String) { state.withLock { _ = $0.silent.insert(url) } }

    /// What receivers were sent, whatever they answered.
    var received: [Received] { state.withLock { $0.received } }

    func received(by url: String) -> [Received] { received.filter { $0.url == url } }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        if request.method == "GET" { return try expose(request.url) }
        let (status, isSilent) = state.withLock { state in
            let text = String(decoding: request.body ?? [], as: UTF8.self)
            state.received.append(Received(url: request.url, body: text))
            let status = state.statuses[request.url]?.first ?? 200
            if state.statuses[request.url]?.isEmpty == false {
                state.statuses[request.url]?.removeFirst()
            }
            return (status, state.silent.contains(request.url))
        }
        while isSilent {
            do { try await Task.sleep(for: .seconds(3600)) } catch {
                throw TransportError(.cancelled, "cancelled")
            }
        }
        return HTTPResponse(status: status)
    }

    private func expose(_ url: String) throws(TransportError) -> HTTPResponse {
        guard let body = state.withLock({ $0.expositions[url] }) ?? nil else {
            throw TransportError(.connect, "connection refused")
        }
        return HTTPResponse(
            status: 200, headers: [.init("Content-Type", "text/plain; version=0.0.4")],
            body: Array(body.utf8))
    }

    func send(_ mail: MailMessage) async throws(TransportError) -> MailReceipt {
        throw TransportError(.invalidRequest, "no mail here")
    }
}

/// What users write, as the tests need it.
struct Files {
    var rules: String
    var main = """
        global: {scrape_interval: 5s, evaluation_interval: 5s}
        rule_files: [/rules.yml]
        scrape_configs:
          - job_name: app
            static_configs: [{targets: ["app:1"]}]
        tocsin: {notifiers: /notifiers.yml}
        """
    var notifiers = """
        route:
          receiver: hook
          group_by: [alertname]
          group_wait: 0s
          group_interval: 10s
          repeat_interval: 4h
        receivers:
          - name: hook
            webhook_configs: [{url: "http://hook/"}]
        """

    /// Further files, by path.
    var others: [String: String] = [:]

    func build(storage: String = "/data") -> RuntimeBuild {
        let written = [
            "/tocsin.yml": main, "/rules.yml": rules, "/notifiers.yml": notifiers,
        ].merging(others) { $1 }
        return RuntimeBuilder(path: "/tocsin.yml", files: .memory(written)) { documents in
            documents.configuration.tocsin.web.externalURL = "http://tocsin"
            if documents.configuration.tocsin.storage.path == "/data" {
                documents.configuration.tocsin.storage.path = storage
            }
        }.build()
    }
}

let downRules = """
    groups:
      - name: g
        rules:
          - alert: Down
            expr: app_up == 0
            for: 1m
            labels: {severity: critical}
    """

/// A daemon whose clock the test moves, a second at a time.
final class World: Sendable {
    let daemon: Daemon
    let network: Network
    let clock: ReplayClock
    private let task: Task<Void, Never>

    init(
        _ files: Files, storage: String, network: Network, from second: Int64 = 0,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) async throws {
        self.network = network
        clock = ReplayClock(at: at(second))
        let written = FilesBox(files)
        self.written = written
        var setup = Daemon.Setup(
            runtime: try files.build(storage: storage).get(),
            rebuild: { written.files.build(storage: storage) }, clock: clock, transport: network)
        setup.sampleInterval = .milliseconds(1)
        let daemon = try Daemon(setup, logger: logger)
        self.daemon = daemon
        task = Task { await daemon.run() }
        try await wait("ready") { await daemon.readiness().isReady }
    }

    private let written: FilesBox

    /// What the next reload reads.
    func write(_ files: Files) { written.files = files }

    /// Moves the clock to the second, one at a time; at each everything that is due happens.
    func run(to second: Int64) async throws {
        while clock.now < at(second) {
            clock.advance(to: clock.now + .seconds(1))
            try await settle()
        }
    }

    /// Returns when every scrape and evaluation of this moment is over.
    func settle() async throws {
        let now = clock.now
        try await wait("scrapes at \(now)") {
            self.daemon.scrapes.status.active.allSatisfy { target in
                guard let last = target.lastScrape else { return true }
                return last + target.target.interval > now
            }
        }
        try await wait("evaluations at \(now)") {
            await self.daemon.runner.nextDue ?? .distantFuture > now
        }
        try await wait("flushes at \(now)") {
            await self.daemon.notifications.nextWake ?? .distantFuture > now
        }
    }

    /// Runs, at most to the second, until the condition holds.
    func run(to second: Int64, until condition: () async -> Bool) async throws {
        while await !condition() {
            if clock.now >= at(second) { throw TimedOut("the condition at \(clock.now)") }
            try await run(to: (clock.now - origin).value / 1000 + 1)
        }
    }

    /// Ends the daemon as SIGTERM does.
    func stop() async {
        task.cancel()
        await task.value
    }

    /// When each alert that the API shows became active.
    var active: [Timestamp] {
        get async {
            await daemon.runner.status.flatMap(\.rules).flatMap(\.alerts).map(\.activeAt)
        }
    }

    var isFiring: Bool {
        get async { await daemon.runner.status.flatMap(\.rules).contains { $0.state == .firing } }
    }
}

/// Files that a test replaces while a daemon can read them.
final class FilesBox: Sendable {
    private let held: Mutex<Files>

    init(_ files: Files) { held = Mutex(files) }

    var files: Files {
        get { held.withLock { $0 } }
        set { held.withLock { $0 = newValue } }
    }
}

struct TimedOut: Error, CustomStringConvertible {
    let description: String

    init(_ what: String) { description = "waited in vain for \(what)" }
}

/// Polls until the condition holds. Real time only bounds how long a broken test hangs.
func wait(_ what: String, until condition: () async -> Bool) async throws {
    let start = ContinuousClock.now
    while await !condition() {
        if ContinuousClock.now - start > .seconds(300) { throw TimedOut(what) }
        try await Task.sleep(for: .microseconds(200))
    }
}

/// Keeps what is logged.
struct LogBook: LogHandler {
    final class Pages: Sendable {
        private let kept = Mutex<[String]>([])
        var lines: [String] { kept.withLock { $0 } }
        func add(_ line: String) { kept.withLock { $0.append(line) } }
    }

    let pages: Pages
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    init(_ pages: Pages) { self.pages = pages }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { pages.add("\(event.level): \(event.message)") }
}
