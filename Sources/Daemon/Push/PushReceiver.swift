import Configuration
import Journal
import Logging
import Model
import Scrape
import Setup
import Store

/// Takes pushes in, keeps them in the journal, and commits what was pushed last once an interval.
///
/// It has a thread of its own: a body that takes long to read delays no scrape and no rule.
public actor PushReceiver {
    /// What came of a push.
    public enum Answer: Sendable, Hashable {
        /// It is on the disk.
        case taken
        /// It is in memory, and why it is not on the disk.
        case notDurable(String)
        /// It was not taken.
        case refused(PushRefusal)
    }

    private let executor = ThreadExecutor(name: "push")
    private let journal: Journal
    private let clock: any PipelineClock
    private var settings: PushSettings
    private var global: GlobalConfiguration
    private var groups: PushGroups
    private var committer: PushCommitter

    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// A receiver that goes on with the groups of the rows.
    init(
        _ runtime: Runtime, rows: [String: [UInt8]], store: Store, journal: Journal,
        clock: any PipelineClock, logger: Logger
    ) {
        settings = runtime.settings.push
        global = runtime.configuration.global
        var problems: [String] = []
        groups = PushGroups(
            settings, nameValidation: global.nameValidation, rows: rows, problems: &problems)
        for problem in problems { logger.error("\(problem)") }
        committer = PushCommitter(store: store)
        self.journal = journal
        self.clock = clock
    }

    /// Goes on under other settings.
    func apply(_ runtime: Runtime) {
        settings = runtime.settings.push
        global = runtime.configuration.global
        groups.limit(settings, nameValidation: global.nameValidation)
    }

    // MARK: What clients ask

    /// Takes a body in; returns when that is on the disk.
    public func push(
        _ body: [UInt8], contentType: String, to key: GroupingKey, replaces: Bool
    ) async -> Answer {
        let outcome = groups.push(
            body, contentType: contentType, to: key, replaces: replaces, at: clock.now)
        let answer = await written(outcome.changes)
        return outcome.refusal.map { .refused($0) } ?? answer
    }

    /// Forgets a group; returns when that is on the disk.
    public func delete(_ key: GroupingKey) async -> Answer { await written(groups.delete(key)) }

    /// Forgets all groups; returns when that is on the disk.
    public func wipe() async -> Answer { await written(groups.wipe()) }

    /// All groups, in the order of their keys.
    public var list: [PushedGroup] { groups.groups }

    private func written(_ changes: [StateChange]) async -> Answer {
        if changes.isEmpty { return .taken }
        let position = journal.append(JournalStep(at: clock.now, changes))
        switch await journal.settled(position) {
        case .durable: return .taken
        case .inMemory(let reason): return .notDurable(reason)
        }
    }

    // MARK: Running

    /// Commits once an interval until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            let interval = max(
                settings.interval ?? global.scrapeInterval, Milliseconds(1))
            let now = clock.now
            let schedule = ScrapeSchedule(interval: interval, offset: .zero)
            let due = schedule.first(from: now + Milliseconds(1))
            do { try await clock.sleep(until: due) } catch { return }
            commit(at: schedule.timestamp(due: due, now: clock.now))
        }
    }

    /// Commits the last values of all groups as of a moment, after those that have expired are gone.
    public func commit(at time: Timestamp) {
        guard settings.isEnabled else { return }
        let expired = groups.expire(at: time)
        if !expired.isEmpty { journal.append(JournalStep(at: time, expired)) }
        committer.commit(groups, histograms: global.histograms, at: time)
    }
}
