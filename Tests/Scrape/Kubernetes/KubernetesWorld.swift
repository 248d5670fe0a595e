import Configuration
import Foundation
import Model
import Scrape
import Synchronization
import Testing
import Transport

/// The discovery of a configuration that runs against a cluster, with a clock that the test moves.
final class KubernetesWorld: Sendable {
    let cluster: FakeCluster
    let clock = ManualClock()
    private let configuration: ScrapeConfiguration
    private let box = UpdateBox()
    private let running: Task<Void, Never>

    /// Runs the entry of `kubernetes_sd_configs`, e.g. `{role: pod, api_server: http://k}`.
    init(
        _ entry: String, _ cluster: FakeCluster, more: String = "",
        pod: KubernetesPod = KubernetesPod(host: nil, port: nil),
        transport: (any Transporting)? = nil
    ) throws {
        self.cluster = cluster
        let text = """
            scrape_configs:
            - job_name: j
              kubernetes_sd_configs: [\(entry)]
            \(more)
            """
        configuration = try TocsinConfiguration.load(
            text: Array(text.utf8), path: "t.yml", environment: [:]
        ).get().scrapeConfigurations[0]
        let source = try #require(TargetSources.of(configuration.discoveries).first)
        let environment = SourceEnvironment(
            clock: clock, transport: transport ?? cluster, kubernetesPod: pod)
        let box = box
        running = Task { await source.run(in: environment) { box.take($0) } }
    }

    deinit { running.cancel() }

    /// All that was found so far; nil before anything was.
    var groups: [DiscoveredGroup]? { box.groups }
    var problems: [String] { box.problems }
    var updates: Int { box.count }

    /// Lets time pass until it is so. The suite's time limit ends what never comes.
    func until(_ isSo: @Sendable (KubernetesWorld) -> Bool) async {
        while !isSo(self), !Task.isCancelled {
            clock.advance(to: clock.now + Milliseconds(100))
            await Task.yield()
        }
    }

    /// Lets time pass until all have listed and watch.
    func untilWatching(_ count: Int = 1) async {
        await until { $0.groups != nil && $0.cluster.openWatches == count }
    }

    /// The labels of all targets, those of their groups included.
    var targets: [[String: String]] {
        (groups ?? []).flatMap { group in
            group.targets.map { group.labels.merging($0).dictionary }
        }
    }

    var addresses: [String] { targets.map { $0["__address__"] ?? "" } }

    /// The targets that are left after relabelling.
    var built: [Target] { TargetBuilder(configuration).build(groups ?? []).targets }

    func stop() async {
        running.cancel()
        await running.value
    }
}

/// What a source has yielded.
private final class UpdateBox: Sendable {
    private let state = Mutex<(groups: [DiscoveredGroup]?, problems: [String], count: Int)>(
        (nil, [], 0))

    func take(_ update: SourceUpdate) {
        state.withLock { state in
            if let groups = update.groups { state.groups = groups }
            state.problems = update.problems
            state.count += 1
        }
    }

    var groups: [DiscoveredGroup]? { state.withLock { $0.groups } }
    var problems: [String] { state.withLock { $0.problems } }
    var count: Int { state.withLock { $0.count } }
}
