import Configuration
import Model
import Scrape
import Store
import Synchronization
import Testing
import Transport

/// Files in memory, with stamps.
final class FakeFiles: Sendable {
    private let contents = Mutex<[String: (text: String, stamp: FileStamp)]>([:])

    func write(_ path: String, _ text: String, at time: Timestamp) {
        contents.withLock { contents in
            let inode = (contents[path]?.stamp.inode ?? 0) + 1
            let stamp = FileStamp(
                modified: time.milliseconds * 1_000_000, size: Int64(text.utf8.count), inode: inode)
            contents[path] = (text, stamp)
        }
    }

    func remove(_ path: String) { contents.withLock { $0[path] = nil } }

    var access: ScrapeFiles {
        ScrapeFiles(
            stamp: { path in self.contents.withLock { $0[path]?.stamp } },
            read: { path, _ throws(FileAccess.ReadError) in
                guard let file = self.contents.withLock({ $0[path] }) else {
                    throw FileAccess.ReadError("no such file or directory")
                }
                return Array(file.text.utf8)
            },
            glob: { pattern in
                let suffix = pattern.split(separator: "*").last.map(String.init) ?? pattern
                return self.contents.withLock { $0.keys.filter { $0.hasSuffix(suffix) } }.sorted()
            },
            entries: { folder in
                let below = self.contents.withLock { Array($0.keys) }
                    .filter { $0.hasPrefix(folder + "/") }
                    .map { $0.dropFirst(folder.count + 1).split(separator: "/") }
                let names = Dictionary(grouping: below) { String($0[0]) }
                return names.sorted { $0.key < $1.key }.map { name, paths in
                    FolderEntry(name: name, isFolder: paths.contains { $0.count > 1 })
                }
            })
    }
}
