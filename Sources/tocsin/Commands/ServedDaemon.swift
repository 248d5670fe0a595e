import Daemon
import Logging
import Server
import ServiceLifecycle
import UnixSignals

/// A daemon with its HTTP endpoints and signals. SIGHUP reloads. SIGTERM and SIGINT end it, the last that
/// began first: no more reloads; then the daemon, once what is under way has ended and everything is
/// written; then the server, which answers until then.
struct ServedDaemon {
    let daemon: Daemon
    var started: @Sendable (Int) async -> Void = { _ in }

    /// How long a stop may take: longer than the daemon waits for what is under way and for its disk.
    static let stopTimeout = Duration.seconds(30)

    func run() async throws {
        let address = daemon.settingsInForce.listenAddress
        let web = WebService(
            server: try HTTPServer(Endpoints(daemon), address: address), address: address,
            started: started)
        // Whatever ends ends all: a server that cannot listen, a daemon that is done.
        let services: [any Service] = [
            web, PipelineService(daemon: daemon),
            ReloadService(
                daemon: daemon, hangUps: await UnixSignalsSequence(trapping: .sighup)),
        ]
        var logger = Logger(label: "lifecycle")
        logger.logLevel = .critical
        var configuration = ServiceGroupConfiguration(
            services: services.map {
                .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
            },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = ServedDaemon.stopTimeout
        try await ServiceGroup(configuration: configuration).run()
    }
}

private struct WebService: Service {
    let server: HTTPServer
    let address: String
    let started: @Sendable (Int) async -> Void

    func run() async throws {
        let logger = Logger(label: "tocsin")
        do {
            try await cancelWhenGracefulShutdown {
                try await server.run { port in
                    logger.notice("listening", metadata: ["port": "\(port)"])
                    await started(port)
                }
            }
        } catch is CancellationError {
            // As asked for.
        } catch {
            throw Failure("\(address): the HTTP server cannot run: \(error)")
        }
    }
}

private struct PipelineService: Service {
    let daemon: Daemon

    func run() async throws {
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown { await daemon.run() }
        } onGracefulShutdown: {
            Logger(label: "tocsin").notice("stopping")
        }
    }
}

private struct ReloadService: Service {
    let daemon: Daemon
    let hangUps: UnixSignalsSequence

    func run() async throws {
        for await _ in hangUps.cancelOnGracefulShutdown() {
            // A failure is in the log.
            try? await daemon.reload()
        }
    }
}
