import Foundation

/// A directory of its own that goes away with the object.
final class TemporaryDirectory: Sendable {
    let path = NSTemporaryDirectory() + "tocsin-\(UUID().uuidString)"

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func overwrite(_ name: String, with text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
        for suffix in ["-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: path + "/" + name + suffix)
        }
    }

    func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: path + "/" + name)
    }
}
