import Foundation
import Model
import UnitTesting
import TestScripts
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

struct ReportTests {
    static let report = TestReport([
        FileReport(
            file: "a<b>.test",
            cases: [
                TestCase(name: "up == \"1\" & more", line: 3),
                TestCase(name: "down", line: 5, failures: ["another result\n- 1\u{1}\n+ 2"]),
            ]),
        FileReport(
            file: "c.yml", problems: [Problem(at: SourcePlace(file: "c.yml", line: 2), "bad")]),
    ])

    /// Notes what a document holds.
    private final class Reader: NSObject, XMLParserDelegate {
        var elements: [String] = []
        var attributes: [[String: String]] = []
        var text = ""

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
            qualifiedName: String?, attributes: [String: String] = [:]
        ) {
            elements.append(name)
            self.attributes.append(attributes)
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
    }

    @Test func junitIsXML() {
        let reader = Reader()
        let parser = XMLParser(data: Data(JUnit.document(Self.report).utf8))
        parser.delegate = reader
        #expect(parser.parse())
        #expect(
            reader.elements == [
                "testsuites", "testsuite", "testcase", "testcase", "failure", "testsuite",
                "testcase", "failure",
            ])
        #expect(reader.attributes[0]["tests"] == "3" && reader.attributes[0]["failures"] == "2")
        #expect(reader.attributes[1]["name"] == "a<b>.test")
        #expect(reader.attributes[2]["name"] == "up == \"1\" & more")
        #expect(reader.attributes[4]["message"] == "another result")
        #expect(reader.text.contains("- 1\u{fffd}\n+ 2"))
    }

    @Test func peopleReadPlaces() {
        #expect(
            Self.report.files.flatMap { ReportText.lines($0) } == [
                "a<b>.test: 1 passed, 1 failed", "  a<b>.test:5: down", "    another result",
                "    - 1\u{1}", "    + 2", "c.yml: 0 passed, 1 failed", "  c.yml:2: error: bad",
            ])
        let many = (0..<2214).map { TestCase(name: "\($0)") }
        #expect(ReportText.total(TestReport([FileReport(file: "", cases: many)])) == "2,214 passed")
    }
}
