import Configuration

/// The targets of one scrape configuration, as they were made of what was discovered last.
struct TargetPool {
    let configuration: ScrapeConfiguration
    private(set) var result = TargetBuilder.Result()
    /// Why none of them may be scraped, or nil.
    private(set) var limitError: String?
    /// The version of the groups that they were made of.
    private(set) var version: UInt64 = 0

    init(_ configuration: ScrapeConfiguration) { self.configuration = configuration }

    /// The pool with the targets of these groups.
    func rebuilt(of groups: [DiscoveredGroup], version: UInt64) -> TargetPool {
        var pool = self
        pool.version = version
        pool.result = TargetBuilder(configuration).build(groups)
        let (count, limit) = (pool.result.targets.count, configuration.limits.targets)
        let isOver = limit > 0 && count > limit
        pool.limitError =
            isOver ? "target_limit exceeded (number of targets: \(count), limit: \(limit))" : nil
        return pool
    }
}

extension ScrapeConfiguration {
    /// What of it matters to a target once it is found.
    var withoutDiscovery: ScrapeConfiguration {
        var copy = self
        copy.discoveries = ServiceDiscoveries()
        copy.relabeling = []
        return copy
    }
}
