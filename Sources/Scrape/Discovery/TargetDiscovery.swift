import Logging
import Model
import Synchronization

/// Runs the sources of several pools and knows what they found.
///
/// `apply` says which sources there are, now and at every reload; `run` runs them until its task is
/// cancelled. Whoever listens is told which pool's groups changed. A source that was there before goes
/// on with what it found; a new one has the groups of the one in its place until its first look.
public final class TargetDiscovery: Sendable {
    private struct Running {
        let source: any TargetSource
        let number: Int
        var groups: [DiscoveredGroup] = []
        var state: SourceState
        var task: Task<Void, Never>?

        mutating func found(_ groups: [DiscoveredGroup]) {
            self.groups = groups
            state.groups = groups.count
            state.targets = groups.reduce(0) { $0 + $1.targets.count }
        }
    }

    private struct State {
        var pools: [String: [Running]] = [:]
        /// Moves with every change of a pool's groups.
        var versions: [String: UInt64] = [:]
        var nextNumber = 0
        var isRunning = false
        var listener: (@Sendable (_ pool: String) -> Void)?
    }

    private let environment: SourceEnvironment
    private let logger: Logger
    private let state = Mutex(State())

    /// Of no source yet.
    public init(
        _ environment: SourceEnvironment, logger: Logger = Logger(label: "discovery")
    ) {
        self.environment = environment
        self.logger = logger
    }

    deinit { for running in state.locked({ $0.pools.values.joined() }) { running.task?.cancel() } }

    /// Has `listener` told of every pool whose groups changed, on whatever thread it is found out.
    public func listen(_ listener: @escaping @Sendable (_ pool: String) -> Void) {
        state.locked { $0.listener = listener }
    }

    // MARK: Which sources there are

    /// Goes on with these sources, by pool. Nobody is told: who calls looks for himself.
    public func apply(_ wanted: [String: [any TargetSource]]) {
        let ended = state.locked { state in
            var former = state.pools
            state.pools = [:]
            for (pool, sources) in wanted {
                state.pools[pool] = adopt(
                    sources, of: pool, from: &former[pool, default: []], &state)
                state.versions[pool, default: 0] += 1
            }
            if state.isRunning { startAll(&state) }
            return former.values.joined().compactMap(\.task)
        }
        for task in ended { task.cancel() }
    }

    /// The pool's sources: those that go on are taken out of `former`, new ones are made.
    private func adopt(
        _ sources: [any TargetSource], of pool: String, from former: inout [Running],
        _ state: inout State
    ) -> [Running] {
        var indices: [String: Int] = [:]
        return sources.map { source in
            let mechanism = type(of: source).mechanism
            let index = indices[mechanism, default: 0]
            indices[mechanism] = index + 1
            if let place = former.firstIndex(where: { isSame($0.source, source) }) {
                var kept = former.remove(at: place)
                kept.state.index = index
                return kept
            }
            state.nextNumber += 1
            var running = Running(
                source: source, number: state.nextNumber,
                state: SourceState(
                    pool: pool, mechanism: mechanism, section: type(of: source).section,
                    index: index))
            if let known = source.knownGroups {
                running.found(known)
                running.state.lastSuccess = environment.clock.now
            } else if let old = former.first(where: {
                $0.state.mechanism == mechanism && $0.state.index == index
            }) {
                running.found(old.groups)
            }
            return running
        }
    }

    private func isSame(_ a: any TargetSource, _ b: any TargetSource) -> Bool {
        AnyHashable(a) == AnyHashable(b)
    }

    // MARK: Running

    /// Runs the sources until the task is cancelled.
    public func run() async {
        state.locked { state in
            state.isRunning = true
            startAll(&state)
        }
        await untilCancelled()
        let tasks = state.locked { state in
            state.isRunning = false
            var tasks: [Task<Void, Never>] = []
            for (pool, sources) in state.pools {
                tasks += sources.compactMap(\.task)
                for index in sources.indices { state.pools[pool]?[index].task = nil }
            }
            return tasks
        }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    private func startAll(_ state: inout State) {
        for (pool, sources) in state.pools {
            for (index, running) in sources.enumerated()
            where running.task == nil && running.source.knownGroups == nil {
                let (source, number) = (running.source, running.number)
                let environment = environment
                state.pools[pool]?[index].task = Task { [weak self] in
                    await source.run(in: environment) { [weak self] update in
                        self?.take(update, of: number, in: pool)
                    }
                    if !Task.isCancelled { self?.ended(number, in: pool) }
                }
            }
        }
    }

    private func ended(_ number: Int, in pool: String) {
        state.locked { state in
            guard let index = state.pools[pool]?.firstIndex(where: { $0.number == number })
            else { return }
            state.pools[pool]?[index].state.hasGivenUp = true
        }
    }

    private func take(_ update: SourceUpdate, of number: Int, in pool: String) {
        let now = environment.clock.now
        var new: [String] = []
        let listener = state.locked { state -> (@Sendable (String) -> Void)? in
            // A source that was taken out meanwhile is not heard any more.
            guard let index = state.pools[pool]?.firstIndex(where: { $0.number == number }),
                var running = state.pools[pool]?[index]
            else { return nil }
            new = update.problems.filter { !running.state.problems.contains($0) }
            running.state.looked(update.problems, at: now)
            let isChanged = update.groups.map { $0 != running.groups } ?? false
            if let groups = update.groups, isChanged { running.found(groups) }
            state.pools[pool]?[index] = running
            guard isChanged else { return nil }
            state.versions[pool, default: 0] += 1
            return state.listener
        }
        for problem in new {
            logger.error(
                "Discovery failed: the targets found before stay",
                metadata: ["pool": "\(pool)", "err": "\(problem)"])
        }
        listener?(pool)
    }

    // MARK: What was found

    /// The pool's groups in the order of its sources, and a number that moves when they change.
    public func groups(of pool: String) -> (groups: [DiscoveredGroup], version: UInt64) {
        state.locked { state in
            (state.pools[pool]?.flatMap(\.groups) ?? [], state.versions[pool] ?? 0)
        }
    }

    /// How the sources fare, by pool.
    public var states: [SourceState] {
        state.locked { state in
            state.pools.sorted { $0.key < $1.key }.flatMap { $0.value.map(\.state) }
        }
    }
}

/// Ends when the task is cancelled, and never before.
func untilCancelled() async {
    let (stream, continuation) = AsyncStream<Never>.makeStream()
    for await _ in stream {}
    continuation.finish()
}
