import Foundation
import UnitTesting
import TestScripts
import TestSupport
import Testing

/// promtool's verdicts on its own test files.
@Suite(.enabled(if: SharedData.has("conformance/promtool"), "\(SharedData.missing)"))
struct ConformanceTests {
    private func folder() throws -> URL {
        try #require(SharedData.url("conformance/promtool"))
    }

    @Test func promtoolsVerdicts() throws {
        let folder = try folder()
        let verdicts = try String(
            contentsOf: folder.appendingPathComponent("VERDICTS.txt"), encoding: .utf8)
        var count = 0
        for line in verdicts.split(separator: "\n") {
            guard let range = line.range(of: "promtool test rules ") else { continue }
            let name = String(line[range.upperBound...])
            let path = folder.appendingPathComponent(name).path
            let report = TestRunner().run(TestRunner.File(path: path))
            count += 1
            let said = ReportText.lines(report).joined(separator: "\n")
            #expect((report.failed == 0) == line.hasPrefix("exit 0"), "\(said)")
            #expect(report.passed + report.failed > 0, "\(name)")
        }
        #expect(count == 15)
    }

    @Test func unknownKeysMayBeLetPass() throws {
        var options = TestRunner.Options()
        options.ignoresUnknownKeys = true
        let path = try folder().appendingPathComponent("rules_run_extrafields.yml").path
        let report = TestRunner(options).run(TestRunner.File(path: path))
        #expect(report.failed == 0 && report.passed == 1)
    }

    @Test func aFolderIsItsTests() throws {
        let (files, problems) = TestRunner.find([try folder().path])
        #expect(problems.isEmpty)
        let names = files.map { URL(fileURLWithPath: $0.path).lastPathComponent }
        #expect(names.contains("unittest.yml") && !names.contains("rules.yml"))
        #expect(names.count == 15)
        let scripts = TestRunner.find([try folder().path + "/../promql"]).files
        #expect(scripts.count == 21 && scripts.allSatisfy { $0.kind == .script })
    }
}
