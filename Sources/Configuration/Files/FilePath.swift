/// Paths as texts, with slashes: what Go's `filepath` makes of them.
public enum FilePath {
    /// The shortest path that means the same by its text alone, as `filepath.Clean` makes it: no
    /// `.`, no empty part, no `..` that a part before it takes back; `.` where nothing is left.
    public static func clean(_ path: String) -> String {
        let isRooted = path.utf8.first == UInt8(ascii: "/")
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part != ".." {
                parts.append(part)
            } else if let last = parts.last, last != ".." {
                parts.removeLast()
            } else if !isRooted {
                parts.append(part)
            }
        }
        let joined = parts.joined(separator: "/")
        return isRooted ? "/" + joined : joined.isEmpty ? "." : joined
    }

    /// A name in a folder, cleaned.
    public static func join(_ directory: String, _ name: String) -> String {
        clean(directory.isEmpty ? name : directory + "/" + name)
    }

    /// The folder that a path names something in; "" for the working directory.
    static func directory(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The path, a relative one within `directory` and cleaned, as Prometheus reads the paths in its
    /// files. An absolute one stays as it is written.
    static func resolve(_ path: String, in directory: String) -> String {
        path.isEmpty || path.hasPrefix("/") ? path : join(directory, path)
    }

    /// One spelling for all of a file's. An absolute path with `..` stays as it is: behind a
    /// symbolic link it means something else than its text says.
    static func spelling(_ path: String) -> String {
        path.hasPrefix("/") && path.split(separator: "/").contains("..") ? path : clean(path)
    }
}
