import Foundation
import TestSupport
import Testing
import TestScripts

/// Prometheus's own test scripts. `TOCSIN_SCRIPT=name` (a part of a file's name; `all` for every one)
/// prints what fails in them instead of judging it.
@Suite struct ScriptTests {
    static let files = SharedData.files("conformance/promql", endingIn: ".test").map(\.path)

    /// How many evaluations the scripts have.
    static let evaluations = 2214

    static func report(_ path: String) throws -> FileReport {
        ScriptRunner.run(
            try String(contentsOfFile: path, encoding: .utf8),
            file: URL(filePath: path).lastPathComponent)
    }

    @Test(.enabled(if: !files.isEmpty, "\(SharedData.missing)"))
    func scripts() throws {
        if let name = ProcessInfo.processInfo.environment["TOCSIN_SCRIPT"] {
            return try show(name)
        }
        var cases = 0
        for path in Self.files {
            let report = try Self.report(path)
            #expect(report.problems.isEmpty, "\(report.file)")
            for one in report.cases where !one.passed {
                Issue.record("\(report.file):\(one.line): \(one.name): \(one.failures)")
            }
            cases += report.cases.count
        }
        #expect(cases == Self.evaluations)
    }

    private func show(_ name: String) throws {
        var total = TestReport()
        for path in Self.files where name == "all" || path.contains(name) {
            let report = try Self.report(path)
            total.files.append(report)
            for problem in report.problems { print(problem) }
            for one in report.cases where !one.passed {
                print("\(report.file):\(one.line): \(one.name)")
                for line in one.failures.joined(separator: "\n").split(separator: "\n") {
                    print("    \(line)")
                }
            }
        }
        for report in total.files {
            print("\(report.file): \(report.passed) of \(report.cases.count)")
        }
        print("\(total.passed) passed, \(total.failed) failed")
    }
}
