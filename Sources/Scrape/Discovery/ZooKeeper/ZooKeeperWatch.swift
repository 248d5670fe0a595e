import Configuration
import Model
import Synchronization

/// Watches the nodes under some paths, and tells what they are.
final class ZooKeeperWatch: Sendable {
    /// How long changes are collected after some have been told.
    private static let collectingTime = Milliseconds.seconds(5)
    /// How long nobody is asked after an error.
    private static let retryInterval = Milliseconds.seconds(1)

    private struct State {
        /// nil until everything has been read.
        var tree: ZooKeeperTree?
        var problem: String?
    }

    private let settings: ZooKeeperDiscovery
    private let clock: any PipelineClock
    private let labels: @Sendable (_ path: String, _ data: [UInt8]) -> Labels?
    private let state = Mutex(State())
    private let changes: AsyncStream<Void>
    private let changed: AsyncStream<Void>.Continuation

    /// `labels` makes a target of a node; nil for a node that is none.
    init(
        _ settings: ZooKeeperDiscovery, _ clock: any PipelineClock,
        labels: @escaping @Sendable (_ path: String, _ data: [UInt8]) -> Labels?
    ) {
        self.settings = settings
        self.clock = clock
        self.labels = labels
        (changes, changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Runs until the task is cancelled.
    func run(_ yield: @escaping @Sendable (SourceUpdate) -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.publish(yield) }
            group.addTask { await self.follow() }
            await group.waitForAll()
        }
    }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { body(&$0) }
        changed.yield()
    }

    private func pause(_ time: Milliseconds) async -> Bool {
        (try? await clock.sleep(until: clock.now + time)) != nil
    }

    private func publish(_ yield: @Sendable (SourceUpdate) -> Void) async {
        for await _ in changes {
            if Task.isCancelled { return }
            yield(state.withLock { update($0) })
            if await !pause(ZooKeeperWatch.collectingTime) { return }
        }
    }

    private func update(_ state: State) -> SourceUpdate {
        if let problem = state.problem { return .failure(problem) }
        guard let tree = state.tree else { return SourceUpdate(groups: nil) }
        let groups = tree.members.compactMap { path, data in
            labels(path, data).map { DiscoveredGroup(place: path, targets: [$0]) }
        }
        let missing = settings.paths.filter { !tree.contains($0) }
        return SourceUpdate(
            groups: groups, problems: missing.map { "path \($0) does not exist" })
    }

    // MARK: Sessions

    /// Holds a session with one server after the other.
    private func follow() async {
        var turn = 0
        while !Task.isCancelled {
            let server = settings.servers[turn % settings.servers.count]
            turn += 1
            do {
                try await ZooKeeperSession.with(
                    server, timeout: settings.timeout
                ) { [self] session in
                    try await follow(&session)
                }
            } catch {
                if Task.isCancelled { return }
                change { $0.problem = "\(server): \(error)" }
            }
            if await !pause(ZooKeeperWatch.retryInterval) { return }
        }
    }

    private func follow(_ session: inout ZooKeeperSession) async throws {
        var tree = ZooKeeperTree()
        for path in settings.paths { try await read(path, &tree, &session) }
        tell(tree)
        for await path in session.changes where !path.isEmpty {
            try await read(path, &tree, &session)
            tell(tree)
        }
    }

    private func read(
        _ path: String, _ tree: inout ZooKeeperTree, _ session: inout ZooKeeperSession
    ) async throws {
        try await tree.read(path, &session)
        // A path that is made meanwhile has nobody who watches it yet.
        while settings.paths.contains(path), !tree.contains(path),
            try await session.exists(path)
        {
            try await tree.read(path, &session)
        }
    }

    private func tell(_ tree: ZooKeeperTree) {
        change { state in
            state.tree = tree
            state.problem = nil
        }
    }
}
