import Check
import Configuration
import Foundation
import Model
import TestSupport
import Testing

@Suite(.enabled(if: SharedData.has("lynex-guide.md"), "\(SharedData.missing)"))
struct GuideTests {
    @Test func theGuidesMistakesAreFound() throws {
        let path = try #require(SharedData.url("lynex-guide.md")?.path)
        let problems = Checker.checkQueries([path])
        #expect(problems.filter { $0.severity == .error } == [])
        let found = problems.filter { !$0.check.isEmpty }
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        let expected = [
            ("rule/self-ratio", "lynex_ui_cache_operations_total"),
            ("rule/self-ratio", "lynex_ui_auth_requests_total"),
            ("rule/self-ratio", "lynex_model_requests_total"),
            ("rule/self-ratio", "lynex_events_archived_total"),
            ("rule/unknown-job", "up{job=\"clickhouse\"}"),
            ("rule/unit-of-time", "Cost rate is ${{ $value }}/hour"),
        ]
        #expect(found.map(\.check) == expected.map(\.0))
        for (problem, (_, text)) in zip(found, expected) {
            #expect(lines[problem.place.line - 1].contains(text), "\(problem)")
        }
    }
}

@Suite(
    .enabled(
        if: SharedData.has("conformance/promtool", "conformance/rules"), "\(SharedData.missing)"))
struct ConformanceCheckTests {
    private func folder(_ name: String) throws -> URL {
        try #require(SharedData.url("conformance/\(name)"))
    }

    @Test func promtoolsVerdicts() throws {
        let folder = try folder("promtool")
        let verdicts = try String(
            contentsOf: folder.appendingPathComponent("VERDICTS.txt"), encoding: .utf8)
        var count = 0
        for line in verdicts.split(separator: "\n") {
            guard let range = line.range(of: "promtool check rules ") else { continue }
            let name = String(line[range.upperBound...])
            count += 1
            let problems = Checker.checkRules([folder.appendingPathComponent(name).path])
            let isGood = !problems.contains { $0.severity == .error }
            #expect(isGood == line.hasPrefix("exit 0"), "\(name): \(problems)")
        }
        #expect(count == 12)
    }

    @Test func filesOfRealExportersPass() throws {
        let files = SharedData.files("conformance/rules", endingIn: ".yml", ".yaml")
        #expect(files.count >= 83)
        let rules = try files.compactMap {
            RuleFile.load(text: Array(try Data(contentsOf: $0)), path: $0.path).value
        }
        .flatMap(\.groups).map(\.rules.count).reduce(0, +)
        #expect(rules >= 873)
        let problems = Checker.checkRules(files.map(\.path))
        #expect(problems.filter { $0.severity == .error } == [])
        // Nothing that is said about files that run in many places may be said about most of them.
        let advice = Dictionary(grouping: problems, by: \.check).mapValues(\.count)
        #expect(advice.values.allSatisfy { $0 < rules / 4 }, "\(advice)")
    }
}

/// The files that come with Tocsin.
struct ShippedFilesCheckTests {
    @Test func nothingIsWrongButWhatTheGuideSays() {
        let problems = Checker.check(
            configurationPath: Program.repository.appendingPathComponent("tocsin.yml").path)
        // The guide's rules are shipped as they are written, and its secrets are the user's to add.
        let known: Set<String> = ["notifier/missing-secret", "rule/unit-of-time"]
        #expect(problems.filter { !known.contains($0.check) } == [])
        #expect(problems.count { $0.check == "rule/unit-of-time" } == 1)
        #expect(problems.allSatisfy { $0.severity != .error })
    }

    private static let promtool = ["/usr/bin/promtool", "/usr/local/bin/promtool"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    @Test(.enabled(if: promtool != nil, "promtool is not installed"))
    func promtoolAcceptsTheRules() throws {
        let rules = Program.repository.appendingPathComponent("rules")
        let names = try FileManager.default.contentsOfDirectory(atPath: rules.path)
            .filter { $0.hasSuffix(".yml") && !$0.hasSuffix("_test.yml") }.sorted()
        #expect(names.count >= 2)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.promtool))
        process.arguments =
            ["check", "rules"] + names.map { rules.appendingPathComponent($0).path }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(String(decoding: said, as: UTF8.self))")
    }
}
