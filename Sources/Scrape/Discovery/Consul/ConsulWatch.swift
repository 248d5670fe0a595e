import Configuration
import Model
import Synchronization

/// Watches the catalog and each service, and tells what is known.
final class ConsulWatch: Sendable {
    /// How long changes are collected after some have been told.
    private static let collectingTime = Milliseconds.seconds(5)

    private let settings: ConsulDiscovery
    private let datacenter: String
    private let api: ConsulAPI
    private let state = Mutex(ConsulServices())
    private let changes: AsyncStream<Void>
    private let changed: AsyncStream<Void>.Continuation

    init(_ settings: ConsulDiscovery, _ datacenter: String, _ api: ConsulAPI) {
        self.settings = settings
        self.datacenter = datacenter
        self.api = api
        (changes, changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Runs until the task is cancelled.
    func run(_ yield: @escaping @Sendable (SourceUpdate) -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.publish(yield) }
            if watchesCatalog {
                group.addTask { await self.watchCatalog() }
            } else {
                for name in settings.services {
                    guard let number = state.withLock({ $0.watch(name) }) else { continue }
                    group.addTask { await self.watchService(name, number) }
                }
                change { $0.catalogAnswered() }
            }
            await group.waitForAll()
        }
    }

    /// Whether the catalog must tell which services there are.
    private var watchesCatalog: Bool {
        settings.services.isEmpty || !settings.tags.isEmpty || !settings.filter.isEmpty
    }

    private func change(_ body: (inout ConsulServices) -> Void) {
        state.withLock { body(&$0) }
        changed.yield()
    }

    private func publish(_ yield: @Sendable (SourceUpdate) -> Void) async {
        for await _ in changes {
            guard let update = state.withLock({ $0.update() }) else { continue }
            if Task.isCancelled { return }
            yield(update)
            if await !api.pause(ConsulWatch.collectingTime) { return }
        }
    }

    // MARK: The catalog

    private func watchCatalog() async {
        let query = settings.filter.isEmpty ? [] : [("filter", settings.filter)]
        let watches = Mutex<[String: Task<Void, Never>]>([:])
        await api.follow("/v1/catalog/services", query) { (root) throws(JSONError) in
            var found: [String: [String]] = [:]
            for member in try root.members() {
                found[member.name] = try member.value.texts(member.name)
            }
            return found
        } found: { answer in
            take(answer, watches)
        }
        let running = watches.withLock { Array($0.values) }
        for task in running { task.cancel() }
        for task in running { await task.value }
    }

    private func take(
        _ answer: Result<[String: [String]]?, APIError>,
        _ watches: borrowing Mutex<[String: Task<Void, Never>]>
    ) {
        let catalog: [String: [String]]?
        switch answer {
        case .success(let services): catalog = services
        case .failure(let error): return change { $0.catalogFailed(error.description) }
        }
        change { services in
            services.catalogAnswered()
            guard let catalog else { return }
            for name in Array(services.names) where catalog[name] == nil {
                services.remove(name)
                watches.withLock { $0.removeValue(forKey: name) }?.cancel()
            }
            for (name, tags) in catalog where isWanted(name, tags) {
                guard let number = services.watch(name) else { continue }
                watches.withLock { $0[name] = Task { await self.watchService(name, number) } }
            }
        }
    }

    private func isWanted(_ name: String, _ tags: [String]) -> Bool {
        (settings.services.isEmpty || settings.services.contains(name))
            && settings.tags.allSatisfy(tags.contains)
    }

    // MARK: A service

    private func watchService(_ name: String, _ number: Int) async {
        let instances = ConsulInstances(
            settings: settings, service: name, datacenter: datacenter)
        var query = settings.tags.map { ("tag", $0) }
        if !settings.healthFilter.isEmpty { query.append(("filter", settings.healthFilter)) }
        let path = "/v1/health/service/" + PercentEncoding.path(name)
        await api.follow(path, query, read: instances.group) { answer in
            change { services in
                switch answer {
                case .success(let group): services.answered(name, number, group)
                case .failure(let error): services.failed(name, number, error.description)
                }
            }
        }
    }
}
