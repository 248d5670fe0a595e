import Foundation
import Model

extension FileAccess {
    /// The files of the file system that match a pattern, as Go's `filepath.Glob` finds them; none
    /// for a broken pattern.
    static func matches(of pattern: String) -> [String] {
        if !GlobPattern.isValid(pattern) { return [] }
        var folder = pattern
        // The parts of the path from the first one on that is a pattern, last one first.
        var parts: [GlobPattern] = []
        while GlobPattern.isPattern(folder) {
            let slash = folder.utf8.lastIndex(of: UInt8(ascii: "/"))
            let name = slash.map { String(folder[folder.utf8.index(after: $0)...]) } ?? folder
            // A set that has a slash in it is cut in two, and matches nothing.
            guard let part = try? GlobPattern(name) else { return [] }
            parts.append(part)
            folder = slash.map { $0 == folder.startIndex ? "/" : String(folder[..<$0]) } ?? "."
        }
        if parts.isEmpty { return exists(pattern) ? [pattern] : [] }
        var found = [folder]
        while let part = parts.popLast() {
            found = found.flatMap { folder in
                names(in: folder).filter(part.matches).map { FilePath.join(folder, $0) }
            }
        }
        return found
    }

    private static func exists(_ path: String) -> Bool {
        (try? FileManager.default.attributesOfItem(atPath: path)) != nil
    }

    private static func names(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted { $0.byteOrder($1) < 0 }
    }
}

extension FileAccess {
    /// The files that patterns match, in order, each once however it is spelled, and a warning for each
    /// pattern that matches none. `key` is where the patterns stand.
    public func paths(
        matching patterns: [Located<String>], of key: String
    ) -> (paths: [String], problems: [Problem]) {
        var paths: [String] = []
        var problems: [Problem] = []
        var seen: Set<String> = []
        for pattern in patterns {
            let found = glob(pattern.value).map(FilePath.spelling)
            // A pattern that is none has an error of its own.
            if found.isEmpty, GlobPattern.isValid(pattern.value) {
                problems.append(
                    Problem(
                        .warning, at: pattern.place, path: key,
                        "no file matches \(pattern.value.goQuoted)"))
            }
            paths += found.filter { path in
                let absolute = path.hasPrefix("/") ? path : workingDirectory + "/" + path
                return seen.insert(FilePath.spelling(absolute)).inserted
            }
        }
        return (paths, problems)
    }
}
