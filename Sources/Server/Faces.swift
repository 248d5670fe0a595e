import Configuration
import Daemon
import Foundation
import Model
import Notify
import PromQL
import Rules
import Scrape
import Store

/// What the HTTP faces show: of a running daemon, or of a replay that stands at its end.
public struct Faces: Sendable {
    let query: QueryRoutes
    let series: SeriesRoutes
    let expressions: ExpressionRoutes
    let rules: RuleRoutes
    let targets: TargetRoutes
    let metadata: MetadataRoutes
    let status: StatusRoutes
    let federation: Federation
    let alertmanager: AlertmanagerAPI
    let corsOrigin: String
    /// Where others reach all this, perhaps under a path.
    let externalURL: String
    /// Whether all is well.
    let readiness: @Sendable () async -> Readiness
    /// Loads the configuration again; nil where nothing can be reloaded.
    let reload: (@Sendable () async throws(Problems) -> Void)?
    /// Our own metrics.
    let metrics: @Sendable () async -> [UInt8]

    /// A daemon's, served at `listenAddress` where that is not what is configured.
    public init(_ daemon: Daemon, listenAddress: String? = nil) {
        let source = StatusSource(
            documents: { daemon.documents }, load: { daemon.load }, options: daemon.options,
            storagePath: daemon.storagePath,
            listenAddress: listenAddress
                ?? daemon.documents.configuration.tocsin.web.listenAddress,
            started: daemon.clock.now, clock: daemon.clock,
            alertmanagers: {
                (
                    await daemon.alertmanagers.status.map(\.url),
                    await daemon.alertmanagers.dropped
                )
            })
        var reload: (@Sendable () async throws(Problems) -> Void)?
        if daemon.documents.configuration.tocsin.web.enableLifecycle {
            reload = { @Sendable () throws(Problems) in try await daemon.reload() }
        }
        self.init(
            source, engine: daemon.engine, runner: daemon.runner, scrapes: daemon.scrapes,
            notifications: daemon.notifications, readiness: { await daemon.readiness() },
            reload: reload, metrics: { await daemon.exposition() })
    }

    /// A replay's.
    public init(_ replay: Replay) {
        let now = replay.clock.now
        let source = StatusSource(
            documents: { replay.documents },
            load: { ConfigurationLoad(lastSuccess: now, succeeded: true) },
            options: replay.options, storagePath: "", listenAddress: "", started: now,
            clock: replay.clock)
        self.init(
            source, engine: replay.engine, runner: replay.runner, scrapes: replay.scrapes,
            notifications: replay.notifications, readiness: { Readiness(isReady: true) },
            reload: nil, metrics: { [] })
    }

    private init(
        _ source: StatusSource, engine: Engine, runner: RuleRunner, scrapes: ScrapeManager,
        notifications: NotificationPipeline,
        readiness: @escaping @Sendable () async -> Readiness,
        reload: (@Sendable () async throws(Problems) -> Void)?,
        metrics: @escaping @Sendable () async -> [UInt8]
    ) {
        let settings = source.documents().configuration.tocsin
        let service = QueryService(
            engine, maximumConcurrency: settings.query.maximumConcurrency)
        query = QueryRoutes(service: service, clock: source.clock)
        series = SeriesRoutes(service: service)
        expressions = ExpressionRoutes(service: service)
        rules = RuleRoutes(runner: runner)
        targets = TargetRoutes(
            scrapes: scrapes,
            globalURL: GlobalURL(
                listenAddress: source.listenAddress, externalURL: source.options.externalURL),
            configurations: { source.documents().configuration.scrapeConfigurations })
        metadata = MetadataRoutes(service: service, scrapes: scrapes)
        status = StatusRoutes(service: service, source: source)
        federation = Federation(
            service: service, clock: source.clock,
            externalLabels: { source.documents().configuration.global.externalLabels })
        alertmanager = AlertmanagerAPI(
            notifications: notifications, documents: source.documents, clock: source.clock,
            started: source.started)
        corsOrigin = settings.web.corsOrigin
        externalURL = source.options.externalURL
        self.readiness = readiness
        self.reload = reload
        self.metrics = metrics
    }
}
