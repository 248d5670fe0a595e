import ArgumentParser
import Configuration
import Daemon
import Demo
import Model
import Setup
import Transport

extension ProcessorOutput: ExpressibleByArgument {}

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

    @Flag(
        name: .customLong("web.enable-remote-write-receiver"),
        help: "Takes remote write at /api/v1/write, whatever tocsin.push.enabled says.")
    var enablesRemoteWrite = false

    @Flag(
        name: .customLong("web.enable-otlp-receiver"),
        help: "Takes OTLP at /api/v1/otlp/v1/metrics, whatever tocsin.push.enabled says.")
    var enablesOTLP = false

    @Flag(help: "Shows an incident of a simulated Lynex, on the shipped configuration.")
    var demo = false

    @Option(help: "How many times as fast as real time the demo runs.")
    var speed = 20.0

    @Option(help: "How the demo's Processor hands its metrics over.")
    var processor = ProcessorOutput.textfile

    @OptionGroup var limits: QueryLimitOptions

    @OptionGroup var features: FeatureOptions

    @OptionGroup var log: LogOptions

    func run() async throws {
        // The demo's messages are what is to be read.
        try log.start(minimum: demo ? .notice : nil)
        if demo {
            try await DemoRun(
                speed: speed, listenAddress: listenAddress, configFile: configFile,
                processor: processor
            ).run()
            return
        }
        let builder = try builder(configFile ?? "tocsin.yml")
        let runtime = try builder.build().get()
        let settings = runtime.settings
        if let refusal = settings.push.refusal(listeningOn: settings.web.listenAddress) {
            throw ValidationError(refusal)
        }
        let daemon = try Daemon(
            Daemon.Setup(
                runtime: runtime, rebuild: { builder.build() }, clock: WallClock(),
                transport: CurlTransport()))
        // The server answers before the daemon runs.
        daemon.history.begin()
        try await ServedDaemon(daemon: daemon).run()
    }

    /// Builds from the configuration, with what the command line says in its place.
    private func builder(_ path: String) throws -> RuntimeBuilder {
        let lookback = try lookbackDelta.map {
            try Milliseconds.flag($0, "--query.lookback-delta")
        }
        if let externalURL, let problem = ExternalURL.problem(in: externalURL) {
            throw ValidationError("--web.external-url: \(problem)")
        }
        let (limits, address, url, storage) = (limits, listenAddress, externalURL, storagePath)
        let (takesRemoteWrite, takesOTLP) = (enablesRemoteWrite, enablesOTLP)
        return RuntimeBuilder(path: path, features: features.names) { documents in
            limits.apply(to: &documents.configuration.tocsin.query)
            if let lookback { documents.configuration.tocsin.query.lookbackDelta = lookback }
            if let address { documents.configuration.tocsin.web.listenAddress = address }
            if let url { documents.configuration.tocsin.web.externalURL = url }
            documents.configuration.tocsin.push.enablesRemoteWrite = takesRemoteWrite
            documents.configuration.tocsin.push.enablesOTLP = takesOTLP
            if let storage { documents.configuration.tocsin.storage.path = storage }
        }
    }
}
