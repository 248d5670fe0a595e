import Exposition
import Journal
import Model
import Notify
import PromQL
import Rules
import Scrape
import Setup
import Store
import Transport

/// Targets, store, rules and notifier of a runtime, wired: a daemon drives them with timers, a replay by
/// jumping a clock.
struct Pipeline: Sendable {
    /// What differs between the two.
    struct Surroundings: Sendable {
        let clock: any PipelineClock
        let transport: any Transporting
        let mode: NotificationPipeline.Mode
        let start: GroupStart
        let journal: Journal
        /// What an earlier run left.
        var rows: [StateChange.Table: [String: [UInt8]]] = [:]
        /// Is told of everything that is scraped; nil: everything is kept in memory.
        var sink: (any CommitSink)?
        var keepsEverything = false
        /// Are told beside our own receivers.
        var alertmanagers: AlertmanagerSender?
        /// Where scrapes are counted.
        var metrics = MetricsRegistry()
    }

    let store: Store
    let engine: Engine
    let notifications: NotificationPipeline
    let forwarder: AlertForwarder?
    let runner: RuleRunner
    let scrapes: ScrapeManager

    /// `integrations` stand for the runtime's own; `observe` is told of every evaluation.
    init(
        _ runtime: Runtime, in surroundings: Surroundings,
        integrations: [String: [any Integration]],
        observe: @escaping @Sendable (GroupEvaluation) -> Void
    ) {
        store = runtime.store(
            keepingEverything: surroundings.keepsEverything, sink: surroundings.sink)
        engine = runtime.engine(over: store)
        let notifications = NotificationPipeline(
            configuration: runtime.documents.notifiers, integrations: integrations,
            externalURL: runtime.externalURL, settings: runtime.settings.notifications,
            mode: surroundings.mode, transport: surroundings.transport,
            clock: surroundings.clock, rows: surroundings.rows, journal: surroundings.journal)
        self.notifications = notifications
        let forwarder = surroundings.alertmanagers.map {
            AlertForwarder(from: notifications, to: $0)
        }
        self.forwarder = forwarder
        runner = RuleRunner(
            runtime, store: store, engine: engine, notifications: notifications,
            start: surroundings.start, forward: { forwarder?.forward($0) }, observe: observe)
        scrapes = ScrapeManager(
            store: store, transport: surroundings.transport, clock: surroundings.clock,
            metrics: surroundings.metrics)
    }
}
