import Configuration

/// `static_configs`: known as soon as they are read.
struct StaticTargetSource: TargetSource {
    static let mechanism = "static"
    static let section = "static_configs"

    let groups: [TargetGroup]

    var knownGroups: [DiscoveredGroup]? {
        groups.map { DiscoveredGroup($0) }
    }

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        yield(SourceUpdate(groups: knownGroups))
    }
}
