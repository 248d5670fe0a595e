import Model
import TestScripts

/// Reports as people read them.
public enum ReportText {
    /// What is said of a file: a line, and below it what failed.
    public static func lines(_ report: FileReport) -> [String] {
        var lines = report.warnings.map(\.description)
        lines.append("\(report.file): \(counts(report.passed, report.failed))")
        lines += report.problems.map { "  \($0)" }
        for one in report.cases where !one.passed {
            let place = one.line > 0 ? "\(report.file):\(one.line)" : report.file
            lines.append("  \(place): \(one.name)")
            for failure in one.failures {
                lines += failure.split(separator: "\n", omittingEmptySubsequences: false).map {
                    "    \($0)"
                }
            }
        }
        return lines
    }

    /// The last line: how many there were in all.
    public static func total(_ report: TestReport) -> String {
        counts(report.passed, report.failed)
    }

    private static func counts(_ passed: Int, _ failed: Int) -> String {
        let text = "\(grouped(passed)) passed"
        return failed == 0 ? text : "\(text), \(grouped(failed)) failed"
    }

    /// With commas between thousands.
    private static func grouped(_ number: Int) -> String {
        var out = ""
        for (index, digit) in String(number).reversed().enumerated() {
            if index > 0, index % 3 == 0 { out.append(",") }
            out.append(digit)
        }
        return String(out.reversed())
    }
}
