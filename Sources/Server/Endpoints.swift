import Configuration
import Daemon
import Foundation
import Model
import Notify
import PromQL
import Rules
import Scrape
import Setup
import Store

/// What each HTTP endpoint answers from: a running daemon, or a replay that stands at its end.
public struct Endpoints: Sendable {
    let query: QueryRoutes
    let series: SeriesRoutes
    let expressions: ExpressionRoutes
    let rules: RuleRoutes
    let targets: TargetRoutes
    let discovery: DiscoveryRoutes
    let metadata: MetadataRoutes
    let status: StatusRoutes
    let federation: Federation
    let alertmanager: AlertmanagerAPI
    let push: PushRoutes
    let write: WriteRoutes
    let history: HistoryProgress
    /// What is configured at present.
    let runtime: @Sendable () -> Runtime
    /// Whether all is well.
    let readiness: @Sendable () async -> Readiness
    /// Loads the configuration again; nil where nothing can be reloaded or that is not allowed.
    var reload: (@Sendable () async throws(Problems) -> Void)? {
        runtime().settings.web.enableLifecycle ? reloadAtAll : nil
    }
    private let reloadAtAll: (@Sendable () async throws(Problems) -> Void)?
    /// Our own metrics.
    let metrics: @Sendable () async -> [UInt8]

    /// A daemon's.
    public init(_ daemon: Daemon) {
        let source = StatusSource(
            runtime: { daemon.runtime }, load: { daemon.load }, inForce: daemon.settingsInForce,
            started: daemon.clock.now, clock: daemon.clock,
            alertmanagers: {
                (
                    await daemon.alertmanagers.status.map(\.url),
                    await daemon.alertmanagers.dropped
                )
            })
        self.init(
            source, engine: { daemon.engine }, runner: daemon.runner, scrapes: daemon.scrapes,
            notifications: daemon.notifications, readiness: { await daemon.readiness() },
            reload: { () throws(Problems) in try await daemon.reload() }, pushes: daemon.pushes,
            samples: daemon.samples, history: daemon.history,
            alertmanagerSources: { daemon.alertmanagerSources },
            metrics: { await daemon.exposition() })
    }

    /// A replay's.
    public init(_ replay: Replay) {
        let now = replay.clock.now
        var settings = replay.runtime.restartSettings
        (settings.storagePath, settings.listenAddress) = ("", "")
        let source = StatusSource(
            runtime: { replay.runtime },
            load: { ConfigurationLoad(lastSuccess: now, succeeded: true) },
            inForce: settings, started: now, clock: replay.clock)
        self.init(
            source, engine: { replay.engine }, runner: replay.runner, scrapes: replay.scrapes,
            notifications: replay.notifications, readiness: { Readiness(isReady: true) },
            reload: nil, metrics: { [] })
    }

    private init(
        _ source: StatusSource, engine: @escaping @Sendable () -> Engine, runner: RuleRunner,
        scrapes: ScrapeManager, notifications: NotificationPipeline,
        readiness: @escaping @Sendable () async -> Readiness,
        reload: (@Sendable () async throws(Problems) -> Void)?, pushes: PushReceiver? = nil,
        samples: SampleReceiver? = nil, history: HistoryProgress = HistoryProgress(),
        alertmanagerSources: @escaping @Sendable () -> [SourceState] = { [] },
        metrics: @escaping @Sendable () async -> [UInt8]
    ) {
        let service = QueryService(
            maximumConcurrency: source.inForce.maximumConcurrency, engine: engine)
        query = QueryRoutes(service: service, clock: source.clock)
        series = SeriesRoutes(service: service)
        expressions = ExpressionRoutes(service: service)
        rules = RuleRoutes(runner: runner)
        targets = TargetRoutes(
            scrapes: scrapes,
            globalURL: {
                GlobalURL(
                    listenAddress: source.inForce.listenAddress,
                    externalURL: source.runtime().externalURL)
            },
            configurations: { source.runtime().configuration.scrapeConfigurations })
        metadata = MetadataRoutes(
            service: service, scrapes: scrapes, written: samples?.metadata)
        discovery = DiscoveryRoutes(
            scrapes: scrapes, alertmanagers: alertmanagerSources,
            configurations: { source.runtime().configuration.scrapeConfigurations },
            clock: source.clock)
        status = StatusRoutes(service: service, source: source, history: history)
        federation = Federation(
            service: service, clock: source.clock,
            externalLabels: { source.runtime().configuration.global.externalLabels })
        alertmanager = AlertmanagerAPI(
            notifications: notifications, documents: { source.runtime().documents },
            clock: source.clock, started: source.started)
        push = PushRoutes(
            receiver: pushes, settings: { source.runtime().settings.push },
            listenAddress: source.inForce.listenAddress)
        write = WriteRoutes(
            receiver: samples, settings: { source.runtime().settings.push },
            listenAddress: source.inForce.listenAddress, history: history)
        runtime = source.runtime
        self.history = history
        self.readiness = readiness
        reloadAtAll = reload
        self.metrics = metrics
    }
}
