import Foundation

/// Test data that stands beside the repository: `../shared`, or the folder that `TOCSIN_SHARED` names.
///
/// It holds recorded scrapes with the references' answers, and the references' own test files. A test
/// that needs it is skipped where it is missing, with `missing` as the reason.
public enum SharedData {
    /// Why a test is skipped, and what to do about it.
    public static let missing = """
        NOT TESTED: the test data is missing. It belongs into ../shared beside the repository, \
        or into the folder that TOCSIN_SHARED names; CONTRIBUTING.md says what it holds
        """

    /// The folder, or nil where there is none.
    public static let root: URL? = {
        let named = ProcessInfo.processInfo.environment["TOCSIN_SHARED"] ?? ""
        let folder =
            named.isEmpty
            ? Program.repository.deletingLastPathComponent().appendingPathComponent("shared")
            : URL(fileURLWithPath: named)
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()

    /// A file or folder of it, or nil where that is missing.
    public static func url(_ path: String) -> URL? {
        guard let url = root?.appendingPathComponent(path),
            FileManager.default.fileExists(atPath: url.path)
        else { return nil }
        return url
    }

    /// Whether all of these are there.
    public static func has(_ paths: String...) -> Bool { paths.allSatisfy { url($0) != nil } }

    /// A file's text, or nil where that is missing.
    public static func text(_ path: String) -> String? {
        url(path).flatMap { try? String(contentsOf: $0, encoding: .utf8) }
    }

    /// The files below a folder whose names end so, sorted.
    public static func files(_ folder: String, endingIn endings: String...) -> [URL] {
        guard let base = url(folder),
            let all = FileManager.default.enumerator(atPath: base.path)
        else { return [] }
        return all.compactMap { $0 as? String }
            .filter { name in endings.contains { name.hasSuffix($0) } }
            .sorted().map(base.appendingPathComponent)
    }
}
