import Foundation
import TestSupport

/// A small file system that can be filled up.
final class ChaosDisk: Sendable {
    let path: String

    /// A file system at the path; nil where this user may not make one.
    static func mount(at path: String, in workspace: Workspace) async throws -> ChaosDisk? {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let mounted = try? await Subprocess.run(
            "/bin/mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", path], in: workspace,
            name: "mount")
        return mounted?.end == .exited(0) ? ChaosDisk(path) : nil
    }

    private init(_ path: String) { self.path = path }

    deinit {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/umount")
        process.arguments = ["-l", path]
        try? process.run()
        process.waitUntilExit()
    }

    /// Takes every byte that is left.
    func fill() throws {
        let file = path + "/filler"
        _ = FileManager.default.createFile(atPath: file, contents: nil)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
        defer { try? handle.close() }
        for size in [1 << 20, 4096, 1] {
            let block = Data(repeating: 0x55, count: size)
            while (try? handle.write(contentsOf: block)) != nil {}
        }
    }

    func free() throws { try FileManager.default.removeItem(atPath: path + "/filler") }
}
