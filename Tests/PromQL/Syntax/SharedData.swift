import Foundation

/// Test data beside the package, which is not part of it.
enum SyntaxTestData {
    static var root: URL {
        if let path = ProcessInfo.processInfo.environment["TOCSIN_SHARED"] {
            return URL(filePath: path, directoryHint: .isDirectory)
        }
        return URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "shared", directoryHint: .isDirectory)
    }

    static func text(_ path: String) -> String? {
        try? String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    static func files(_ folder: String, ending: String) -> [String] {
        let folder = root.appending(path: folder)
        let all = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        var found: [String] = []
        while let url = all?.nextObject() as? URL {
            if url.path.hasSuffix(ending) { found.append(url.path) }
        }
        return found.sorted()
    }
}
