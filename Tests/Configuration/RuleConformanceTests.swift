import Configuration
import Foundation
import TestSupport
import Testing

/// Rule files of others: promtool's test data and those of real exporters.
@Suite(
    .enabled(
        if: SharedData.has("conformance/rules", "conformance/promtool"), "\(SharedData.missing)"))
struct RuleConformanceTests {
    /// Files that promtool refuses for their expressions, which are not parsed here.
    static let refusedForExpressions: Set<String> = [
        "features.yml", "bad-rules-syntax.yml", "rules-bad.yml",
    ]

    @Test func promtoolsVerdicts() {
        var count = 0
        for line in (SharedData.text("conformance/promtool/VERDICTS.txt") ?? "").split(
            separator: "\n")
        {
            guard let range = line.range(of: "promtool check rules ") else { continue }
            let name = String(line[range.upperBound...])
            count += 1
            let text = Array((SharedData.text("conformance/promtool/\(name)") ?? "").utf8)
            let result = RuleFile.load(text: text, path: name)
            let isGood = line.hasPrefix("exit 0") || Self.refusedForExpressions.contains(name)
            let problems = result.problems.map(\.description).joined(separator: "\n")
            #expect((result.value != nil) == isGood, "\(name): \(problems)")
        }
        #expect(count == 12)
    }

    @Test func realRuleFilesLoad() throws {
        let files = SharedData.files("conformance/rules", endingIn: ".yml", ".yaml")
        #expect(files.count >= 83)
        var rules = 0
        for file in files {
            let result = RuleFile.load(text: Array(try Data(contentsOf: file)), path: file.path)
            #expect(result.problems.isEmpty, "\(result.problems.map(\.description))")
            let groups = result.value?.groups ?? []
            #expect(!groups.isEmpty, "\(file.path)")
            rules += groups.map(\.rules.count).reduce(0, +)
        }
        #expect(rules >= 873)
    }
}
