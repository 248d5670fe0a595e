import Configuration
import Model
import UnitTesting
import TestScripts
import Testing

/// Runs a file that is only in memory, beside others.
func run(
    _ text: String, name: String = "tests.yml", beside files: [String: String] = [:],
    _ change: (inout TestRunner.Options) -> Void = { _ in }
) -> FileReport {
    var options = TestRunner.Options()
    change(&options)
    var all = files
    all[name] = text
    return TestRunner(options, files: .memory(all)).run(TestRunner.File(path: name))
}

extension FileReport {
    /// What the failures say.
    var failures: [String] { cases.flatMap(\.failures) }
}
