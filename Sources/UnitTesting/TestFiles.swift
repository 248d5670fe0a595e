import Configuration
import Foundation
import Model

extension TestRunner {
    /// The files that are meant: files as they are named, and everything in folders that is a test:
    /// scripts (`*.test`), and YAML files with `tests` at their top.
    public static func find(_ paths: [String]) -> (files: [File], problems: [Problem]) {
        var found: [File] = []
        var problems: [Problem] = []
        for path in paths {
            var isFolder: ObjCBool = false
            guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                problems.append(
                    Problem(at: SourcePlace(file: path), "no such file or directory"))
                continue
            }
            if !isFolder.boolValue {
                found.append(File(path: path))
                continue
            }
            let inside = tests(in: path)
            if inside.isEmpty {
                problems.append(
                    Problem(
                        at: SourcePlace(file: path),
                        "no tests in this folder: neither *.test nor YAML files with 'tests:'"))
            }
            found += inside
        }
        return (found, problems)
    }

    private static func tests(in folder: String) -> [File] {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
        let base = folder.hasSuffix("/") ? folder : folder + "/"
        return names.sorted().compactMap { name in
            if name.hasPrefix(".") || name.contains("/.") { return nil }
            let path = base + name
            if name.hasSuffix(".test") { return File(path: path) }
            guard name.hasSuffix(".yml") || name.hasSuffix(".yaml"),
                let bytes = try? FileAccess.system.read(path),
                UnitTestFile.isUnitTest(bytes, path: path)
            else { return nil }
            return File(path: path)
        }
    }
}
