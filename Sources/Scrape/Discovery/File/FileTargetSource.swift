import Configuration
import Model

/// An entry of `file_sd_configs`: files of target groups, read again as they change.
struct FileTargetSource: TargetSource {
    static let mechanism = "file"
    /// How often changed files are looked for.
    static let pollInterval = Milliseconds.seconds(5)

    let settings: FileDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let access = environment.files
        await environment.poll(
            every: FileTargetSource.pollInterval, from: TargetFiles()
        ) { [settings] before, now in
            await FileQueue.apart {
                var files = before
                files.look(settings, with: access, now: now)
                return files
            }
        } found: { files in
            yield(SourceUpdate(groups: files.groups, problems: files.problemTexts))
        }
    }
}

/// The files of one source and what they said: a state machine.
///
/// A file that cannot be read or understood keeps the groups that it last brought, as in Prometheus;
/// one that is gone takes them with it.
struct TargetFiles: Sendable {
    private struct File: Sendable {
        var groups: [TargetGroup] = []
        var stamp: FileStamp?
        var lastRead = Timestamp.distantPast
        var problem: String?
    }

    private var files: [String: File] = [:]

    var groups: [DiscoveredGroup] {
        files.sorted { $0.key < $1.key }.flatMap { path, file in
            file.groups.map { DiscoveredGroup($0, file: path) }
        }
    }

    var problemTexts: [String] {
        files.sorted { $0.key < $1.key }.compactMap(\.value.problem)
    }

    /// Reads what has changed, and what has not been read for the refresh interval.
    mutating func look(_ settings: FileDiscovery, with access: ScrapeFiles, now: Timestamp) {
        var present: Set<String> = []
        for path in settings.files.flatMap(access.glob) where present.insert(path).inserted {
            guard let stamp = access.stamp(path) else { continue }
            var file = files[path] ?? File()
            if file.stamp != stamp || now >= file.lastRead + settings.refreshInterval {
                file.stamp = stamp
                file.lastRead = now
                TargetFiles.read(path, access, &file)
            }
            files[path] = file
        }
        files = files.filter { present.contains($0.key) }
    }

    private static func read(_ path: String, _ access: ScrapeFiles, _ file: inout File) {
        do throws(FileAccess.ReadError) {
            let bytes = try access.read(path, YAMLLimits().fileSize)
            let result = TargetGroup.load(text: bytes, path: path)
            if let loaded = result.value, result.errors.isEmpty {
                file.groups = loaded
                file.problem = nil
            } else {
                file.problem = Problems(result.errors).description
            }
        } catch {
            file.problem = "\(path): \(error)"
        }
    }
}
