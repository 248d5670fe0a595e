import Configuration
import Foundation
import Glibc
import Model

/// What tells whether a file was written anew.
public struct FileStamp: Sendable, Hashable {
    /// When it was last written, in nanoseconds since 1970.
    public var modified: Int64
    /// Its size in bytes.
    public var size: Int64
    /// Which file it is: a renamed one in its place is another.
    public var inode: UInt64

    /// A stamp.
    public init(modified: Int64, size: Int64, inode: UInt64 = 0) {
        self.modified = modified
        self.size = size
        self.inode = inode
    }

    /// When it was last written.
    public var time: Timestamp { Timestamp(milliseconds: modified / 1_000_000) }
}

/// What is in a folder.
public struct FolderEntry: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// Whether it is a folder itself; a link to one is neither.
    public var isFolder: Bool

    /// An entry.
    public init(name: String, isFolder: Bool) {
        self.name = name
        self.isFolder = isFolder
    }
}

/// How files of discovery and of expositions are looked at.
public struct ScrapeFiles: Sendable {
    /// The file's stamp, or nil where there is none.
    public var stamp: @Sendable (_ path: String) -> FileStamp?
    /// Its bytes, at most `limit` and one more.
    public var read:
        @Sendable (_ path: String, _ limit: Int) throws(FileAccess.ReadError) -> [UInt8]
    /// The existing files that match a pattern.
    public var glob: @Sendable (_ pattern: String) -> [String]

    /// The files and folders in a folder, by name, without links to folders; none where it cannot be read.
    public var entries: @Sendable (_ folder: String) -> [FolderEntry]

    /// Made of functions.
    public init(
        stamp: @escaping @Sendable (String) -> FileStamp?,
        read: @escaping @Sendable (String, Int) throws(FileAccess.ReadError) -> [UInt8],
        glob: @escaping @Sendable (String) -> [String],
        entries: @escaping @Sendable (String) -> [FolderEntry] = { _ in [] }
    ) {
        self.entries = entries
        self.stamp = stamp
        self.read = read
        self.glob = glob
    }

    /// The file system.
    public static let system = ScrapeFiles(
        stamp: { path in
            var info = stat()
            guard unsafe fstatat(AT_FDCWD, path, &info, 0) == 0 else { return nil }
            let (seconds, nanoseconds) = (info.st_mtim.tv_sec, info.st_mtim.tv_nsec)
            return FileStamp(
                modified: Int64(seconds).multipliedSaturating(1_000_000_000)
                    .addingSaturating(Int64(nanoseconds)),
                size: Int64(info.st_size), inode: UInt64(info.st_ino))
        },
        read: { path, limit throws(FileAccess.ReadError) in
            try FileAccess.contents(of: path, limit: limit)
        },
        glob: FileAccess.system.glob, entries: ScrapeFiles.entries)

    private static func entries(_ folder: String) -> [FolderEntry] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted { $0.byteOrder($1) < 0 }.compactMap { name in
            let path = FilePath.join(folder, name)
            guard let mode = mode(path, flags: AT_SYMLINK_NOFOLLOW) else { return nil }
            if mode & S_IFMT == S_IFLNK {
                guard let target = self.mode(path, flags: 0), target & S_IFMT != S_IFDIR else {
                    return nil
                }
            }
            return FolderEntry(name: name, isFolder: mode & S_IFMT == S_IFDIR)
        }
    }

    private static func mode(_ path: String, flags: Int32) -> mode_t? {
        var info = stat()
        guard unsafe fstatat(AT_FDCWD, path, &info, flags) == 0 else { return nil }
        return info.st_mode
    }
}
