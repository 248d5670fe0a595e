import Foundation
import Model

#if canImport(Glibc)
    import Glibc
#endif

/// How documents are read: the file system, or in a test whatever stands for it.
public struct FileAccess: Sendable {
    /// A file that cannot be read.
    public struct ReadError: Error, CustomStringConvertible, Sendable {
        /// Why, e.g. `no such file or directory`.
        public let description: String

        /// A reason.
        public init(_ description: String) { self.description = description }
    }

    /// A file's bytes; at most `YAMLLimits.fileSize` and one more.
    public var read: @Sendable (_ path: String) throws(ReadError) -> [UInt8]
    /// The existing files that match a pattern (`GlobPattern`), sorted.
    public var glob: @Sendable (_ pattern: String) -> [String]
    /// The folder that relative paths mean.
    public var workingDirectory: String

    /// Made of two functions.
    public init(
        workingDirectory: String = "/",
        read: @escaping @Sendable (String) throws(ReadError) -> [UInt8],
        glob: @escaping @Sendable (String) -> [String]
    ) {
        self.workingDirectory = workingDirectory
        self.read = read
        self.glob = glob
    }

    /// Files in memory.
    public static func memory(_ files: [String: String]) -> FileAccess {
        FileAccess(
            read: { path throws(ReadError) in
                guard let text = files[path] else { throw ReadError("no such file or directory") }
                return Array(text.utf8)
            },
            glob: { pattern in
                if files[pattern] != nil { return [pattern] }
                let pattern = try? GlobPattern(pattern)
                return files.keys.filter { pattern?.matches($0) ?? false }.sorted()
            })
    }

    /// The file system.
    public static let system = FileAccess(
        workingDirectory: FileManager.default.currentDirectoryPath,
        read: { path throws(ReadError) in
            try contents(of: path, limit: YAMLLimits().fileSize)
        },
        glob: { matches(of: $0) })

    /// A file's bytes. One that is larger than `limit` is read until there are more than that.
    public static func contents(
        of path: String, limit: Int
    ) throws(ReadError) -> [UInt8] {
        // Not blocking: a pipe in the file's place must not hold up its reader.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if descriptor < 0 { throw ReadError(reason()) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= limit {
            let count = unsafe chunk.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw ReadError(reason())
            }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return bytes
    }

    private static func reason() -> String {
        (unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "cannot be read")
            .lowercased()
    }
}
