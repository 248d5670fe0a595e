import Configuration
import Model
import Store
import Synchronization

/// The targets that are scraped now: each has a task from when it is found until it is gone.
///
/// Of one that is gone everything goes stale at its next due time; one that is found again under other
/// settings goes on where it is.
final class ActiveTargets: Sendable {
    private struct State {
        var active: [String: ScrapedTarget] = [:]
        var tasks: [String: Task<Void, Never>] = [:]
        var farewells: [Int: Task<Void, Never>] = [:]
        var nextFarewell = 0
        var isRunning = false
    }

    private let store: Store
    private let clock: any PipelineClock
    private let loop: ScrapeLoop
    private let state = Mutex(State())

    init(store: Store, clock: any PipelineClock, loop: ScrapeLoop) {
        self.store = store
        self.clock = clock
        self.loop = loop
    }

    var all: [ScrapedTarget] { state.locked { Array($0.active.values) } }

    /// Scrapes the targets of these pools, and no others.
    func replace(with pools: some Collection<TargetPool>) {
        var wanted: [String: (target: Target, settings: ScrapeConfiguration, refusal: String?)] =
            [:]
        for pool in pools {
            let settings = pool.configuration.withoutDiscovery
            for target in pool.result.targets {
                wanted[target.identity] = (target, settings, pool.limitError)
            }
        }
        state.locked { state in
            for (identity, old) in state.active where wanted[identity] == nil {
                state.active[identity] = nil
                state.tasks.removeValue(forKey: identity)?.cancel()
                old.stop()
                farewell(old, &state)
            }
            for (identity, (target, settings, refusal)) in wanted {
                let old = state.active[identity]
                if let old, old.configuration == settings {
                    old.refusal = refusal
                    continue
                }
                old?.stop()
                state.tasks.removeValue(forKey: identity)?.cancel()
                let new = ScrapedTarget(target, settings, store: store, continuing: old)
                new.refusal = refusal
                state.active[identity] = new
                if state.isRunning { start(identity, &state) }
            }
        }
    }

    // MARK: Running

    /// Scrapes until the task is cancelled.
    func run() async {
        state.locked { state in
            state.isRunning = true
            for identity in state.active.keys { start(identity, &state) }
        }
        await untilCancelled()
        let tasks = state.locked { state in
            state.isRunning = false
            defer {
                state.tasks = [:]
                state.farewells = [:]
            }
            return Array(state.tasks.values) + Array(state.farewells.values)
        }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    private func start(_ identity: String, _ state: inout State) {
        guard let scraped = state.active[identity] else { return }
        state.tasks[identity] = Task { [loop] in await loop.run(scraped) }
    }

    /// Of a target that is gone everything goes stale at its next due time, written when another
    /// interval and a bit have passed: it may have come back by then.
    private func farewell(_ scraped: ScrapedTarget, _ state: inout State) {
        guard let last = scraped.status.lastScrape else { return }
        let interval = scraped.target.interval
        let staleTime = last + interval
        guard state.isRunning else {
            scraped.end(at: staleTime)
            return
        }
        let wait = Milliseconds(interval.value + interval.value / 10)
        let number = state.nextFarewell
        state.nextFarewell += 1
        state.farewells[number] = Task {
            try? await clock.sleep(until: staleTime + wait)
            let successor = takeSuccessor(of: scraped, farewell: number)
            // At a shutdown nothing goes stale: it will go on where it was.
            if Task.isCancelled { return }
            if let successor {
                scraped.yield(to: successor, at: staleTime)
            } else {
                scraped.end(at: staleTime)
            }
        }
    }

    /// The target that has the axis of one that is gone, if it came back.
    private func takeSuccessor(of scraped: ScrapedTarget, farewell number: Int) -> ScrapedTarget? {
        state.locked { state in
            state.farewells[number] = nil
            return state.active.values.first { $0.target.axisKey == scraped.target.axisKey }
        }
    }
}
