import Configuration
import Logging
import Model
import Notify
import Scrape
import Transport

/// Finds the Alertmanagers of `alerting.alertmanagers`, by the same sources as targets, and tells the
/// sender as they change.
actor AlertmanagerDiscovery {
    private let sender: AlertmanagerSender
    private let discovery: TargetDiscovery
    private let changes: AsyncStream<Void>
    private var configurations: [AlertmanagerConfiguration] = []

    init(
        _ sender: AlertmanagerSender, clock: any PipelineClock, transport: any Transporting
    ) {
        self.sender = sender
        discovery = TargetDiscovery(
            SourceEnvironment(clock: clock, transport: transport),
            logger: Logger(label: "alertmanagers"))
        let (changes, change) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.changes = changes
        discovery.listen { _ in change.yield() }
    }

    /// Goes on with these.
    func apply(_ configurations: [AlertmanagerConfiguration]) async {
        self.configurations = configurations
        let sources = configurations.enumerated().map { index, configuration in
            (Self.pool(index), TargetSources.of(configuration.discoveries))
        }
        discovery.apply(Dictionary(uniqueKeysWithValues: sources))
        await tell()
    }

    /// Looks for them until the task is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.discovery.run() }
            for await _ in changes { await tell() }
        }
    }

    /// How the sources fare, by entry of `alerting.alertmanagers`.
    nonisolated var sources: [SourceState] { discovery.states }

    /// As Prometheus names an entry.
    private static func pool(_ index: Int) -> String { "config-\(index)" }

    private func tell() async {
        await sender.apply(
            configurations.enumerated().map { index, configuration in
                var configuration = configuration
                configuration.discoveries = ServiceDiscoveries()
                configuration.discoveries.staticTargets = discovery.groups(of: Self.pool(index))
                    .groups
                    .flatMap(\.addresses)
                return configuration
            })
    }
}

extension DiscoveredGroup {
    /// Its targets one by one, as users would write them.
    fileprivate var addresses: [TargetGroup] {
        targets.map { target in
            TargetGroup(
                targets: [target.value("__address__")],
                labels: labels.merging(target.setting("__address__", "")))
        }
    }
}
