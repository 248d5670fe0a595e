import TestScripts

/// Reports as the XML that continuous integration reads (JUnit's).
public enum JUnit {
    /// The whole document.
    public static func document(_ report: TestReport) -> String {
        var out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        out += "<testsuites\(counts(report.passed + report.failed, report.failed))>\n"
        for file in report.files {
            out += "  <testsuite\(attribute("name", file.file))"
            out += "\(counts(file.passed + file.failed, file.failed))>\n"
            for problem in file.problems.prefix(1) {
                let all = file.problems.map(\.description).joined(separator: "\n")
                out += testCase(
                    TestCase(name: "the file", line: problem.place.line, failures: [all]), file.file
                )
            }
            for one in file.cases { out += testCase(one, file.file) }
            out += "  </testsuite>\n"
        }
        return out + "</testsuites>\n"
    }

    private static func counts(_ tests: Int, _ failures: Int) -> String {
        attribute("tests", "\(tests)") + attribute("failures", "\(failures)")
            + attribute("errors", "0") + attribute("skipped", "0")
    }

    private static func testCase(_ one: TestCase, _ file: String) -> String {
        var out = "    <testcase" + attribute("name", one.name) + attribute("classname", file)
        out += attribute("file", file)
        if one.line > 0 { out += attribute("line", "\(one.line)") }
        if one.passed { return out + "/>\n" }
        out += ">\n"
        for failure in one.failures {
            let message = failure.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? ""
            out += "      <failure" + attribute("message", message) + attribute("type", "failure")
            out += ">\(escaped(failure))</failure>\n"
        }
        return out + "    </testcase>\n"
    }

    private static func attribute(_ name: String, _ value: String) -> String {
        " \(name)=\"\(escaped(value, isAttribute: true))\""
    }

    /// Text with what XML reserves replaced; characters that XML cannot hold become U+FFFD.
    private static func escaped(_ text: String, isAttribute: Bool = false) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out.append(contentsOf: "&amp;".unicodeScalars)
            case "<": out.append(contentsOf: "&lt;".unicodeScalars)
            case ">": out.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": out.append(contentsOf: "&quot;".unicodeScalars)
            case "\n" where isAttribute: out.append(contentsOf: "&#10;".unicodeScalars)
            case "\t", "\n", "\r": out.append(scalar)
            default:
                let isHeld =
                    scalar.value >= 0x20 && scalar.value != 0xfffe && scalar.value != 0xffff
                out.append(isHeld ? scalar : "\u{fffd}")
            }
        }
        return String(out)
    }
}
