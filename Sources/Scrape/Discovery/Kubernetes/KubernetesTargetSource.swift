import Configuration
import Model

/// An entry of `kubernetes_sd_configs`: targets are the objects of a Kubernetes cluster.
struct KubernetesTargetSource: TargetSource {
    static let mechanism = "kubernetes"
    /// How long changes are collected after an update.
    static let pause = Milliseconds.seconds(5)

    let settings: KubernetesDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let client = KubernetesClient(settings: settings, environment: environment)
        guard let namespaces = await namespaces(client, yield) else { return }
        let places = settings.resources.flatMap { resource in
            (resource.isNamespaced ? namespaces : [nil]).map { (resource, $0) }
        }
        let desk = KubernetesDesk(settings, watchers: places.count)
        await withTaskGroup { group in
            for (number, (resource, namespace)) in places.enumerated() {
                let watcher = KubernetesWatcher(
                    number: number, resource: resource, namespace: namespace, client: client,
                    desk: desk)
                group.addTask { await watcher.run() }
            }
            group.addTask { await publish(desk, environment.clock, yield) }
        }
    }

    /// The namespaces, once they can be known; nil where the task is cancelled.
    private func namespaces(
        _ client: KubernetesClient, _ yield: @Sendable (SourceUpdate) -> Void
    ) async -> [String?]? {
        while true {
            do throws(KubernetesError) { return try await client.namespaces() } catch {
                yield(.failure(error.message))
            }
            let clock = client.environment.clock
            do { try await clock.sleep(until: clock.now + WatchPlan.delays.last) } catch {
                return nil
            }
        }
    }

    private func publish(
        _ desk: KubernetesDesk, _ clock: any PipelineClock,
        _ yield: @Sendable (SourceUpdate) -> Void
    ) async {
        for await _ in desk.signals {
            guard let update = desk.update() else { continue }
            yield(update)
            let pause = KubernetesTargetSource.pause
            do { try await clock.sleep(until: clock.now + pause) } catch { return }
        }
    }
}
