import Configuration
import Model

/// What a scrape configuration's files say of its targets, read again as they change.
///
/// A state machine around `ScrapeFiles`: `refresh` looks at the files and tells whether anything
/// changed. A file that cannot be read or understood keeps the targets that it last brought, as in
/// Prometheus; one that is gone takes them with it.
struct Discovery {
    /// How often changed files are looked for.
    static let pollInterval = Milliseconds.seconds(5)

    private let configuration: ScrapeConfiguration
    private let files: ScrapeFiles
    private var groups: [String: [TargetGroup]] = [:]
    private var stamps: [String: FileStamp] = [:]
    private var lastRead: [String: Timestamp] = [:]
    private var textfiles: [String: (source: TextfileSource, seen: Timestamp)] = [:]
    /// What is wrong with the files, by path.
    private(set) var problems: [String: String] = [:]

    init(_ configuration: ScrapeConfiguration, files: ScrapeFiles) {
        self.configuration = configuration
        self.files = files
    }

    /// Whether there is anything to look at now and then.
    var isWatching: Bool {
        !configuration.fileDiscoveries.isEmpty || !configuration.textfiles.isEmpty
    }

    /// The groups found, static ones first.
    var discoveredGroups: [TargetBuilder.DiscoveredGroup] {
        configuration.staticTargets.map { .init($0) }
            + groups.sorted { $0.key < $1.key }
            .flatMap { path, groups in groups.map { .init($0, file: path) } }
    }

    /// The text files found.
    var discoveredFiles: [TargetBuilder.DiscoveredFile] {
        textfiles.sorted { $0.key < $1.key }.map { .init(path: $0.key, source: $0.value.source) }
    }

    /// Looks at the files. True where the targets may have changed.
    mutating func refresh(now: Timestamp) -> Bool {
        let groupsChanged = refreshGroups(now)
        return refreshTextfiles(now) || groupsChanged
    }

    private mutating func refreshGroups(_ now: Timestamp) -> Bool {
        var present: Set<String> = []
        var isChanged = false
        for discovery in configuration.fileDiscoveries {
            for path in discovery.files.flatMap(files.glob) where present.insert(path).inserted {
                guard let stamp = files.stamp(path) else { continue }
                let due = (lastRead[path] ?? .distantPast) + discovery.refreshInterval
                guard stamps[path] != stamp || now >= due else { continue }
                stamps[path] = stamp
                lastRead[path] = now
                isChanged = load(path) || isChanged
            }
        }
        for path in groups.keys where !present.contains(path) {
            groups[path] = nil
            stamps[path] = nil
            lastRead[path] = nil
            isChanged = true
        }
        problems = problems.filter { present.contains($0.key) }
        return isChanged
    }

    private mutating func load(_ path: String) -> Bool {
        do throws(FileAccess.ReadError) {
            let bytes = try files.read(path, YAMLLimits().fileSize)
            let result = TargetGroup.load(text: bytes, path: path)
            guard let loaded = result.value, result.errors.isEmpty else {
                problems[path] = Problems(result.errors).description
                return false
            }
            problems[path] = nil
            defer { groups[path] = loaded }
            return groups[path] != loaded
        } catch {
            problems[path] = "\(path): \(error)"
            return false
        }
    }

    /// A path without a pattern is a target whether the file exists or not: that it is missing must
    /// ring. What a pattern once found stays a target until it has been gone for its maximum age.
    private mutating func refreshTextfiles(_ now: Timestamp) -> Bool {
        let before = Set(textfiles.keys)
        var claimed: Set<String> = []
        for source in configuration.textfiles {
            for pattern in source.files {
                let isPattern = GlobPattern.isPattern(pattern)
                for path in isPattern ? files.glob(pattern) : [pattern]
                where claimed.insert(path).inserted {
                    textfiles[path] = (source, now)
                }
            }
        }
        textfiles = textfiles.filter { now - $0.value.seen <= $0.value.source.maximumAge }
        return Set(textfiles.keys) != before
    }
}
