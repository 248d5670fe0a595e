import Configuration
import Model
import RuleTests
import TestScripts
import Testing

/// Runs a file that is only in memory, beside others.
func run(
    _ text: String, name: String = "tests.yml", beside files: [String: String] = [:],
    _ change: (inout RuleTests.Options) -> Void = { _ in }
) -> FileReport {
    var options = RuleTests.Options()
    change(&options)
    var all = files
    all[name] = text
    return RuleTests(options, files: .memory(all)).run(RuleTests.File(path: name))
}

extension FileReport {
    /// What the failures say.
    var failures: [String] { cases.flatMap(\.failures) }
}
