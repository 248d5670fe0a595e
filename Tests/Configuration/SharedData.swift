import Foundation
import Testing

/// Data that stands beside the repository: `TOCSIN_SHARED`, or `../shared` beside the package.
enum SharedData {
    static let root: URL? = {
        if let path = ProcessInfo.processInfo.environment["TOCSIN_SHARED"] {
            return URL(fileURLWithPath: path)
        }
        var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<6 {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent("shared/conformance")
            if FileManager.default.fileExists(atPath: candidate.path) {
                return folder.appendingPathComponent("shared")
            }
        }
        return nil
    }()

    static let isMissing: Comment = "the shared conformance data is not beside the repository"

    /// The files under a folder of the conformance data, by their path within it.
    static func files(_ folder: String, endingIn endings: [String]) -> [String] {
        guard let base = root?.appendingPathComponent("conformance/\(folder)"),
            let all = FileManager.default.enumerator(atPath: base.path)
        else { return [] }
        return all.compactMap { $0 as? String }
            .filter { name in endings.contains { name.hasSuffix($0) } }.sorted()
    }

    static func path(_ relative: String) -> String {
        root?.appendingPathComponent("conformance/\(relative)").path ?? relative
    }

    static func text(_ relative: String) -> String {
        (try? String(contentsOfFile: path(relative), encoding: .utf8)) ?? ""
    }
}
