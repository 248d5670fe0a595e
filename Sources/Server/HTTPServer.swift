import Configuration
import Daemon
import Foundation
import Hummingbird
import Logging
import Model
import PromQL
import Rules
import Scrape
import Store

/// What the HTTP faces show: of a running daemon, or of a replay that stands at its end.
public struct Faces: Sendable {
    let query: QueryRoutes
    let rules: RuleRoutes
    let targets: TargetRoutes
    /// Whether all is well.
    let readiness: @Sendable () async -> Readiness
    /// Loads the configuration again; nil where nothing can be reloaded.
    let reload: (@Sendable () async throws(Problems) -> Void)?
    /// Our own metrics.
    let metrics: @Sendable () async -> [UInt8]

    /// A daemon's.
    public init(_ daemon: Daemon) {
        query = QueryRoutes(engine: daemon.engine, store: daemon.store, clock: daemon.clock)
        rules = RuleRoutes(runner: daemon.runner)
        targets = TargetRoutes(scrapes: daemon.scrapes, host: ProcessInfo.processInfo.hostName)
        readiness = { await daemon.readiness() }
        if daemon.documents.configuration.tocsin.web.enableLifecycle {
            reload = { @Sendable () throws(Problems) in try await daemon.reload() }
        } else {
            reload = nil
        }
        metrics = { await daemon.exposition() }
    }

    /// A replay's.
    public init(_ replay: Replay) {
        query = QueryRoutes(engine: replay.engine, store: replay.store, clock: replay.clock)
        rules = RuleRoutes(runner: replay.runner)
        targets = TargetRoutes(scrapes: replay.scrapes, host: ProcessInfo.processInfo.hostName)
        readiness = { Readiness(isReady: true) }
        reload = nil
        metrics = { [] }
    }
}

/// Serves the HTTP faces until the task is cancelled.
public struct HTTPServer: Sendable {
    private let faces: Faces
    private let host: String
    private let port: Int

    /// An address that is none.
    public struct AddressError: Error, CustomStringConvertible {
        /// What is wrong.
        public let description: String
    }

    /// A server for `faces` at `HOST:PORT`; an empty host is every interface, port 0 a free one.
    public init(_ faces: Faces, address: String) throws(AddressError) {
        self.faces = faces
        guard let colon = address.lastIndex(of: ":"),
            let port = Int(address[address.index(after: colon)...]), (0...65_535).contains(port)
        else {
            throw AddressError(
                description: "\(address.goQuoted) is not an address to listen on: "
                    + "HOST:PORT was expected, e.g. 127.0.0.1:9090")
        }
        var host = String(address[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        self.host = host.isEmpty ? "0.0.0.0" : host
        self.port = port
    }

    /// Listens and answers; `started` is told the port.
    public func run(started: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        var logger = Logger(label: "web")
        // A stop cancels the server, which it logs as an error.
        logger.logLevel = .critical
        let application = Application(
            router: router(),
            configuration: .init(
                address: .hostname(host, port: port), serverName: "tocsin"),
            onServerRunning: { await started($0.localAddress?.port ?? 0) }, logger: logger)
        try await application.run()
    }

    private func router() -> Router<BasicRequestContext> {
        let router = Router()
        let faces = faces
        router.get("/-/healthy") { _, _ in APIResponse.text(.ok, "Tocsin is Healthy.\n") }
        router.get("/-/ready") { _, _ in
            let readiness = await faces.readiness()
            let first = readiness.isReady ? "Tocsin is Ready." : "Service Unavailable"
            return APIResponse.text(
                readiness.isReady ? .ok : .serviceUnavailable,
                ([first] + readiness.details).joined(separator: "\n") + "\n")
        }
        for method in [HTTPRequest.Method.post, .put] {
            router.on("/-/reload", method: method) { _, _ in try await HTTPServer.reload(faces) }
        }
        router.get("/metrics") { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(bytes: await faces.metrics())))
        }
        let api = router.group("/api/v1")
        both(api, "query") { try faces.query.instant($0) }
        both(api, "query_range") { try faces.query.range($0) }
        both(api, "series") { try faces.query.series($0) }
        both(api, "labels") { try faces.query.labelNames($0) }
        api.get("label/:name/values") { request, context in
            try await APIResponse.answer(request) {
                try faces.query.labelValues(context.parameters.get("name") ?? "", $0)
            }
        }
        api.get("rules") { request, _ in
            try await APIResponse.answer(request) { try await faces.rules.rules($0) }
        }
        api.get("alerts") { request, _ in
            try await APIResponse.answer(request) { try await faces.rules.alerts($0) }
        }
        api.get("targets") { request, _ in
            try await APIResponse.answer(request) { faces.targets.targets($0) }
        }
        return router
    }

    private func both(
        _ group: RouterGroup<BasicRequestContext>, _ path: RouterPath,
        _ body: @escaping @Sendable (Parameters) throws -> [UInt8]
    ) {
        for method in [HTTPRequest.Method.get, .post] {
            group.on(path, method: method) { request, _ in
                try await APIResponse.answer(request, body)
            }
        }
    }

    private static func reload(_ faces: Faces) async throws -> Response {
        guard let reload = faces.reload else {
            return APIResponse.text(.forbidden, "Lifecycle API is not enabled.\n")
        }
        do {
            try await reload()
            return APIResponse.text(.ok, "")
        } catch {
            return APIResponse.text(
                .internalServerError, "failed to reload config: \(error)\n")
        }
    }
}
