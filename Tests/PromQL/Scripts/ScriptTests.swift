import Foundation
import Testing

/// Prometheus's own test scripts. What concerns plain numbers must pass; evaluations over native
/// histograms are run, so that they cannot trap, and not judged; what the engine refuses by name
/// (functions and modifiers to come) is not held against it.
@Suite struct ScriptTests {
    static let files = SyntaxTestData.files("conformance/promql", ending: ".test")

    @Test(.enabled(if: !files.isEmpty, "no PromQL test scripts beside the package"))
    func scripts() throws {
        var passed = 0
        for path in Self.files {
            let script = TestScript(try String(contentsOfFile: path, encoding: .utf8))
            var runner = ScriptRunner()
            runner.run(script)
            let name = URL(filePath: path).lastPathComponent
            #expect(script.problems.isEmpty, "\(name)")
            passed += runner.tally.passed
            for failure in runner.tally.failed {
                if failure.reason.contains("is not supported yet") { continue }
                Issue.record("\(name):\(failure.line): \(failure.reason)")
            }
        }
        #expect(passed >= 1190)
    }
}
