import Configuration
import Model

/// What the discoveries of a job find now, and what becomes of it.
public struct DiscoveryPreview: Sendable {
    /// One source: an entry of a section.
    public struct Source: Sendable {
        /// The section, such as `dns_sd_configs`.
        public var section: String
        /// Which entry of the section it is, from 0.
        public var index: Int
        /// What its first look brought; nil where it was not finished in time.
        public var update: SourceUpdate?
    }

    /// A target that relabelling drops.
    public struct Dropped: Sendable {
        /// The labels before relabelling, as they may be shown.
        public var discoveredLabels: Labels
        /// The number of the rule of `relabel_configs` that drops it, from 1; nil where no label is left.
        public var rule: Int?
        /// Why it is dropped, in words.
        public var reason: String { DroppedTarget.reason(droppingRule: rule.map { $0 - 1 }) }
    }

    /// The sources, in the order of the configuration.
    public var sources: [Source]
    /// The targets that would be scraped.
    public var targets: [Target]
    /// Those that relabelling drops.
    public var dropped: [Dropped]
    /// What cannot become a target, and why.
    public var failures: [String]

    /// Lets each source of the job look once, all at the same time, for at most `limit`.
    public static func look(
        _ job: ScrapeConfiguration, in environment: SourceEnvironment, for limit: Duration
    ) async -> DiscoveryPreview {
        let all = TargetSources.of(job.discoveries)
        let updates = await withTaskGroup(of: (Int, SourceUpdate?).self) { group in
            for (number, source) in all.enumerated() {
                group.addTask { (number, await firstUpdate(of: source, environment, limit)) }
            }
            var updates = [SourceUpdate?](repeating: nil, count: all.count)
            for await (number, update) in group { updates[number] = update }
            return updates
        }
        var indices: [String: Int] = [:]
        let sources = zip(all, updates).map { source, update in
            let section = type(of: source).section
            defer { indices[section, default: 0] += 1 }
            return Source(section: section, index: indices[section, default: 0], update: update)
        }
        var unlimited = job
        unlimited.limits.keptDroppedTargets = 0
        let result = TargetBuilder(unlimited).build(updates.flatMap { $0?.groups ?? [] })
        return DiscoveryPreview(
            sources: sources, targets: result.targets,
            dropped: result.dropped.map { dropped in
                Dropped(
                    discoveredLabels: dropped.shownLabels,
                    rule: dropped.droppingRule(in: job.relabeling).map { $0 + 1 })
            }, failures: result.failures)
    }

    private static func firstUpdate(
        of source: any TargetSource, _ environment: SourceEnvironment, _ limit: Duration
    ) async -> SourceUpdate? {
        if let known = source.knownGroups { return SourceUpdate(groups: known) }
        let (updates, sink) = AsyncStream<SourceUpdate>.makeStream()
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { await source.run(in: environment) { sink.yield($0) } }
            group.addTask {
                try? await Task.sleep(for: limit)
                sink.finish()
            }
            var first: SourceUpdate?
            for await update in updates {
                first = update
                break
            }
            group.cancelAll()
            return first
        }
    }
}
