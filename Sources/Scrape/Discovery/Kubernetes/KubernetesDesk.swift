import Configuration
import Model
import Synchronization

/// Where the watchers of a source put what they find.
final class KubernetesDesk: Sendable {
    private struct State {
        var inventory: KubernetesInventory
        /// Watchers that have not listed anything yet.
        var waitedFor: Set<Int>
        var problems: [Int: String] = [:]
        var hasSaid = false
        var isNews = false

        /// Whether that is news.
        @discardableResult
        mutating func setProblem(_ problem: String?, of watcher: Int) -> Bool {
            if problems[watcher] == problem { return false }
            problems[watcher] = problem
            isNews = true
            return true
        }
    }

    private let state: Mutex<State>
    private let signal: AsyncStream<Void>.Continuation
    /// Tells that there may be an update, once for any number of changes.
    let signals: AsyncStream<Void>

    init(_ settings: KubernetesDiscovery, watchers: Int) {
        state = Mutex(
            State(inventory: KubernetesInventory(settings), waitedFor: Set(0..<watchers)))
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func put(_ objects: [KubernetesObject], _ resource: KubernetesResource) {
        change { state in
            for object in objects { state.inventory.put(object, resource) }
            return state.inventory.isChanged
        }
    }

    func remove(_ key: String, _ resource: KubernetesResource) {
        change { state in
            state.inventory.remove(key, resource)
            return state.inventory.isChanged
        }
    }

    /// A watcher knows all there is.
    func listed(
        _ keys: Set<String>, _ resource: KubernetesResource, in namespace: String?,
        by watcher: Int
    ) {
        change { state in
            state.inventory.keep(keys, resource, in: namespace)
            state.waitedFor.remove(watcher)
            state.setProblem(nil, of: watcher)
            return true
        }
    }

    /// The server talks to a watcher.
    func works(_ watcher: Int) {
        change { $0.setProblem(nil, of: watcher) }
    }

    func failed(_ problem: String, by watcher: Int) {
        change { $0.setProblem(problem, of: watcher) }
    }

    private func change(_ body: (inout State) -> Bool) {
        if state.locked({ body(&$0) }) { signal.yield() }
    }

    /// What is new, if anything is. Targets are known once every watcher has listed its objects.
    func update() -> SourceUpdate? {
        state.locked { state in
            let isKnown = state.waitedFor.isEmpty
            var groups = isKnown ? state.inventory.update() : nil
            if isKnown, !state.hasSaid {
                groups = groups ?? []
                state.hasSaid = true
                state.isNews = true
            }
            guard groups != nil || state.isNews else { return nil }
            state.isNews = false
            let problems = Set(state.problems.values).sorted()
            return SourceUpdate(groups: groups, problems: problems)
        }
    }
}
