import Configuration
import Foundation
import UnitTesting
import TestScripts
import TestSupport
import Testing

/// The rules that come with Tocsin, and their unit tests.
struct ShippedRulesTests {
    private static let folder = Program.repository.appendingPathComponent("rules").path
    private static let names = ["alerts", "tocsin"]

    @Test(arguments: names) func theirTestsPass(_ name: String) {
        let report = TestRunner().run(TestRunner.File(path: Self.folder + "/\(name)_test.yml"))
        #expect(report.warnings.isEmpty)
        #expect(report.failed == 0, "\(ReportText.lines(report).joined(separator: "\n"))")
        #expect(report.passed > 0)
    }

    @Test(arguments: names) func everyAlertIsTestedBothWays(_ name: String) throws {
        let rules = Self.folder + "/\(name).yml"
        let tests = Self.folder + "/\(name)_test.yml"
        let groups = try RuleFile.load(text: try FileAccess.system.read(rules), path: rules).get()
            .groups
        let file = try UnitTestFile.load(text: try FileAccess.system.read(tests), path: tests).get()
        let questions = file.tests.flatMap(\.alertTests)
        for rule in groups.flatMap(\.rules) {
            let own = questions.filter { $0.name == rule.name }
            #expect(own.contains { !$0.alerts.isEmpty }, "\(rule.name) fires nowhere")
            if rule.forDuration == .zero { continue }
            #expect(own.contains { $0.alerts.isEmpty }, "\(rule.name) is silent nowhere")
        }
    }

    @Test func aFolderHasBoth() {
        let (files, problems) = TestRunner.find([Self.folder])
        #expect(problems.isEmpty)
        #expect(files.map(\.path) == Self.names.map { Self.folder + "/\($0)_test.yml" })
    }

    private static let promtool = ["/usr/bin/promtool", "/usr/local/bin/promtool"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    @Test(.enabled(if: promtool != nil, "promtool is not installed"))
    func promtoolAgrees() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.promtool))
        process.arguments = ["test", "rules"] + Self.names.map { Self.folder + "/\($0)_test.yml" }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(String(decoding: said, as: UTF8.self))")
    }
}
