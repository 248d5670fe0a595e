import Configuration
import Model

/// The target groups of `static_configs` and `file_sd_configs`, for others than scrapes.
///
/// A file that cannot be read or understood keeps the targets that it last brought.
public struct TargetDiscovery: Sendable {
    /// How often files are worth looking at.
    public static let pollInterval = Discovery.pollInterval

    private var discovery: Discovery

    /// Nothing has been read yet.
    public init(
        staticTargets: [TargetGroup], files: [FileDiscovery], access: ScrapeFiles = .system
    ) {
        var configuration = ScrapeConfiguration(jobName: "")
        configuration.staticTargets = staticTargets
        configuration.fileDiscoveries = files
        discovery = Discovery(configuration, files: access)
    }

    /// Looks at the files. True where the groups may have changed.
    public mutating func refresh(now: Timestamp) -> Bool { discovery.refresh(now: now) }

    /// The groups found, static ones first; those of a file have its path as `__meta_filepath`.
    public var groups: [TargetGroup] {
        discovery.discoveredGroups.map { found in
            guard let file = found.file else { return found.group }
            return TargetGroup(
                targets: found.group.targets,
                labels: found.group.labels.setting("__meta_filepath", file))
        }
    }

    /// What is wrong with the files, in order of their paths.
    public var problems: [String] {
        discovery.problems.sorted { $0.key < $1.key }.map(\.value)
    }
}
