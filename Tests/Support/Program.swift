import Foundation

/// Where the tests find the program and the data that they drive it with.
public enum Program {
    /// The program was not built, or is not where it is looked for.
    public struct Missing: Error, CustomStringConvertible {
        public let description: String
    }

    /// The repository's folder.
    public static let repository: URL = {
        var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<3 { folder.deleteLastPathComponent() }
        return folder
    }()

    /// The program: `TOCSIN_BINARY`, or what was built beside these tests.
    public static func path() throws -> String {
        if let path = ProcessInfo.processInfo.environment["TOCSIN_BINARY"], !path.isEmpty {
            guard FileManager.default.isExecutableFile(atPath: path) else {
                throw Missing(description: "TOCSIN_BINARY is \(path), which cannot be executed")
            }
            return path
        }
        let started = CommandLine.arguments.first ?? ""
        let beside = [Bundle.main.bundleURL, URL(fileURLWithPath: started)]
            .map { $0.resolvingSymlinksInPath() }
            .flatMap { [$0, $0.deletingLastPathComponent()] }
        let folders =
            beside + ["release", "debug"].map { repository.appendingPathComponent(".build/" + $0) }
        let candidates = folders.map { $0.appendingPathComponent("tocsin").path }
        for candidate in candidates where isProgram(candidate) { return candidate }
        throw Missing(
            description: "the program `tocsin` is not built: it was looked for at "
                + candidates.joined(separator: ", ") + "; TOCSIN_BINARY can name another")
    }

    private static func isProgram(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        let exists = unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        return exists && !isFolder.boolValue && FileManager.default.isExecutableFile(atPath: path)
    }
}

/// A folder of a test's own, gone with it.
public final class Workspace: Sendable {
    /// Its path.
    public let path: String

    /// A new, empty one.
    public init() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("tocsin-test-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file in it.
    public func file(_ name: String) -> String { path + "/" + name }

    /// Writes a file into it.
    public func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: file(name)))
    }

    /// A file's text, empty where there is none.
    public func read(_ name: String) -> String {
        let data = try? Data(contentsOf: URL(fileURLWithPath: file(name)))
        return data.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
