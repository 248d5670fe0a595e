import ArgumentParser
import Configuration
import Daemon
import Demo
import Dispatch
import Foundation
import Logging
import Model
import Server
import Setup
import Transport

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs the daemon, or the demo.")

    @Option(name: .customLong("config.file"), help: "The configuration.")
    var configFile: String?

    @Option(
        name: .customLong("web.listen-address"),
        help: "HOST:PORT to serve on; loopback unless said otherwise.")
    var listenAddress: String?

    @Option(
        name: .customLong("web.external-url"), help: "Where others reach the daemon, for links.")
    var externalURL: String?

    @Option(name: .customLong("storage.path"), help: "Where the databases live.")
    var storagePath: String?

    @Option(
        name: .customLong("query.lookback-delta"), help: "How old a sample may be, e.g. 5m.")
    var lookbackDelta: String?

    @Flag(help: "Shows an incident of a simulated Lynex, on the shipped configuration.")
    var demo = false

    @Option(help: "How many times as fast as real time the demo runs.")
    var speed = 20.0

    @OptionGroup var limits: QueryLimitOptions

    @OptionGroup var features: FeatureOptions

    @OptionGroup var log: LogOptions

    func run() async throws {
        // The demo's messages are what is to be read.
        try log.start(minimum: demo ? .notice : nil)
        if demo {
            try await DemoRun(speed: speed, listenAddress: listenAddress, configFile: configFile)
                .run()
            return
        }
        let builder = try builder(configFile ?? "tocsin.yml")
        let runtime = try builder.build().get()
        let daemon = try Daemon(
            Daemon.Setup(
                runtime: runtime, rebuild: { builder.build() }, clock: WallClock(),
                transport: CurlTransport()))
        try await Service(daemon: daemon).run()
    }

    /// Builds from the configuration, with what the command line says in its place.
    private func builder(_ path: String) throws -> RuntimeBuilder {
        let lookback = try lookbackDelta.map {
            try Milliseconds.flag($0, "--query.lookback-delta")
        }
        let (limits, address, url, storage) = (limits, listenAddress, externalURL, storagePath)
        return RuntimeBuilder(path: path, features: features.names) { documents in
            limits.apply(to: &documents.configuration.tocsin.query)
            if let lookback { documents.configuration.tocsin.query.lookbackDelta = lookback }
            if let address { documents.configuration.tocsin.web.listenAddress = address }
            if let url { documents.configuration.tocsin.web.externalURL = url }
            if let storage { documents.configuration.tocsin.storage.path = storage }
        }
    }
}

/// A daemon with its HTTP faces and signals: SIGHUP reloads; SIGTERM and SIGINT drain and end.
struct Service {
    let daemon: Daemon
    var started: @Sendable (Int) async -> Void = { _ in }

    func run() async throws {
        let address = daemon.settingsInForce.listenAddress
        let server = try HTTPServer(Faces(daemon), address: address)
        let logger = Logger(label: "tocsin")
        let signals = Signals([SIGTERM, SIGINT, SIGHUP])
        let (daemon, started) = (daemon, started)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await daemon.run() }
            group.addTask {
                do {
                    try await server.run { port in
                        logger.notice("listening", metadata: ["port": "\(port)"])
                        await started(port)
                    }
                } catch {
                    throw Failure("\(address): the HTTP server cannot run: \(error)")
                }
            }
            group.addTask {
                for await signal in signals.stream {
                    guard signal == SIGHUP else {
                        logger.notice("stopping", metadata: ["signal": "\(signal)"])
                        break
                    }
                    // A failure is in the log.
                    try? await daemon.reload()
                }
            }
            // Whoever ends first ends all: a signal, or a server that cannot listen.
            do {
                try await group.next()
            } catch {
                group.cancelAll()
                try? await group.waitForAll()
                throw error
            }
            group.cancelAll()
            try? await group.waitForAll()
        }
    }
}

/// Signals as a stream.
final class Signals: @unchecked Sendable {
    // @unchecked: the sources are only held, so that they go on; nothing reads them.
    let stream: AsyncStream<Int32>
    private let sources: [any DispatchSourceSignal]

    init(_ numbers: [Int32]) {
        let (stream, continuation) = AsyncStream<Int32>.makeStream()
        self.stream = stream
        sources = numbers.map { number in
            // The default action would come before ours.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(number) }
            source.resume()
            return source
        }
    }
}
