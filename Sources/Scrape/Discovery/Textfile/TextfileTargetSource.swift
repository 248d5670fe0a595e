import Configuration
import Model

/// `textfile_configs`: each file is a target, whose exposition it holds.
struct TextfileTargetSource: TargetSource {
    static let mechanism = "textfile"
    static let section = "textfile_configs"

    let settings: [TextfileSource]

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let access = environment.files
        await environment.poll(
            every: FileTargetSource.pollInterval, from: Textfiles()
        ) { [settings] before, now in
            await FileQueue.apart {
                var files = before
                files.look(settings, with: access, now: now)
                return files
            }
        } found: { files in
            yield(SourceUpdate(groups: files.groups, problems: files.problems))
        }
    }
}

/// The text files that are targets: a state machine.
///
/// A path without a pattern is a target whether the file exists or not: that it is missing must ring.
/// What a pattern once found stays a target until it has been gone for its maximum age. A file that
/// several entries name belongs to the first.
struct Textfiles: Sendable {
    /// What patterns left out.
    private(set) var problems: [String] = []
    private var files: [String: (source: TextfileSource, seen: Timestamp)] = [:]

    var groups: [DiscoveredGroup] {
        files.sorted { $0.key < $1.key }.map { path, file in
            DiscoveredGroup(
                place: "textfile \(path)",
                targets: [
                    Labels([
                        "__address__": path, "__scheme__": "file", "__metrics_path__": path,
                        "__meta_filepath": path,
                    ])
                ], labels: file.source.labels,
                exposition: .textfile(path: path, maximumAge: file.source.maximumAge))
        }
    }

    mutating func look(_ settings: [TextfileSource], with access: ScrapeFiles, now: Timestamp) {
        var claimed: Set<String> = []
        problems = []
        for source in settings {
            for pattern in source.files {
                for path in paths(of: pattern, access) where claimed.insert(path).inserted {
                    files[path] = (source, now)
                }
            }
        }
        files = files.filter { now - $0.value.seen <= $0.value.source.maximumAge }
    }

    private mutating func paths(of pattern: String, _ access: ScrapeFiles) -> [String] {
        if let recursive = RecursiveGlob(pattern) {
            let found = recursive.find(in: access)
            problems += found.problems
            return found.paths
        }
        return GlobPattern.isPattern(pattern) ? access.glob(pattern) : [pattern]
    }
}
