import Configuration
import Model
import PromQL
import Rules
import TestScripts

/// Runs files of rule unit tests.
struct UnitTests {
    private let options: TestRunner.Options
    private let files: FileAccess

    init(_ options: TestRunner.Options, _ files: FileAccess) {
        self.options = options
        self.files = files
    }

    func run(_ bytes: [UInt8], path: String) -> FileReport {
        let loaded = UnitTestFile.load(
            text: bytes, path: path, ignoresUnknownKeys: options.ignoresUnknownKeys)
        guard let file = loaded.value else {
            return FileReport(file: path, problems: loaded.errors)
        }
        var report = FileReport(file: path)
        report.warnings = loaded.warnings
        let numbered = file.tests.enumerated().filter { _, test in
            options.names.map { $0.matchesAnywhere(test.name) } ?? true
        }
        // Rules that no test asks for are not looked at.
        if numbered.isEmpty { return report }
        let rules = load(file, &report)
        if !report.problems.isEmpty { return report }
        for (index, test) in numbered {
            let name = test.name.isEmpty ? "unnamed#\(index)" : test.name
            let run = UnitTestRun(
                test, called: name, of: file, rules: rules,
                features: options.features)
            report.cases += run.cases()
        }
        return report
    }

    /// The rule files, checked as at a start of the daemon.
    private func load(_ file: UnitTestFile, _ report: inout FileReport) -> [RuleFile] {
        var rules: [RuleFile] = []
        var sources: [String: [UInt8]] = [:]
        let (paths, warnings) = files.paths(matching: file.ruleFiles, of: "rule_files")
        report.warnings += warnings
        for path in paths {
            do {
                let bytes = try files.read(path)
                sources[path] = bytes
                let result = RuleFile.load(
                    text: bytes, path: path, ignoresUnknownKeys: options.ignoresUnknownKeys)
                report.problems += result.errors
                if let value = result.value { rules.append(value) }
            } catch {
                report.problems.append(Problem(at: SourcePlace(file: path), "\(error)"))
            }
        }
        let context = CheckContext(
            sources: sources, parser: ParserOptions(features: options.features))
        report.problems += RuleCheck.run(RuleCheck.errors, files: rules, context)
        return rules
    }
}
