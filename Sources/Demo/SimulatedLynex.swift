import Foundation
import Hummingbird
import Logging
import Model
import Synchronization
import Transport

/// Serves the simulated services on loopback, and hands the Processor's metrics over, until cancelled.
public final class SimulatedLynex: Sendable {
    private let model: Mutex<LynexModel>
    private let clock: any PipelineClock
    private let textFile: String?

    /// How often the Processor hands its metrics over.
    private static let interval = Milliseconds.seconds(5)

    /// Where the services answer, once they run.
    public struct Addresses: Sendable {
        /// The Ingest API.
        public var ingest: String
        /// The UI backend.
        public var backend: String
        /// ClickHouse.
        public var clickhouse: String
    }

    /// `textFile` is what the Processor writes; nil where it pushes.
    public init(clock: any PipelineClock, textFile: String?) {
        self.clock = clock
        self.textFile = textFile
        // Counters that have run for a while; the incidents count from now.
        let now = clock.now
        let calm = LynexModel(start: now)
        model = Mutex(calm.restarted(at: now))
    }

    private func exposition(of service: LynexModel.Service) -> String? {
        model.locked { model in
            model.advance(to: clock.now)
            if service == .clickhouse, !model.clickhouseIsUp { return nil }
            return model.families(of: service).text
        }
    }

    /// Runs everything; `started` is told the addresses once all services listen.
    public func run(started: @escaping @Sendable (Addresses) async -> Void) async throws {
        try writeTextFile()
        let ports = PortCollector(count: 3)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, service) in [
                LynexModel.Service.ingest, .backend, .clickhouse,
            ].enumerated() {
                group.addTask { try await self.serve(service) { await ports.set(index, $0) } }
            }
            if textFile != nil { group.addTask { try await self.writeTextFiles() } }
            group.addTask {
                let all = await ports.all()
                await started(
                    Addresses(
                        ingest: "127.0.0.1:\(all[0])", backend: "127.0.0.1:\(all[1])",
                        clickhouse: "127.0.0.1:\(all[2])"))
            }
            try await group.waitForAll()
        }
    }

    private func serve(
        _ service: LynexModel.Service, ready: @escaping @Sendable (Int) async -> Void
    ) async throws {
        let router = Router()
        router.get("/metrics") { [self] _, _ -> Response in
            guard let text = exposition(of: service) else {
                return Response(status: .serviceUnavailable)
            }
            return Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4"],
                body: .init(byteBuffer: ByteBuffer(string: text)))
        }
        try await DemoServer.run(router, ready: ready)
    }

    private func writeTextFiles() async throws {
        while true {
            try await clock.sleep(until: clock.now + SimulatedLynex.interval)
            try writeTextFile()
        }
    }

    /// Beside the file and renamed over it, as `prometheus_client.write_to_textfile` does.
    private func writeTextFile() throws {
        guard let textFile, let text = exposition(of: .processor) else { return }
        try Data(text.utf8).write(to: URL(fileURLWithPath: textFile), options: .atomic)
    }

    /// Hands the Processor's metrics over to the daemon at the URL, again and again until cancelled. What
    /// the daemon does not take is in the log, and the next attempt brings newer values.
    public func push(
        _ output: ProcessorOutput, to url: String, over transport: any Transporting
    ) async throws {
        let logger = Logger(label: "tocsin.demo")
        while true {
            guard let request = try snapshot().request(output, to: url) else { return }
            var failure: String?
            do throws(TransportError) {
                let response = try await transport.send(request)
                if !(200..<300).contains(response.status) {
                    failure = "\(response.status) \(String(decoding: response.body, as: UTF8.self))"
                }
            } catch {
                if error.kind == .cancelled { throw CancellationError() }
                failure = error.message
            }
            if let failure {
                logger.warning(
                    "the simulated Processor cannot hand its metrics over",
                    metadata: ["url": "\(request.url)", "error": "\(failure)"])
            }
            try await clock.sleep(until: clock.now + SimulatedLynex.interval)
        }
    }

    private func snapshot() -> ProcessorSnapshot {
        model.locked { model in
            let now = clock.now
            model.advance(to: now)
            return ProcessorSnapshot(
                families: model.families(of: .processor), start: model.start, now: now)
        }
    }
}

/// A Hummingbird application on a free port of loopback.
enum DemoServer {
    static func run(
        _ router: Router<BasicRequestContext>, ready: @escaping @Sendable (Int) async -> Void
    ) async throws {
        var quiet = Logger(label: "tocsin.demo")
        quiet.logLevel = .critical
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: 0), serverName: "demo"),
            onServerRunning: { channel in await ready(channel.localAddress?.port ?? 0) },
            logger: quiet)
        try await application.run()
    }
}

/// Waits until every server has said on which port it listens.
actor PortCollector {
    private var ports: [Int?]
    private var waiting: [CheckedContinuation<[Int], Never>] = []

    init(count: Int) { ports = Array(repeating: nil, count: count) }

    func set(_ index: Int, _ port: Int) {
        ports[index] = port
        let known = ports.compactMap { $0 }
        guard known.count == ports.count else { return }
        for continuation in waiting { continuation.resume(returning: known) }
        waiting = []
    }

    func all() async -> [Int] {
        let known = ports.compactMap { $0 }
        if known.count == ports.count { return known }
        return await withCheckedContinuation { waiting.append($0) }
    }
}
