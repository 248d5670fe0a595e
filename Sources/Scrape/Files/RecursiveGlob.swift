import Configuration
import Model

/// A pattern in which the part `**` stands for any number of folders, none included: `/metrics/**/*.prom`.
///
/// The other parts follow Go's rules. Only files are found; links to folders are not followed. A walk is
/// bounded, and says so where it left something out.
struct RecursiveGlob {
    /// How many folders deep `**` looks.
    static let maximumDepth = 16
    /// How many files a pattern finds.
    static let maximumFiles = 10_000
    /// How many files and folders are looked at for a pattern.
    static let maximumEntries = 100_000

    /// What a pattern found.
    struct Found: Hashable {
        /// The files, in order.
        var paths: [String] = []
        /// What was left out, and what to do; empty where nothing was.
        var problems: [String] = []
    }

    private static let anyFolders = "**"

    private let pattern: String
    /// Where the walk begins: a path or a pattern of Go's.
    private let base: String
    /// The parts from the first `**` on; nil stands for it.
    private let parts: [GlobPattern?]

    /// nil where no part is `**`, or the pattern is broken.
    init?(_ pattern: String) {
        let all = pattern.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let first = all.firstIndex(of: RecursiveGlob.anyFolders) else { return nil }
        var parts: [GlobPattern?] = []
        for part in all[first...] where !part.isEmpty {
            if part == RecursiveGlob.anyFolders {
                parts.append(nil)
            } else if let glob = try? GlobPattern(part) {
                parts.append(glob)
            } else {
                return nil
            }
        }
        self.pattern = pattern
        self.parts = parts
        let front = all[..<first].joined(separator: "/")
        base = first == 0 ? "." : front.isEmpty ? "/" : front
    }

    /// The files that it matches.
    func find(in files: ScrapeFiles) -> Found {
        var walk = Walk(parts: parts, files: files)
        let bases = GlobPattern.isPattern(base) ? files.glob(base) : [base]
        for base in bases { walk.enter(base, []) }
        let problems = walk.exceeded.sorted().map { limit in
            "\(pattern): \(limit); the rest is left out: narrow the pattern"
        }
        return Found(paths: walk.paths, problems: problems)
    }

    private struct Walk {
        let parts: [GlobPattern?]
        let files: ScrapeFiles
        private(set) var paths: [String] = []
        private(set) var exceeded: Set<String> = []
        private var entries = 0

        init(parts: [GlobPattern?], files: ScrapeFiles) {
            self.parts = parts
            self.files = files
        }

        /// Looks at what is in a folder; `names` lead to it from the base.
        mutating func enter(_ folder: String, _ names: [String]) {
            if names.count > RecursiveGlob.maximumDepth {
                exceeded.insert(
                    "folders are more than \(RecursiveGlob.maximumDepth) deep "
                        + "(RecursiveGlob.maximumDepth)")
                return
            }
            for entry in files.entries(folder) {
                entries += 1
                if entries > RecursiveGlob.maximumEntries {
                    exceeded.insert(
                        "more than \(RecursiveGlob.maximumEntries) files and folders "
                            + "(RecursiveGlob.maximumEntries)")
                    return
                }
                let path = FilePath.join(folder, entry.name)
                if entry.isFolder {
                    enter(path, names + [entry.name])
                } else if matches(names + [entry.name]) {
                    add(path)
                }
            }
        }

        private mutating func add(_ path: String) {
            if paths.count < RecursiveGlob.maximumFiles { return paths.append(path) }
            exceeded.insert(
                "more than \(RecursiveGlob.maximumFiles) files match (RecursiveGlob.maximumFiles)")
        }

        /// Whether the names match all parts. `reached[n]`: the names so far match the first n parts.
        private func matches(_ names: [String]) -> Bool {
            var reached = [Bool](repeating: false, count: parts.count + 1)
            reached[0] = true
            spread(&reached)
            for name in names {
                var next = [Bool](repeating: false, count: parts.count + 1)
                for (index, part) in parts.enumerated() where reached[index] {
                    if let part {
                        if part.matches(name) { next[index + 1] = true }
                    } else {
                        next[index] = true
                    }
                }
                spread(&next)
                reached = next
            }
            return reached[parts.count]
        }

        /// `**` may stand for nothing.
        private func spread(_ reached: inout [Bool]) {
            for (index, part) in parts.enumerated() where part == nil && reached[index] {
                reached[index + 1] = true
            }
        }
    }
}
