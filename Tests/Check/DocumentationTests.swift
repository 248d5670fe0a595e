import Foundation
import Rules
import Testing

/// What is documented is what there is.
struct DocumentationTests {
    @Test func everyCheckHasItsSection() throws {
        var root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<3 { root.deleteLastPathComponent() }
        let page = try String(
            contentsOf: root.appendingPathComponent("docs/checks.md"), encoding: .utf8)
        let sections = page.split(separator: "\n").filter { $0.hasPrefix("### rule/") }
            .map { String($0.dropFirst(4)) }
        #expect(sections.sorted() == RuleCheck.all.map(\.name).sorted())
        #expect(RuleCheck.all.allSatisfy { !$0.reason.isEmpty })
    }
}
